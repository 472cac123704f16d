//! One member of the population: its genotype, where it came from, and what was measured of it. How it is
//! varied and how survivors are chosen lies elsewhere.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of a generation; 0 is the initial population.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Generation(pub u32);

impl Generation {
    /// The generation after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The name of an individual within a search: births are counted from 0, and a number is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IndividualId(pub u64);

impl fmt::Display for IndividualId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How an individual came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Drawn for the initial population.
    Initial,
    /// Drawn afresh among the offspring.
    Random,
    /// A copy of the parent with some genes drawn anew.
    Mutation {
        /// The parent.
        parent: IndividualId,
    },
    /// A copy of the first parent with some genes of the second.
    Crossover {
        /// The parents; the first was copied.
        parents: [IndividualId; 2],
    },
}

/// A genotype with its history in the search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Individual<G> {
    /// Its name.
    pub id: IndividualId,
    /// The architecture.
    pub genotype: G,
    /// How it came about.
    pub origin: Origin,
    /// The first generation it can belong to: offspring bred in generation g are born in g + 1.
    pub born: Generation,
    /// What was told of it, all minimised: the error (1 - accuracy), then the sizes. `None` until told, and
    /// again after the search was invalidated.
    pub objectives: Option<Vec<f64>>,
    /// The error of the evaluation before, on older weights.
    pub previous_error: Option<f64>,
}

impl<G> Individual<G> {
    /// The current error (1 - accuracy), if told.
    pub fn error(&self) -> Option<f64> {
        self.objectives.as_ref().and_then(|objectives| objectives.first().copied())
    }

    /// The increase of accuracy from the previous evaluation to the current one, if there are both.
    pub fn speed(&self) -> Option<f64> {
        Some(self.previous_error? - self.error()?)
    }
}
