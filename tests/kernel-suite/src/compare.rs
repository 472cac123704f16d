//! Comparing results with expected ones.

use kernels::{BATCH_NORM_EPSILON, Backend, Precision};

use crate::run::{Results, SPARE};

/// Largest difference, relative to the largest element of a result (and to 1 where that is smaller). Single precision
/// carries 6e-8; sums over some thousand terms, and a batch-norm over few elements, lose one to two digits of it.
pub const TOLERANCE: f32 = 1e-5;

/// The same where feature maps are in bfloat16, which carries 4e-3, relative to the largest element whatever it is; sums are in
/// single precision.
const BF16_TOLERANCE: f32 = 1e-2;

/// What does not depend on a batch's deviations.
const NOT_MAGNIFIED: [&str; 3] = ["mean", "linear", "evaluated"];

/// The largest relative error, or a message that names the first element beyond what the backend's precision allows. In bfloat16 a
/// batch-norm magnifies what rounding its input has lost, as it divides by the deviation.
pub fn largest_error<B: Backend>(
    backend: &B,
    got: &Results,
    expected: &Results,
    of: &dyn std::fmt::Debug,
) -> Result<f32, String> {
    match backend.precision() {
        Precision::F32 => largest_error_within(TOLERANCE, got, expected, of),
        Precision::Bf16 => {
            let magnified = BF16_TOLERANCE * magnification(expected).max(1.0);
            let tolerance =
                |name: &str| if NOT_MAGNIFIED.contains(&name) { BF16_TOLERANCE } else { magnified };
            compare(&tolerance, f32::MIN_POSITIVE, got, expected, of)
        }
    }
}

/// As [`largest_error`], with a tolerance of its own.
pub fn largest_error_within(
    tolerance: f32,
    got: &Results,
    expected: &Results,
    of: &dyn std::fmt::Debug,
) -> Result<f32, String> {
    compare(&|_| tolerance, 1.0, got, expected, of)
}

/// The largest linear output over the least deviation of a channel; 0 without a batch-norm.
fn magnification(expected: &Results) -> f32 {
    let of = |wanted: &str| {
        let found = expected.iter().find(|(name, _)| name == wanted);
        found.map_or(&[][..], |(_, values)| &values[..values.len() - SPARE])
    };
    let largest = of("linear").iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
    let least = of("variance").iter().fold(f32::INFINITY, |least, &variance| least.min(variance));
    largest / (least + BATCH_NORM_EPSILON as f32).sqrt()
}

/// Compares each result within the tolerance of its name, relative to its largest element, which counts as no less than `least`.
fn compare(
    tolerance: &dyn Fn(&str) -> f32,
    least: f32,
    got: &Results,
    expected: &Results,
    of: &dyn std::fmt::Debug,
) -> Result<f32, String> {
    let mut worst = 0.0f32;
    if got.len() != expected.len() {
        return Err(format!("{of:?}: {} results for {}", got.len(), expected.len()));
    }
    for ((name, got), (_, expected)) in got.iter().zip(expected) {
        if got.len() != expected.len() {
            return Err(format!("{name} of {of:?}: {} elements for {}", got.len(), expected.len()));
        }
        let size = expected.iter().fold(least, |size, value| size.max(value.abs()));
        for (element, (&got, &expected)) in got.iter().zip(expected).enumerate() {
            let error = (got - expected).abs() / size;
            // A NaN is no agreement.
            if error.is_nan() || error > tolerance(name) {
                return Err(format!(
                    "{name}[{element}] of {of:?}: expected {expected}, got {got} (relative error {error:e})"
                ));
            }
            worst = worst.max(error);
        }
    }
    Ok(worst)
}

/// The bits of all results.
pub fn bits(results: &Results) -> Vec<Vec<u32>> {
    results.iter().map(|(_, values)| values.iter().map(|value| value.to_bits()).collect()).collect()
}
