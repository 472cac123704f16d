//! Squeezes one objective into 256 levels that keep its order: a row that is at a higher level is greater. Levels are as
//! evenly filled as one histogram allows, on a linear scale or, where that is too crowded, on a logarithmic one.

/// Fewest and most bins of the histogram.
const BINS: (usize, usize) = (256, 4096);
/// A bin with more than one in so many values is a reason to try the other scale.
const SHARE: usize = 32;

/// Buffers of the histogram.
#[derive(Debug, Clone, Default)]
pub(super) struct Histogram {
    bins: Vec<u16>,
    counts: Vec<u32>,
}

impl Histogram {
    /// The level of every value, in order: `a <= b` implies `level(a) <= level(b)`.
    pub(super) fn levels(&mut self, values: &[f64]) -> impl Iterator<Item = u8> {
        let n_bins = values.len().next_power_of_two().clamp(BINS.0, BINS.1);
        self.linear(values, n_bins);
        let fullest = self.counts.iter().copied().max().unwrap_or(0);
        if fullest as usize * SHARE > values.len() {
            let occupied = self.occupied();
            self.logarithmic(values, n_bins);
            if self.occupied() < occupied {
                self.linear(values, n_bins);
            }
        }
        // Fixed-point 256 / n, rounded down: the last level is 255 at most.
        let share = (256_u64 << 32) / values.len().max(1) as u64;
        let mut below = 0_u64;
        for count in &mut self.counts {
            let level = (below * share) >> 32;
            below += u64::from(*count);
            *count = level as u32;
        }
        self.bins.iter().map(|&bin| self.counts[bin as usize] as u8)
    }

    fn linear(&mut self, values: &[f64], n_bins: usize) {
        // Several independent pairs: one alone would wait for itself at every step.
        let (mut low, mut high) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8]);
        for values in values.chunks(8) {
            for ((&value, low), high) in values.iter().zip(&mut low).zip(&mut high) {
                // Infinities join the bins at the ends.
                *low = if value < *low && value > f64::NEG_INFINITY { value } else { *low };
                *high = if value > *high && value < f64::INFINITY { value } else { *high };
            }
        }
        let low = low.into_iter().fold(f64::INFINITY, f64::min);
        let high = high.into_iter().fold(f64::NEG_INFINITY, f64::max);
        let scale = n_bins as f64 / (high - low);
        // Without a width, or with one that a double cannot hold, there is one bin.
        let (low, scale) = if scale.is_finite() { (low, scale) } else { (0.0, 0.0) };
        let last = (n_bins - 1) as f64;
        self.count(
            n_bins,
            values.iter().map(|&value| {
                // An infinity times 0 is NaN, which `max` turns into 0.
                let place = ((value - low) * scale).max(0.0).min(last);
                // Adding 2^52 leaves the rounded bin in the low bits.
                (place + 4_503_599_627_370_496.0).to_bits() as u16
            }),
        );
    }

    /// Equal steps of the bit pattern: equal ratios of the value.
    fn logarithmic(&mut self, values: &[f64], n_bins: usize) {
        let keys = || values.iter().map(|&value| sortable(value));
        let (low, high) = keys().fold((u64::MAX, 0), |(low, high), key| (low.min(key), high.max(key)));
        let shift = (u64::BITS - (high - low).leading_zeros()).saturating_sub(n_bins.ilog2());
        self.count(n_bins, keys().map(|key| ((key - low) >> shift) as u16));
    }

    fn count(&mut self, n_bins: usize, bins: impl Iterator<Item = u16>) {
        self.counts.clear();
        self.counts.resize(n_bins, 0);
        self.bins.clear();
        self.bins.extend(bins);
        for &bin in &self.bins {
            self.counts[bin as usize] += 1;
        }
    }

    fn occupied(&self) -> usize {
        self.counts.iter().filter(|&&count| count > 0).count()
    }
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
        let levels: Vec<u8> = Histogram::default().levels(values).collect();
        assert_eq!(levels.len(), values.len());
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        for pair in order.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            assert!(levels[a] <= levels[b], "{} and {}", values[a], values[b]);
            assert!(values[a] < values[b] || levels[a] == levels[b], "equal values, equal levels");
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
}
