//! The state of a search as plain data, to be written down and read back by whoever owns files. A snapshot
//! that was read is checked before it runs; that its genotypes belong to the space is the reader's to know.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{EvolutionError, SnapshotProblem};
use crate::individual::{Generation, Individual, IndividualId, Origin};
use crate::settings::{CheckedSettings, Settings};

/// Everything that a search is, except its space.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot<G> {
    /// The settings.
    pub settings: Settings,
    /// The seed that names all random streams.
    pub seed: u64,
    /// The number of selections so far.
    pub generation: Generation,
    /// The name the next newborn gets.
    pub next_id: IndividualId,
    /// The population, ascending by name.
    pub population: Vec<Individual<G>>,
    /// The offspring of this generation, ascending by name, all younger than the population.
    pub offspring: Vec<Individual<G>>,
}

impl<G: Ord> Snapshot<G> {
    /// Whether a search can be in this state, and the checked settings if so.
    pub(crate) fn check(&self) -> Result<CheckedSettings, EvolutionError> {
        let settings = self.settings.clone().check()?;
        self.problem(&settings).map_or(Ok(settings), |problem| Err(EvolutionError::Snapshot(problem)))
    }

    fn problem(&self, settings: &CheckedSettings) -> Option<SnapshotProblem> {
        let expected = settings.raw().population;
        if self.population.len() != expected {
            return Some(SnapshotProblem::Population { expected, found: self.population.len() });
        }
        let most = settings.offspring();
        if self.offspring.len() > most {
            return Some(SnapshotProblem::Offspring { most, found: self.offspring.len() });
        }
        let next = self.next_id;
        let mut least = IndividualId(0);
        let mut genotypes = BTreeMap::new();
        let population = self.population.iter().map(|individual| (individual, self.generation));
        let offspring = self.offspring.iter().map(|individual| (individual, self.generation.next()));
        for (individual, latest) in population.chain(offspring) {
            let id = individual.id;
            if id < least || id >= next {
                return Some(SnapshotProblem::Order { id, next });
            }
            least = IndividualId(id.0 + 1);
            if individual.born > latest {
                return Some(SnapshotProblem::Born {
                    id,
                    born: individual.born,
                    generation: self.generation,
                });
            }
            if let Some(parent) =
                parents(individual.origin).into_iter().flatten().find(|&parent| parent >= id)
            {
                return Some(SnapshotProblem::Parent { id, parent });
            }
            if let Some(problem) = numbers_problem(individual, settings.raw().objectives) {
                return Some(problem);
            }
            if let Some(first) = genotypes.insert(&individual.genotype, id) {
                return Some(SnapshotProblem::Duplicate { first, second: id });
            }
        }
        None
    }
}

fn parents(origin: Origin) -> [Option<IndividualId>; 2] {
    match origin {
        Origin::Initial | Origin::Random => [None, None],
        Origin::Mutation { parent } => [Some(parent), None],
        Origin::Crossover { parents } => parents.map(Some),
    }
}

fn numbers_problem<G>(individual: &Individual<G>, expected: usize) -> Option<SnapshotProblem> {
    let id = individual.id;
    let objectives = individual.objectives.as_deref();
    if let Some(found) = objectives.map(<[f64]>::len).filter(|&found| found != expected) {
        return Some(SnapshotProblem::ObjectiveCount { id, expected, found });
    }
    let mut numbers = objectives.into_iter().flatten().chain(&individual.previous_error);
    let found = *numbers.find(|value| !value.is_finite())?;
    Some(SnapshotProblem::NotFinite { id, found })
}
