//! Squeezes one objective into 256 levels that keep its order: a row that is at a higher level is greater. Levels are as
//! evenly filled as one histogram allows, on a linear scale or, where that is too crowded, on a logarithmic one.

/// Bins of the histogram.
const BINS: usize = 2048;
/// A bin with more than one in so many values is a reason to try the other scale.
const SHARE: usize = 32;

/// Buffers of the histogram.
#[derive(Debug, Clone, Default)]
pub(super) struct Histogram {
    bins: Vec<u16>,
    counts: Vec<u32>,
}

impl Histogram {
    /// Writes the level of every value, in order: `a <= b` implies `level(a) <= level(b)`.
    pub(super) fn levels(&mut self, values: impl Iterator<Item = f64> + Clone, levels: impl FnMut(u8)) {
        let n = self.linear(values.clone());
        if self.counts.iter().any(|&count| count as usize * SHARE > n) {
            let occupied = self.occupied();
            self.logarithmic(values.clone());
            if self.occupied() < occupied {
                self.linear(values);
            }
        }
        let mut below = 0_u64;
        for count in &mut self.counts {
            let level = below * 256 / n as u64;
            below += u64::from(std::mem::replace(count, level as u32));
        }
        self.bins.iter().map(|&bin| self.counts[bin as usize] as u8).for_each(levels);
    }

    fn linear(&mut self, values: impl Iterator<Item = f64> + Clone) -> usize {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.clone() {
            let finite = value.is_finite();
            low = if finite && value < low { value } else { low };
            high = if finite && value > high { value } else { high };
        }
        let scale = BINS as f64 / (high - low);
        // Without a width, or with one that a double cannot hold, all finite values share a bin.
        let scale = if scale.is_finite() { scale } else { 0.0 };
        self.count(values.map(|value| {
            let place = if value.is_finite() { (value - low) * scale } else { value };
            place.clamp(0.0, (BINS - 1) as f64) as u16
        }))
    }

    /// Equal steps of the bit pattern: equal ratios of the value.
    fn logarithmic(&mut self, values: impl Iterator<Item = f64> + Clone) {
        let (low, high) = values
            .clone()
            .map(sortable)
            .fold((u64::MAX, 0), |(low, high), key| (low.min(key), high.max(key)));
        let shift = (u64::BITS - (high - low).leading_zeros()).saturating_sub(BINS.ilog2());
        self.count(values.map(|value| ((sortable(value) - low) >> shift) as u16));
    }

    fn occupied(&self) -> usize {
        self.counts.iter().filter(|&&count| count > 0).count()
    }

    fn count(&mut self, bins: impl Iterator<Item = u16>) -> usize {
        self.counts.clear();
        self.counts.resize(BINS, 0);
        self.bins.clear();
        self.bins.extend(bins);
        for &bin in &self.bins {
            self.counts[bin as usize] += 1;
        }
        self.bins.len()
    }
}

/// An integer that orders like the value; -0 and +0 are the same.
fn sortable(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    bits ^ ((bits as i64 >> 63) as u64 | 1 << 63)
}
