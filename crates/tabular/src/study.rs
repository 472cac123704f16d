//! Many seeds of each method on one problem, and the quartiles of what they come to.

use std::ops::Range;

use serde::Serialize;

use crate::error::TabularError;
use crate::method::{Method, Settings, run};
use crate::problem::{Problem, Verdict};

/// Median and quartiles of a sample, by linear interpolation between its members.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quartiles {
    /// A quarter of the sample lies below.
    pub lower: f64,
    /// The middle.
    pub median: f64,
    /// A quarter of the sample lies above.
    pub upper: f64,
}

/// What a method came to over all seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Study {
    /// The method's name.
    pub method: &'static str,
    /// Share of the possible hypervolume, by the objectives that judge.
    pub hypervolume: Quartiles,
    /// The same by the objectives that drive.
    pub drive_hypervolume: Quartiles,
    /// The best judging accuracy on the reported front, in percent.
    pub best_accuracy: Quartiles,
    /// The least number of evaluations that a seed made: the budget, unless it found nothing new.
    pub evaluations: usize,
    /// The share of the hypervolume of each seed, in order.
    pub by_seed: Vec<f64>,
}

/// Runs a method with each seed.
///
/// # Panics
///
/// If there are no seeds.
pub fn study(
    method: Method,
    problem: &Problem,
    settings: &Settings,
    budget: usize,
    seeds: Range<u64>,
) -> Result<Study, TabularError> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    let mut evaluations = budget;
    for seed in seeds {
        let found = run(method, problem, settings, budget, seed)?;
        evaluations = evaluations.min(found.cells.len());
        verdicts.push(problem.judge(&found));
    }
    let quartiles = |value: fn(&Verdict) -> f64| Quartiles::of(verdicts.iter().map(value).collect());
    Ok(Study {
        method: method.name(),
        hypervolume: quartiles(|verdict| verdict.share),
        drive_hypervolume: quartiles(|verdict| verdict.drive_share),
        best_accuracy: quartiles(|verdict| verdict.best_accuracy),
        evaluations,
        by_seed: verdicts.iter().map(|verdict| verdict.share).collect(),
    })
}

impl Quartiles {
    /// # Panics
    ///
    /// If there are no values.
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = share * (values.len() - 1) as f64;
            let (below, part) = (place.floor() as usize, place.fract());
            let above = (below + 1).min(values.len() - 1);
            values[below] + part * (values[above] - values[below])
        };
        Self { lower: at(0.25), median: at(0.5), upper: at(0.75) }
    }
}
