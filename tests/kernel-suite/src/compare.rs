//! Comparing results with expected ones.

use crate::run::Results;

/// Largest difference, relative to the largest element of a result (and to 1 where that is smaller). Single precision
/// carries 6e-8; sums over some thousand terms, and a batch-norm over few elements, lose one to two digits of it.
pub const TOLERANCE: f32 = 1e-5;

/// The largest relative error, or a message that names the first element beyond [`TOLERANCE`].
pub fn largest_error(got: &Results, expected: &Results, of: &dyn std::fmt::Debug) -> Result<f32, String> {
    largest_error_within(TOLERANCE, got, expected, of)
}

/// As [`largest_error`], with a tolerance of its own.
pub fn largest_error_within(
    tolerance: f32,
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
        let size = expected.iter().fold(1.0f32, |size, value| size.max(value.abs()));
        for (element, (&got, &expected)) in got.iter().zip(expected).enumerate() {
            let error = (got - expected).abs() / size;
            // A NaN is no agreement.
            if error.is_nan() || error > tolerance {
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
