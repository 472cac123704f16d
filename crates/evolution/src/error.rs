//! Everything that can go wrong in a search, with the field, individual or objective it is wrong at. This
//! module finds nothing wrong itself.

use thiserror::Error;

use crate::individual::{Generation, IndividualId};

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum EvolutionError {
    /// A setting lies outside its range.
    #[error("search setting `{field}` is {found}; expected {expected}")]
    Setting {
        /// The field of the settings.
        field: &'static str,
        /// Its value.
        found: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// The space does not seem to hold as many genotypes as the population needs.
    #[error(
        "{attempts} random draws gave only {found} distinct genotypes, the population needs {wanted}; choose a smaller population or a larger space"
    )]
    SpaceTooSmall {
        /// The size of the population.
        wanted: usize,
        /// The distinct genotypes found.
        found: usize,
        /// The genotypes drawn.
        attempts: u64,
    },
    /// Offspring were bred twice in one generation.
    #[error(
        "generation {generation} already has {offspring} offspring; select survivors before breeding again"
    )]
    AlreadyBred {
        /// The generation.
        generation: Generation,
        /// Its offspring.
        offspring: usize,
    },
    /// Objectives were told for an index that nobody has.
    #[error("no individual has index {index}; population and offspring are {count} together")]
    NoSuchIndividual {
        /// The index told.
        index: usize,
        /// The number of individuals.
        count: usize,
    },
    /// An individual was told twice about the same weights.
    #[error(
        "individual {id} (index {index}) has its objectives already; invalidate the search if the weights changed"
    )]
    AlreadyTold {
        /// The index told.
        index: usize,
        /// The individual.
        id: IndividualId,
    },
    /// The wrong number of objectives was told.
    #[error("individual {id} (index {index}) was told {found} objectives; the search has {expected}")]
    ObjectiveCount {
        /// The index told.
        index: usize,
        /// The individual.
        id: IndividualId,
        /// The number of objectives of the search.
        expected: usize,
        /// The number told.
        found: usize,
    },
    /// An objective is NaN or infinite.
    #[error("objective {objective} of individual {id} (index {index}) is {found}; tell a finite number")]
    NotFinite {
        /// The index told.
        index: usize,
        /// The individual.
        id: IndividualId,
        /// The objective, counted from 0 (the error).
        objective: usize,
        /// Its value.
        found: f64,
    },
    /// Survivors cannot be chosen before everybody is evaluated.
    #[error(
        "{missing} individuals lack objectives, the first is {id} (index {index}); tell them before selecting"
    )]
    NotTold {
        /// How many lack objectives.
        missing: usize,
        /// The index of the first.
        index: usize,
        /// The first.
        id: IndividualId,
    },
    /// A snapshot is no state that a search can be in.
    #[error("the snapshot is no state of a search: {0}")]
    Snapshot(SnapshotProblem),
}

/// What makes a snapshot impossible.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SnapshotProblem {
    /// The population has the wrong size.
    #[error("it holds a population of {found}, its settings say {expected}")]
    Population {
        /// The size in the settings.
        expected: usize,
        /// The size found.
        found: usize,
    },
    /// There are more offspring than the settings allow.
    #[error("it holds {found} offspring, its settings allow {most}")]
    Offspring {
        /// The most that the settings allow.
        most: usize,
        /// The number found.
        found: usize,
    },
    /// Names do not ascend, or reach the next free one.
    #[error("individual {id} does not stand between the one before it and the next free number {next}")]
    Order {
        /// The individual.
        id: IndividualId,
        /// The next free name.
        next: IndividualId,
    },
    /// An individual is born later than its place allows.
    #[error("individual {id} is born in generation {born}, the snapshot is of generation {generation}")]
    Born {
        /// The individual.
        id: IndividualId,
        /// Its first generation.
        born: Generation,
        /// The generation of the snapshot.
        generation: Generation,
    },
    /// An individual names a parent that is not older.
    #[error("individual {id} names {parent} as its parent, which is not older")]
    Parent {
        /// The individual.
        id: IndividualId,
        /// The parent named.
        parent: IndividualId,
    },
    /// An individual has the wrong number of objectives.
    #[error("individual {id} has {found} objectives, the settings say {expected}")]
    ObjectiveCount {
        /// The individual.
        id: IndividualId,
        /// The number in the settings.
        expected: usize,
        /// The number found.
        found: usize,
    },
    /// An objective or a previous error is NaN or infinite.
    #[error("individual {id} has an objective or previous error of {found}")]
    NotFinite {
        /// The individual.
        id: IndividualId,
        /// The value.
        found: f64,
    },
    /// Two individuals have the same genotype.
    #[error("individuals {first} and {second} have the same genotype")]
    Duplicate {
        /// The older.
        first: IndividualId,
        /// The younger.
        second: IndividualId,
    },
}
