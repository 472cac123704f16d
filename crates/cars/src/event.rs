//! What happens in a run, told to observers and written to the journal: one JSON object a line, with a schema version.
//! Nothing here depends on the clock, the machine or the number of threads, so equal runs have equal journals.

mod population;
mod text;

use serde::{Deserialize, Serialize};
use space::Genotype;
use thiserror::Error;

use crate::config::Objective;

pub use population::{Generation, Individual, Latency, Measured};

/// The version of the lines; a reader refuses a newer one.
pub const SCHEMA: u32 = 1;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A search begins.
    Started(Started),
    /// The training of a network begins.
    TrainingStarted(TrainingStarted),
    /// A step of training is done. Told to observers only.
    Step(Step),
    /// Where the run computes, if that is not simply the processor. Told to observers only.
    Device {
        /// The device, and why it is not another.
        name: String,
    },
    /// An epoch of training is done.
    Epoch(Epoch),
    /// Some architectures of a generation have been evaluated. Told to observers only.
    Evaluating(Evaluating),
    /// Survivors have been selected.
    Generation(Generation),
    /// The networks of the last front were timed on this machine.
    Measured(Measured),
    /// A checkpoint is on disk.
    Checkpoint {
        /// Its file, relative to the run directory.
        file: String,
    },
    /// The run goes on after a stop.
    Resumed(Resumed),
    /// Training diverged; the run went back to its last snapshot.
    RolledBack(RolledBack),
    /// Something went wrong and was dealt with.
    Warning {
        /// What, and what was done.
        message: String,
    },
    /// The run stops before its end; a checkpoint is on disk.
    Interrupted,
    /// The search is complete.
    Finished(Finished),
    /// The training of a network is complete.
    Trained(Trained),
}

/// What a run is about to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// The name of the run.
    pub name: String,
    /// The digest of its config.
    pub config: String,
    /// The seed.
    pub seed: u64,
    /// The images: the name of the set, a comma, and what tells it apart from others of that name.
    pub data: String,
    /// Images that update weights.
    pub train_images: usize,
    /// Images that score architectures.
    pub validation_images: usize,
    /// What is traded off.
    pub objectives: Vec<Objective>,
    /// How much there is to do.
    pub work: Work,
}

/// Which network is about to be trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingStarted {
    /// The name of the run.
    pub name: String,
    /// The digest of its recipe.
    pub config: String,
    /// The seed.
    pub seed: u64,
    /// The images, as in [`Started`].
    pub data: String,
    /// Images that update weights.
    pub train_images: usize,
    /// Trainable numbers of the network without its auxiliary head.
    pub parameters: u64,
    /// The network, in the DARTS notation.
    #[serde(with = "text")]
    pub genotype: Genotype,
    /// How much there is to do.
    pub work: Work,
}

/// How much a run has to do, for bars and forecasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// All epochs, warm-up included.
    pub epochs: usize,
    /// Epochs of warm-up.
    pub warm_up_epochs: usize,
    /// Steps an epoch.
    pub steps_per_epoch: usize,
    /// Images of a step, over all its paths.
    pub images_per_step: usize,
    /// Generations after the initial population.
    pub generations: usize,
    /// Architectures evaluated in each generation.
    pub evaluations_per_generation: usize,
    /// Images that pass through a network to evaluate it, recalibration included.
    pub images_per_evaluation: usize,
}

/// A part of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Random paths are trained.
    WarmUp,
    /// Paths of the population are trained, and the population evolves.
    Evolution,
    /// One network is trained.
    Training,
}

impl TrainingStarted {
    /// The name of the set of images.
    pub fn set(&self) -> &str {
        self.data.split(',').next().unwrap_or_default()
    }
}

impl Started {
    /// The images in a few words: how many, and of which set.
    pub fn images(&self) -> String {
        let set = self.data.split(',').next().unwrap_or_default();
        format!("{} training and {} validation images of {set}", self.train_images, self.validation_images)
    }
}

/// The end of a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Where in the run.
    pub phase: Phase,
    /// The epoch under way, counted from 1.
    pub epoch: usize,
    /// Steps done in this epoch.
    pub step: usize,
    /// Steps an epoch.
    pub steps: usize,
    /// The mean loss of the epoch so far.
    #[serde(deserialize_with = "text::nan")]
    pub loss: f64,
}

/// The end of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Where in the run.
    pub phase: Phase,
    /// Epochs done.
    pub epoch: usize,
    /// Epochs of the run.
    pub epochs: usize,
    /// The learning rate of the epoch.
    pub learning_rate: f64,
    /// The mean training loss (cross-entropy, nats).
    #[serde(deserialize_with = "text::nan")]
    pub loss: f64,
    /// The share of training images classified correctly while training.
    pub accuracy: f64,
}

/// Progress within an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluating {
    /// Architectures evaluated; with several ranks an estimate, by the share of the one that tells, until all are.
    pub done: usize,
    /// Architectures to evaluate in this generation.
    pub total: usize,
}

/// A run that goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    /// The checkpoint, relative to the run directory; none if the run had not come to its first.
    pub from: Option<String>,
    /// Whole epochs done.
    pub epoch: usize,
    /// Steps done in the epoch under way.
    pub step: usize,
    /// Generations done.
    pub generation: usize,
    /// How much there is to do in all.
    pub work: Work,
}

/// A divergence that was undone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RolledBack {
    /// The epoch in which loss or weights became NaN or infinite, counted from 1.
    pub epoch: usize,
    /// Steps done in it.
    pub step: usize,
    /// What was found.
    pub reason: String,
    /// Whole epochs behind the snapshot.
    pub back_to: usize,
    /// What the learning rates of the schedule are multiplied by from there on.
    pub learning_rate_factor: f64,
    /// How many such divergences in a row this was the last of; after three, the next one stops the run.
    pub in_a_row: u32,
}

/// A complete run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// Members of the final front.
    pub front: usize,
    /// The best accuracy among them.
    pub best_accuracy: f64,
    /// The hypervolume of the front.
    pub hypervolume: f64,
}

/// A trained network.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Trained {
    /// The mean training loss of the last epoch (cross-entropy, nats).
    #[serde(deserialize_with = "text::nan")]
    pub loss: f64,
    /// The share of training images classified correctly in the last epoch, while training.
    pub accuracy: f64,
}

/// A line that is no event of this version.
#[derive(Debug, Error)]
pub enum EventError {
    /// Not JSON, or not the fields of an event.
    #[error("not an event: {0}")]
    Json(#[from] serde_json::Error),
    /// Written by a newer program.
    #[error("schema {found} is newer than {SCHEMA}; read it with the version of cars that wrote it")]
    Newer {
        /// The version of the line.
        found: u32,
    },
}

impl Event {
    /// The event as one line of JSON, without the newline.
    pub fn to_line(&self) -> String {
        match serde_json::to_string(&Line { schema: SCHEMA, event: self }) {
            Ok(line) => line,
            Err(error) => unreachable!("an event is no JSON: {error}"),
        }
    }

    /// Reads a line that [`Event::to_line`] wrote.
    pub fn from_line(line: &str) -> Result<Self, EventError> {
        let Version { schema } = serde_json::from_str(line)?;
        if schema > SCHEMA {
            return Err(EventError::Newer { found: schema });
        }
        let Line { event, .. } = serde_json::from_str::<Line<Self>>(line)?;
        Ok(event)
    }
}

#[derive(Serialize, Deserialize)]
struct Line<E> {
    schema: u32,
    #[serde(flatten)]
    event: E,
}

#[derive(Deserialize)]
struct Version {
    schema: u32,
}

#[cfg(test)]
mod tests {
    use space::AnyArchitecture;

    use super::*;

    #[test]
    fn lines_name_their_schema_and_event() {
        let line = Event::Checkpoint { file: "checkpoints/00000002.state".to_owned() }.to_line();
        assert_eq!(line, r#"{"schema":1,"event":"checkpoint","file":"checkpoints/00000002.state"}"#);
        assert_eq!(Event::Interrupted.to_line(), r#"{"schema":1,"event":"interrupted"}"#);
    }

    #[test]
    fn floats_and_genotypes_come_back_bit_for_bit() {
        let genotype = AnyArchitecture::Darts(space::named::find("cars-a").unwrap().genotype.clone());
        let individual = Individual {
            id: 7,
            origin: evolution::Origin::Initial,
            accuracy: 0.1 + 0.2,
            parameters: u64::MAX,
            multiply_adds: 3,
            latency: None,
            genotype,
        };
        let event = Event::Generation(Generation {
            generation: 1,
            generations: 2,
            epoch: 3,
            evaluated: 4,
            individuals: vec![individual],
            front: vec![0],
            hypervolume: 1.0 / 3.0,
            reference: vec![1.0, 5e6],
        });
        assert_eq!(Event::from_line(&event.to_line()).unwrap(), event);
    }

    #[test]
    fn a_diverged_loss_can_be_read_back() {
        let step = Epoch {
            phase: Phase::WarmUp,
            epoch: 1,
            epochs: 2,
            learning_rate: 0.1,
            loss: f64::NAN,
            accuracy: 0.1,
        };
        match Event::from_line(&Event::Epoch(step).to_line()).unwrap() {
            Event::Epoch(epoch) => assert!(epoch.loss.is_nan()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn newer_and_foreign_lines_are_refused() {
        let error = Event::from_line(r#"{"schema":2,"event":"rewound"}"#).unwrap_err();
        assert!(error.to_string().starts_with("schema 2 is newer than 1"), "{error}");
        let error = Event::from_line(r#"{"schema":1,"event":"rewound"}"#).unwrap_err();
        assert!(error.to_string().contains("unknown variant `rewound`"), "{error}");
        assert!(Event::from_line("not json").is_err());
    }
}
