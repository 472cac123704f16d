//! A linear scale from values to whole numbers that keeps their order: what keys, levels and codes have in common.

/// Whole numbers from 0 to `most`, evenly over a width.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scale {
    low: f64,
    factor: f64,
    most: f64,
}

impl Scale {
    /// From 0 at `low` to `most`, below 2^32, at `high`. Without a width, or with one that a double cannot hold, all are 0.
    pub(super) fn between(low: f64, high: f64, most: u32) -> Self {
        let most = f64::from(most);
        let factor = most / (high - low);
        if factor.is_finite() { Self { low, factor, most } } else { Self { low: 0.0, factor: 0.0, most } }
    }

    /// The number of a value; values beyond the ends have those of the ends, a NaN has any.
    #[inline(always)]
    pub(super) fn place(&self, value: f64) -> u64 {
        // An infinity times 0 is NaN, which `max` turns into 0; adding 2^52 leaves the rounded number in the low bits.
        let place = ((value - self.low) * self.factor).max(0.0).min(self.most);
        (place + 4_503_599_627_370_496.0).to_bits() & 0xffff_ffff
    }
}

/// The lower of a finite value and the lowest so far; infinities, like NaN, leave it.
#[inline(always)]
pub(super) fn lower(low: f64, value: f64) -> f64 {
    if (value < low) & (value > f64::NEG_INFINITY) { value } else { low }
}

/// The higher of a finite value and the highest so far; infinities, like NaN, leave it.
#[inline(always)]
pub(super) fn higher(high: f64, value: f64) -> f64 {
    if (value > high) & (value < f64::INFINITY) { value } else { high }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_the_order_and_stay_within_their_ends() {
        let scale = Scale::between(-2.0, 6.0, 16);
        let values = [f64::NEG_INFINITY, -9.0, -2.0, -1.5, 0.0, 6.0, 7.0, f64::INFINITY];
        assert_eq!(values.map(|value| scale.place(value)), [0, 0, 0, 1, 4, 16, 16, 16]);
        let none = Scale::between(3.0, 3.0, 16);
        assert_eq!([3.0, f64::INFINITY].map(|value| none.place(value)), [0, 0]);
        assert_eq!(Scale::between(0.0, 1.0, u32::MAX).place(1.0), u64::from(u32::MAX));
    }

    #[test]
    fn extents_leave_infinities_and_nan_out() {
        let values = [2.0, f64::NAN, f64::NEG_INFINITY, -3.0, f64::INFINITY, 1.0];
        assert_eq!(values.into_iter().fold(f64::INFINITY, lower), -3.0);
        assert_eq!(values.into_iter().fold(f64::NEG_INFINITY, higher), 2.0);
    }
}
