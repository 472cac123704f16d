//! The result of a search: the architectures that no other beats in every objective, as `front.json` holds them. Which
//! those are is decided elsewhere.

use serde::{Deserialize, Serialize};
use space::Genotype;
use thiserror::Error;

use crate::config::{CheckedConfig, Direction, Objective};
use crate::event::{Generation, Latency, Measured};

/// The version of `front.json`.
pub const SCHEMA: u32 = 1;

/// A front, with what is needed to make sense of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Front {
    /// The version of this form.
    pub schema: u32,
    /// The digest of the config it came from.
    pub config: String,
    /// The seed it came from.
    pub seed: u64,
    /// The generation it is the front of.
    pub generation: usize,
    /// What is traded off, accuracy first.
    pub objectives: Vec<Axis>,
    /// The hypervolume with respect to the reference point: error, then sizes, each divided by its reference.
    pub hypervolume: f64,
    /// The reference point: one value an objective, minimised (accuracy as the error).
    pub reference: Vec<f64>,
    /// Kendall's tau-b of predicted and measured latencies, once the members have been timed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_kendall: Option<f64>,
    /// The architectures, from small to large.
    pub members: Vec<Member>,
}

/// An objective and how to read its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axis {
    /// The objective: the field of a member.
    pub name: Objective,
    /// What its numbers count.
    pub unit: Unit,
    /// Which way it improves.
    pub direction: Direction,
}

/// What the numbers of an objective count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// A share of the validation images, 0 to 1.
    Fraction,
    /// A number of things.
    Count,
    /// Time, in milliseconds.
    Milliseconds,
}

/// An architecture of the front.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The share of validation images classified correctly with the shared weights.
    pub accuracy: f64,
    /// Trainable numbers of the stand-alone network at the supernet's width and depth.
    pub parameters: u64,
    /// Multiply-adds of that network for one image.
    pub multiply_adds: u64,
    /// Its latency, where that is an objective.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
    /// The architecture, in the notation of its space.
    pub genotype: String,
    /// The same, cell by cell, in the space of DARTS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<Genotype>,
}

impl Front {
    /// The front of a generation.
    pub fn new(config: &CheckedConfig, generation: &Generation) -> Self {
        let axis = |&name: &Objective| Axis { name, unit: Unit::of(name), direction: name.direction() };
        let mut members: Vec<Member> = generation
            .front
            .iter()
            .map(|&index| {
                let individual = &generation.individuals[index];
                Member {
                    accuracy: individual.accuracy,
                    parameters: individual.parameters,
                    multiply_adds: individual.multiply_adds,
                    latency: individual.latency,
                    genotype: individual.genotype.to_string(),
                    cells: individual.genotype.darts().cloned(),
                }
            })
            .collect();
        members.sort_by(|a, b| {
            (a.parameters, a.multiply_adds)
                .cmp(&(b.parameters, b.multiply_adds))
                .then_with(|| a.accuracy.total_cmp(&b.accuracy))
                .then_with(|| a.genotype.cmp(&b.genotype))
        });
        Self {
            schema: SCHEMA,
            config: config.digest(),
            seed: config.seed,
            generation: generation.generation,
            objectives: config.objectives().iter().map(axis).collect(),
            hypervolume: generation.hypervolume,
            reference: generation.reference.clone(),
            latency_kendall: None,
            members,
        }
    }

    /// The front of a generation whose networks have been timed.
    pub fn measured(config: &CheckedConfig, mut generation: Generation, measured: &Measured) -> Self {
        for (id, latency) in &measured.networks {
            for individual in generation.individuals.iter_mut().filter(|individual| individual.id == *id) {
                individual.latency = Some(*latency);
            }
        }
        Self { latency_kendall: measured.kendall, ..Self::new(config, &generation) }
    }

    /// The text of `front.json`: the same bytes for the same front.
    pub fn to_json(&self) -> String {
        match serde_json::to_string_pretty(self) {
            Ok(text) => text + "\n",
            Err(error) => unreachable!("a front is no JSON: {error}"),
        }
    }

    /// Reads what [`Front::to_json`] wrote.
    pub fn from_json(text: &str) -> Result<Self, FrontError> {
        let Version { schema } = serde_json::from_str(text)?;
        if schema > SCHEMA {
            return Err(FrontError::Newer { found: schema });
        }
        Ok(serde_json::from_str(text)?)
    }

    /// The best accuracy on the front; 0 when it is empty.
    pub fn best_accuracy(&self) -> f64 {
        self.members.iter().map(|member| member.accuracy).fold(0.0, f64::max)
    }
}

/// A text that is no front of this version.
#[derive(Debug, Error)]
pub enum FrontError {
    /// Not JSON, or not the fields of a front.
    #[error("not a front: {0}")]
    Json(#[from] serde_json::Error),
    /// Written by a newer program.
    #[error("schema {found} is newer than {SCHEMA}; read it with the version of cars that wrote it")]
    Newer {
        /// The version of the file.
        found: u32,
    },
}

#[derive(Deserialize)]
struct Version {
    schema: u32,
}

impl Unit {
    const fn of(objective: Objective) -> Self {
        match objective {
            Objective::Accuracy => Self::Fraction,
            Objective::Parameters | Objective::MultiplyAdds => Self::Count,
            Objective::Latency => Self::Milliseconds,
        }
    }
}
