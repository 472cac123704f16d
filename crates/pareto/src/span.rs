//! The span of one objective over some rows, and a row's place in it: what crowding distances are sums of.
//! Infinities are clamped to the finite extremes, so a stray +inf cannot flatten everything else.

/// The finite minimum and maximum of one objective.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    low: f64,
    high: f64,
    /// 1, or 1/2 where `high - low` itself would overflow.
    half: f64,
}

impl Span {
    /// The span of `values`; a span of zero width if no value is finite.
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            return Self { low: 0.0, high: 0.0, half: 1.0 };
        }
        let half = if (high - low).is_finite() { 1.0 } else { 0.5 };
        Self { low, high, half }
    }

    /// The place of `value`, 0 at the lower end, 1 at the upper; 0 where the span is flat.
    ///
    /// Unchanged when all values are shifted by a constant or scaled by a power of two, rounding aside.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let width = self.high * self.half - self.low * self.half;
        if width == 0.0 {
            return 0.0;
        }
        (value * self.half - self.low * self.half) / width
    }

    /// `value`, or the nearer end where `value` is infinite.
    pub(crate) fn clamp(&self, value: f64) -> f64 {
        if value.is_finite() { value } else { value.clamp(self.low, self.high) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_fractions_of_the_width() {
        let span = Span::of([3.0, 5.0, f64::INFINITY, 7.0].into_iter());
        assert_eq!(span.place(5.0), 0.5);
        assert_eq!(span.place(span.clamp(f64::INFINITY)), 1.0);
        assert_eq!(span.place(span.clamp(f64::NEG_INFINITY)), 0.0);
    }

    #[test]
    fn extremes_of_the_number_line_do_not_overflow() {
        let wide = Span::of([-f64::MAX, f64::MAX].into_iter());
        assert_eq!((wide.place(-f64::MAX), wide.place(0.0), wide.place(f64::MAX)), (0.0, 0.5, 1.0));
        let narrow = Span::of([5e-324, 1.5e-323].into_iter());
        assert_eq!(narrow.place(1e-323), 0.5);
        let none = Span::of([f64::INFINITY, f64::NEG_INFINITY].into_iter());
        assert_eq!(none.place(none.clamp(f64::INFINITY)), 0.0);
    }
}
