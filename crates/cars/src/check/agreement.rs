//! Rank correlations with intervals from the bootstrap (Efron 1979, DOI 10.1214/aos/1176344552): networks are drawn with
//! replacement, and the middle 95 % of the correlations of 1,000 such samples is the interval.

use latency::statistics::{kendall, quantile, spearman};
use rand::RngExt;
use random::{Purpose, stream};
use serde::Serialize;

/// Samples of the bootstrap.
const RESAMPLES: u64 = 1_000;

/// A correlation and where it would lie with other networks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Of the networks as they are; NaN (null in JSON) if one side is constant.
    pub value: f64,
    /// 2.5 % of the samples lie below.
    pub low: f64,
    /// 2.5 % of the samples lie above.
    pub high: f64,
}

/// How two lists order the same networks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Agreement {
    /// Kendall's tau-b.
    pub kendall: Interval,
    /// Spearman's rank correlation.
    pub spearman: Interval,
}

impl Agreement {
    /// Compares two lists of equal length.
    pub fn of(predicted: &[f64], truth: &[f64], seed: u64) -> Self {
        let samples: Vec<[f64; 2]> = (0..RESAMPLES)
            .map(|resample| {
                let mut rng = stream(seed, Purpose::Bootstrap, 0, resample);
                let drawn = (0..truth.len()).map(|_| {
                    let at = rng.random_range(0..truth.len() as u32) as usize;
                    (predicted[at], truth[at])
                });
                let (predicted, truth): (Vec<f64>, Vec<f64>) = drawn.unzip();
                [kendall(&predicted, &truth), spearman(&predicted, &truth)]
            })
            .collect();
        let interval = |which: usize, value: f64| {
            // A sample of one network alone says nothing.
            let values: Vec<f64> =
                samples.iter().map(|sample| sample[which]).filter(|v| !v.is_nan()).collect();
            Interval { value, low: quantile(&values, 0.025), high: quantile(&values, 0.975) }
        };
        Self {
            kendall: interval(0, kendall(predicted, truth)),
            spearman: interval(1, spearman(predicted, truth)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_orders_agree_and_opposite_ones_do_not() {
        let truth: Vec<f64> = (0..20).map(f64::from).collect();
        let reversed: Vec<f64> = truth.iter().rev().copied().collect();
        let same = Agreement::of(&truth, &truth, 1);
        assert_eq!((same.kendall.value, same.kendall.low, same.spearman.high), (1.0, 1.0, 1.0));
        let opposite = Agreement::of(&reversed, &truth, 1);
        assert_eq!((opposite.kendall.value, opposite.kendall.high), (-1.0, -1.0));
    }

    #[test]
    fn an_interval_holds_the_value_and_shrinks_with_more_networks() {
        let lists = |n: u32| -> (Vec<f64>, Vec<f64>) {
            (0..n).map(|i| (f64::from(i), f64::from(i) + f64::from(i * 7919 % 31))).unzip()
        };
        let width = |n: u32| {
            let (predicted, truth) = lists(n);
            let Interval { value, low, high } = Agreement::of(&predicted, &truth, 3).kendall;
            assert!(low < value && value < high, "{low} {value} {high}");
            high - low
        };
        assert!(width(160) < width(20));
    }
}
