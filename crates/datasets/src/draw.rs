//! Uniform draws from a stream, written out here so that their values belong to this crate's own promise and
//! cannot change with a dependency. Exact arithmetic only; it knows no distribution but the uniform one.

use rand_core::Rng;

/// A uniform integer in `0..bound` (Lemire's multiply-and-reject method, <https://doi.org/10.1145/3230636>).
///
/// `bound` must not be zero.
pub(crate) fn below(rng: &mut impl Rng, bound: u32) -> u32 {
    let mut product = u64::from(rng.next_u32()) * u64::from(bound);
    if (product as u32) < bound {
        let threshold = bound.wrapping_neg() % bound;
        while (product as u32) < threshold {
            product = u64::from(rng.next_u32()) * u64::from(bound);
        }
    }
    (product >> 32) as u32
}

/// A uniform multiple of 2^-24 in `[0, 1)`.
pub(crate) fn unit(rng: &mut impl Rng) -> f32 {
    (rng.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// A uniform value in `[low, high)`.
pub(crate) fn between(rng: &mut impl Rng, low: f32, high: f32) -> f32 {
    low + (high - low) * unit(rng)
}

/// Puts `items` in a uniformly random order (Fisher-Yates).
pub(crate) fn shuffle<T>(rng: &mut impl Rng, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(rng, last as u32 + 1) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use random::{Purpose, stream};

    #[test]
    fn below_is_uniform_within_its_bound() {
        let mut rng = stream(1, Purpose::Test, 0, 0);
        let mut counts = [0_u32; 7];
        for _ in 0..70_000 {
            counts[below(&mut rng, 7) as usize] += 1;
        }
        // Five standard deviations of a binomial count with mean 10,000.
        assert!(counts.iter().all(|&count| count.abs_diff(10_000) < 470), "{counts:?}");
        assert_eq!(below(&mut rng, 1), 0);
    }

    #[test]
    fn shuffle_reaches_every_order() {
        let mut rng = stream(2, Purpose::Test, 0, 0);
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..6_000 {
            let mut items = [0, 1, 2];
            shuffle(&mut rng, &mut items);
            *seen.entry(items).or_insert(0_u32) += 1;
        }
        assert_eq!(seen.len(), 6);
        assert!(seen.values().all(|&count| count.abs_diff(1_000) < 150), "{seen:?}");
    }
}
