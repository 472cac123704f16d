//! Squeezes one objective into 256 levels that keep its order: a row that is at a higher level is greater. Levels are as
//! evenly filled as a sample of the values allows, on a linear scale or, where that is too crowded, on a logarithmic one.

use super::scale::{Scale, higher, lower};
use crate::simd::SET;

/// Most values of a sample.
pub(super) const SAMPLE: usize = 128;
/// Bins for each value of the sample.
const BINS: usize = 2;
/// A bin with more than one in so many values is a reason to try the other scale.
const SHARE: usize = 32;

/// The level of any value: its bin first, then the bin's level.
#[derive(Debug, Clone, Default)]
pub(super) struct Levels {
    bins: Bins,
    of_bin: Vec<u8>,
    counts: Vec<u32>,
}

/// How values fall into bins.
#[derive(Debug, Clone, Copy)]
enum Bins {
    Linear(Scale),
    /// Equal steps of the bit pattern: equal ratios of the value.
    Logarithmic {
        low: u64,
        shift: u32,
        last: u64,
    },
}

impl Default for Bins {
    fn default() -> Self {
        Self::Linear(Scale::default())
    }
}

impl Levels {
    /// Fits the levels to a sample of the values.
    pub(super) fn fit(&mut self, sample: &[f64]) {
        let n_bins = (BINS * sample.len()).max(2);
        self.bins = linear(sample, n_bins);
        let fullest = self.count(sample, n_bins);
        if fullest as usize * SHARE > sample.len() {
            let occupied = self.occupied();
            let other = std::mem::replace(&mut self.bins, logarithmic(sample, n_bins));
            self.count(sample, n_bins);
            if self.occupied() < occupied {
                self.bins = other;
                self.count(sample, n_bins);
            }
        }
        // Fixed-point 256 / n, rounded down: the last level is 255 at most.
        let share = (256_u64 << 32) / sample.len().max(1) as u64;
        let mut below = 0_u64;
        self.of_bin.clear();
        self.of_bin.extend(self.counts.iter().map(|&count| {
            let level = (below * share) >> 32;
            below += u64::from(count);
            level.min(255) as u8
        }));
    }

    /// The level of every value: `a <= b` implies `level(a) <= level(b)`. A NaN has any.
    #[inline(always)]
    pub(super) fn encode(&self, values: &[f64; SET], levels: &mut [u8; SET]) {
        let mut bins = [0_u16; SET];
        for (bin, &value) in bins.iter_mut().zip(values) {
            *bin = self.bins.of(value) as u16;
        }
        for (level, bin) in levels.iter_mut().zip(bins) {
            *level = self.of_bin[usize::from(bin)];
        }
    }

    /// Counts the sample's values in each bin; the greatest count.
    fn count(&mut self, sample: &[f64], n_bins: usize) -> u32 {
        self.counts.clear();
        self.counts.resize(n_bins, 0);
        let bins = self.bins;
        let mut fullest = 0;
        for &value in sample {
            let count = &mut self.counts[bins.of(value) as usize];
            *count += 1;
            fullest = fullest.max(*count);
        }
        fullest
    }

    fn occupied(&self) -> usize {
        self.counts.iter().filter(|&&count| count > 0).count()
    }
}

impl Bins {
    /// The bin of a value; values beyond those of the sample are in the first or the last.
    #[inline(always)]
    fn of(self, value: f64) -> u64 {
        match self {
            Self::Linear(scale) => scale.place(value),
            Self::Logarithmic { low, shift, last } => {
                (sortable(value).saturating_sub(low) >> shift).min(last)
            }
        }
    }
}

fn linear(sample: &[f64], n_bins: usize) -> Bins {
    let values = || sample.iter().copied();
    let (low, high) = (values().fold(f64::INFINITY, lower), values().fold(f64::NEG_INFINITY, higher));
    Bins::Linear(Scale::between(low, high, n_bins as u32 - 1))
}

fn logarithmic(sample: &[f64], n_bins: usize) -> Bins {
    let keys = || sample.iter().map(|&value| sortable(value));
    let (low, high) = keys().fold((u64::MAX, 0), |(low, high), key| (low.min(key), high.max(key)));
    let shift = (u64::BITS - (high - low).leading_zeros()).saturating_sub(n_bins.ilog2());
    Bins::Logarithmic { low, shift, last: n_bins as u64 - 1 }
}

/// An integer that orders like the value; -0 and +0 are the same.
fn sortable(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    bits ^ ((bits as i64 >> 63) as u64 | 1 << 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64]) {
        let mut fitted = Levels::default();
        // A part of the values, as large inputs do.
        fitted.fit(&values[..values.len().div_ceil(2)]);
        let level = |value: f64| {
            let mut levels = [0; SET];
            fitted.encode(&[value; SET], &mut levels);
            levels[0]
        };
        let mut order = values.to_vec();
        order.sort_by(f64::total_cmp);
        for pair in order.windows(2) {
            assert!(level(pair[0]) <= level(pair[1]), "{} and {}", pair[0], pair[1]);
            assert!(pair[0] < pair[1] || level(pair[0]) == level(pair[1]), "equal values, equal levels");
        }
    }

    #[test]
    fn levels_keep_the_order() {
        let wave: Vec<f64> = (0..700).map(|i| f64::from(i * 7919 % 1000) - 300.0).collect();
        check(&wave);
        check(&wave.iter().map(|x| (x / 20.0).exp()).collect::<Vec<_>>());
        check(&wave.iter().map(|x| (x / 100.0).floor() * 0.0).collect::<Vec<_>>());
        check(&wave.iter().map(|x| if *x > 500.0 { f64::INFINITY } else { *x * 1e300 }).collect::<Vec<_>>());
        check(&wave.iter().map(|x| f64::INFINITY.copysign(*x)).collect::<Vec<_>>());
        check(&wave.iter().map(|x| 5e-324 * x.abs().floor()).collect::<Vec<_>>());
        check(&[f64::MAX, -f64::MAX, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.0]);
    }

    #[test]
    fn even_values_fill_the_levels_evenly() {
        let mut fitted = Levels::default();
        fitted.fit(&(0..512).map(f64::from).collect::<Vec<_>>());
        let mut levels = [0; SET];
        fitted.encode(&std::array::from_fn(|i| 8.0 * i as f64), &mut levels);
        assert!(levels.iter().enumerate().all(|(i, &level)| level.abs_diff(4 * i as u8) <= 1), "{levels:?}");
    }
}
