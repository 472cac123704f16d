//! How far predictions can be trusted: their errors on networks that the model has not seen. It judges numbers; how
//! a model comes by them is elsewhere.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::milliseconds::Milliseconds;
use crate::statistics::{kendall, median, sorted, spearman};

/// The share of unseen networks that the stated interval is meant to hold.
pub const COVERAGE: f64 = 0.9;

/// The errors of a model on networks that were not used for its fit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitReport {
    /// How many networks were held out.
    pub networks: usize,
    /// The median of the absolute relative errors, as a fraction of the measured time.
    pub median_error: f64,
    /// The share of networks whose prediction is within 5 % of the measured time.
    pub within_5_percent: f64,
    /// The same within 10 %.
    pub within_10_percent: f64,
    /// Spearman's rank correlation of predicted and measured times.
    pub spearman: f64,
    /// Kendall's tau-b of predicted and measured times.
    pub kendall: f64,
    /// Measured times lie within this fraction of the prediction for [`COVERAGE`] of the networks: the quantile of
    /// split conformal prediction (Lei et al. 2018, DOI 10.1080/01621459.2017.1307116), which holds for any
    /// distribution if networks are drawn alike.
    pub half_width: f64,
}

impl FitReport {
    /// Compares predicted with measured times of the same networks, in the same order; `None` with fewer than three,
    /// or where nothing can be ranked because all times of one kind are equal.
    pub fn of(predicted: &[f64], measured: &[f64]) -> Option<Self> {
        let networks = predicted.len().min(measured.len());
        if networks < 3 {
            return None;
        }
        let pairs = || predicted.iter().zip(measured);
        let errors: Vec<f64> = pairs().map(|(p, m)| (p - m).abs() / m.max(f64::MIN_POSITIVE)).collect();
        let within =
            |bound: f64| errors.iter().filter(|&&error| error <= bound).count() as f64 / networks as f64;
        let relative: Vec<f64> = pairs().map(|(p, m)| (p - m).abs() / p.max(f64::MIN_POSITIVE)).collect();
        let place = (COVERAGE * (networks + 1) as f64).ceil() as usize;
        let (spearman, kendall) = (spearman(predicted, measured), kendall(predicted, measured));
        (spearman.is_finite() && kendall.is_finite()).then(|| Self {
            networks,
            median_error: median(&errors),
            within_5_percent: within(0.05),
            within_10_percent: within(0.10),
            spearman,
            kendall,
            half_width: sorted(&relative)[place.min(networks) - 1],
        })
    }

    /// The interval around a prediction.
    pub fn interval(&self, prediction: Milliseconds) -> [Milliseconds; 2] {
        let spread = Milliseconds::at_least_zero(prediction.get() * self.half_width);
        [Milliseconds::at_least_zero(prediction.get() - spread.get()), prediction + spread]
    }
}

impl fmt::Display for FitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "median error {:.1} %, {:.0} % within 5 %, {:.0} % within 10 %, Spearman {:.3}, Kendall {:.3} on {} networks not used for the fit",
            100.0 * self.median_error,
            100.0 * self.within_5_percent,
            100.0 * self.within_10_percent,
            self.spearman,
            self.kendall,
            self.networks
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_counted_against_the_measured_time() {
        let measured = [100.0, 200.0, 400.0, 800.0];
        let predicted = [104.0, 190.0, 430.0, 1000.0];
        let report = FitReport::of(&predicted, &measured).unwrap();
        assert_eq!(report.networks, 4);
        assert!((report.median_error - 0.0625).abs() < 1e-12);
        assert_eq!((report.within_5_percent, report.within_10_percent), (0.5, 0.75));
        assert_eq!((report.spearman, report.kendall), (1.0, 1.0));
        // The largest error against the prediction: 200 of 1000.
        assert!((report.half_width - 0.2).abs() < 1e-12);
        let [low, high] = report.interval(Milliseconds::new(10.0).unwrap());
        assert_eq!((low.get(), high.get()), (8.0, 12.0));
    }

    #[test]
    fn nothing_is_said_of_too_little() {
        assert_eq!(FitReport::of(&[1.0, 2.0], &[1.0, 2.0]), None);
        assert_eq!(FitReport::of(&[1.0, 1.0, 1.0], &[1.0, 2.0, 3.0]), None);
    }
}
