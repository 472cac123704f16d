//! A front before and after retraining: the accuracies of its networks under shared weights beside those of the same networks
//! trained alone, and how far the two agree in order. Trains nothing and draws nothing.

use std::fmt::Write as _;
use std::path::Path;

use space::Genotype;
use thiserror::Error;

use crate::check::{Agreement, Interval};
use crate::event::{Event, Generation, Individual};
use crate::report::{members, newest};
use crate::run_dir::{RunDirError, TrainingDir};
use crate::train::Evaluation;

/// A network that was trained alone and tested.
#[derive(Debug, Clone, PartialEq)]
pub struct Retrained {
    /// What to call it: its directory.
    pub name: String,
    /// The network.
    pub genotype: Genotype,
    /// What its test found.
    pub evaluation: Evaluation,
}

/// A front before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Retraining {
    /// The retrained members, from small to large.
    pub networks: Vec<BeforeAfter>,
    /// The images that tested them.
    pub data: String,
    /// Kendall's tau-b of the two accuracies, with the middle 95 % of a bootstrap; none with fewer than three networks, or
    /// where all are equally good.
    pub kendall: Option<Interval>,
}

/// One member of a front.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BeforeAfter {
    /// Its number on the front, counted from 1.
    pub number: usize,
    /// Trainable numbers of the network at the size of the search.
    pub parameters: u64,
    /// The share of validation images classified correctly with the shared weights.
    pub before: f64,
    /// The share of test images classified correctly after retraining.
    pub after: f64,
}

/// Networks that do not make a front's before and after.
#[derive(Debug, Error)]
pub enum RetrainingError {
    /// A directory cannot be read.
    #[error(transparent)]
    RunDir(#[from] RunDirError),
    /// The search has not come to a front.
    #[error("the search has no front yet")]
    NoFront,
    /// The network was not tested.
    #[error("{name} has not been tested yet: cars evaluate {name}")]
    Untested {
        /// The directory.
        name: String,
    },
    /// The network is not on the front.
    #[error(
        "{name} trained a network that is not on the front of the search; train one of its members, RUN:N"
    )]
    NotOnFront {
        /// The directory.
        name: String,
    },
    /// Two directories trained the same network.
    #[error("{name} and {other} trained the same member of the front; name one of them")]
    Twice {
        /// The one.
        name: String,
        /// The other.
        other: String,
    },
    /// Two networks were tested on different images.
    #[error("{name} and {other} were tested on different images; test both with the same --images")]
    OtherImages {
        /// The one.
        name: String,
        /// The other.
        other: String,
    },
}

impl Retrained {
    /// The network of a training run that was tested.
    pub fn read(path: &Path) -> Result<Self, RetrainingError> {
        let name = path.display().to_string();
        let genotype = TrainingDir::stored_config(path)?.genotype().clone();
        match TrainingDir::stored_evaluation(path)? {
            Some(evaluation) => Ok(Self { name, genotype, evaluation }),
            None => Err(RetrainingError::Untested { name }),
        }
    }
}

impl Retraining {
    /// Puts retrained networks beside the members of the front that a journal ends with. The interval is drawn from `seed`.
    pub fn of(events: &[Event], retrained: &[Retrained], seed: u64) -> Result<Self, RetrainingError> {
        let front = newest(events).ok_or(RetrainingError::NoFront)?;
        let mut networks = Vec::new();
        for (position, one) in retrained.iter().enumerate() {
            let earlier = &retrained[..position];
            let (number, member) = number_on_front(front, one)?;
            if let Some(other) = earlier.iter().find(|other| other.genotype == one.genotype) {
                return Err(RetrainingError::Twice { name: other.name.clone(), other: one.name.clone() });
            }
            let images =
                |one: &Retrained| (one.evaluation.data.clone(), one.evaluation.first, one.evaluation.images);
            if let Some(other) = earlier.first().filter(|other| images(other) != images(one)) {
                return Err(RetrainingError::OtherImages {
                    name: other.name.clone(),
                    other: one.name.clone(),
                });
            }
            let (before, after) = (member.accuracy, one.evaluation.top_1);
            networks.push(BeforeAfter { number, parameters: member.parameters, before, after });
        }
        networks.sort_by_key(|network| network.number);
        let data = retrained.first().map_or_else(String::new, |one| one.evaluation.data.clone());
        let (before, after): (Vec<f64>, Vec<f64>) =
            networks.iter().map(|network| (network.before, network.after)).unzip();
        let kendall = (networks.len() >= 3).then(|| Agreement::of(&before, &after, seed).kendall);
        Ok(Self { kendall: kendall.filter(|kendall| !kendall.value.is_nan()), networks, data })
    }

    /// A line a network, and the agreement, as plain text.
    pub fn table(&self) -> String {
        let mut text = format!("{:>3} {:>12} {:>9} {:>9}\n", "#", "parameters", "search", "retrained");
        for BeforeAfter { number, parameters, before, after } in &self.networks {
            let [before, after] = [before, after].map(|accuracy| format!("{:.2} %", 100.0 * accuracy));
            let _ = writeln!(text, "{number:>3} {parameters:>12} {before:>9} {after:>9}");
        }
        text + &self.agreement_text() + "\n"
    }

    /// The agreement in words.
    pub fn agreement_text(&self) -> String {
        match self.kendall {
            Some(Interval { value, low, high }) => format!(
                "Kendall's tau of search and retrained accuracy: {value:.2} (95 % bootstrap interval {low:.2} to \
                 {high:.2}, {} networks)",
                self.networks.len()
            ),
            None => {
                format!("{} networks are too few, or too alike, to compare their order", self.networks.len())
            }
        }
    }
}

fn number_on_front<'a>(
    front: &'a Generation,
    one: &Retrained,
) -> Result<(usize, &'a Individual), RetrainingError> {
    let mut members = members(front).into_iter();
    members
        .find(|(_, member)| member.genotype.darts() == Some(&one.genotype))
        .ok_or_else(|| RetrainingError::NotOnFront { name: one.name.clone() })
}
