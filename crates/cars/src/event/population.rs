//! What is told of a population: its survivors, their sizes and, where that is an objective, their latencies.

use serde::{Deserialize, Serialize};
use space::AnyArchitecture;

/// The population after selection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Generation {
    /// Its number.
    pub generation: usize,
    /// The number of the last.
    pub generations: usize,
    /// Epochs of training behind it.
    pub epoch: usize,
    /// Architectures evaluated for it.
    pub evaluated: usize,
    /// The survivors.
    pub individuals: Vec<Individual>,
    /// Positions in `individuals` of those that no other dominates.
    pub front: Vec<usize>,
    /// The hypervolume of the front with respect to `reference`: error, then sizes, each divided by its reference.
    pub hypervolume: f64,
    /// The reference point: one value an objective, minimised.
    pub reference: Vec<f64>,
}

/// A survivor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Individual {
    /// Its number in the search.
    pub id: u64,
    /// How it came about.
    pub origin: evolution::Origin,
    /// The share of validation images classified correctly with the shared weights.
    pub accuracy: f64,
    /// Trainable numbers of the stand-alone network.
    pub parameters: u64,
    /// Multiply-adds for one image.
    pub multiply_adds: u64,
    /// Its latency, where that is an objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
    /// The architecture, in the notation of its space.
    #[serde(with = "super::text")]
    pub genotype: AnyArchitecture,
}

/// The latency of a network, in milliseconds for a batch under the conditions of the table.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// As predicted: what the search went by.
    pub predicted_ms: f64,
    /// Where a measured time would lie for nine of ten networks; none if the table does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_ms: Option<[f64; 2]>,
    /// Distinct layers that the table lacked, whose times were interpolated. The prediction is a guess if there are any.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub interpolated_layers: usize,
    /// As measured at the end of the search; the median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured_ms: Option<f64>,
    /// The distance between the quartiles of the measured times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread_ms: Option<f64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Times of the networks of a front. Unlike all else in a journal they depend on the machine and the moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The networks by their number in the search, with their latencies.
    pub networks: Vec<(u64, Latency)>,
    /// Kendall's tau-b of predicted and measured times: 1 if they have the same order. None with fewer than three networks.
    pub kendall: Option<f64>,
}
