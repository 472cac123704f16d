//! Uniform draws from a generator that is handed in. Written here because `rand_core` has none; the draws are
//! unbiased and the same on every platform.

use rand_core::Rng;

/// A uniform index in `0..n`: Lemire's multiplication with rejection (DOI 10.1145/3230636). `n` must be positive.
pub(crate) fn below(rng: &mut impl Rng, n: usize) -> usize {
    let n = n as u64;
    loop {
        let wide = u128::from(rng.next_u64()) * u128::from(n);
        let low = wide as u64;
        if low >= n || low >= n.wrapping_neg() % n {
            return (wide >> 64) as usize;
        }
    }
}

/// Moves a uniform sample of `k` of the items, without replacement, to the front of `items`.
pub(crate) fn sample_to_front<T>(rng: &mut impl Rng, items: &mut [T], k: usize) {
    for i in 0..k {
        let other = i + below(rng, items.len() - i);
        items.swap(i, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use random::{Purpose, stream};

    #[test]
    fn every_index_is_equally_likely() {
        let mut rng = stream(1, Purpose::Test, 0, 0);
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            counts[below(&mut rng, 6)] += 1;
        }
        // Five standard deviations of a binomial(60,000, 1/6) are 456.
        assert!(counts.iter().all(|&c| c.abs_diff(10_000) < 456), "{counts:?}");
    }

    #[test]
    fn a_sample_holds_each_item_once() {
        let mut rng = stream(2, Purpose::Test, 0, 0);
        let mut seen = [0_u32; 5];
        for _ in 0..5_000 {
            let mut items = [0, 1, 2, 3, 4];
            sample_to_front(&mut rng, &mut items, 3);
            for &i in &items[..3] {
                seen[i] += 1;
            }
            items.sort_unstable();
            assert_eq!(items, [0, 1, 2, 3, 4]);
        }
        assert!(seen.iter().all(|&c| c.abs_diff(3_000) < 175), "{seen:?}");
    }
}
