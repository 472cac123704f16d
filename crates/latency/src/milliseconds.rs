//! A span of time as latency tables give it. It is never measured here.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

use crate::error::LatencyError;

/// A time in milliseconds: finite and not negative.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Milliseconds(f64);

impl Milliseconds {
    /// No time.
    pub const ZERO: Self = Self(0.0);

    /// Refuses NaN, infinities and negative numbers.
    pub fn new(value: f64) -> Result<Self, LatencyError> {
        if value.is_finite() && value >= 0.0 {
            // A negative zero would be written differently.
            Ok(Self(value.abs()))
        } else {
            Err(LatencyError::NoTime { found: value })
        }
    }

    /// The time a model arrives at: what is below zero is none.
    pub(crate) const fn at_least_zero(value: f64) -> Self {
        Self(value.max(0.0))
    }

    /// The number of milliseconds.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl Add for Milliseconds {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sum for Milliseconds {
    fn sum<I: Iterator<Item = Self>>(times: I) -> Self {
        times.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)?;
        f.write_str(" ms")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_times_are_times() {
        for bad in [f64::NAN, f64::INFINITY, -1.0, -f64::MIN_POSITIVE] {
            assert!(Milliseconds::new(bad).is_err(), "{bad}");
        }
        let [a, b] = [0.5, 0.25].map(|value| Milliseconds::new(value).unwrap());
        assert_eq!([a, b, a].into_iter().sum::<Milliseconds>().get(), 1.25);
        assert_eq!(format!("{:.1}", a + b), "0.8 ms");
        assert!(Milliseconds::new(-0.0).unwrap().get().is_sign_positive());
    }
}
