//! The search as a state machine driven by ask and tell (arXiv 1909.04977, algorithm 1): who is in the
//! population, who still has to be evaluated, who survives. It calls nobody: training and evaluation are the
//! driver's.

mod breed;
mod speed;
mod survivors;

use std::collections::BTreeSet;

use pareto::Objectives;
use random::{Purpose, stream};
use space::SearchSpace;

use crate::error::EvolutionError;
use crate::individual::{Generation, Individual, IndividualId, Origin};
use crate::settings::CheckedSettings;
use crate::snapshot::Snapshot;
use crate::variation;

pub use breed::Brood;

/// A population in the middle of its evolution.
///
/// Individuals are addressed by index: first the population, then the offspring. All randomness comes from
/// streams named by the seed, the generation and the attempt, so equal calls give equal searches on every
/// machine.
#[derive(Debug, Clone)]
pub struct Search<S: SearchSpace> {
    space: S,
    settings: CheckedSettings,
    seed: u64,
    generation: Generation,
    next_id: IndividualId,
    population: Vec<Individual<S::Genotype>>,
    offspring: Vec<Individual<S::Genotype>>,
}

impl<S: SearchSpace> Search<S> {
    /// Draws an initial population of distinct genotypes.
    ///
    /// Fails if that many cannot be found in 100 draws for each and 1,000 more.
    pub fn new(space: S, settings: CheckedSettings, seed: u64) -> Result<Self, EvolutionError> {
        let wanted = settings.raw().population;
        let attempts = breed::most_attempts(wanted);
        let mut seen = BTreeSet::new();
        let mut population = Vec::with_capacity(wanted);
        let mut next_id = IndividualId(0);
        for attempt in 0..attempts {
            if population.len() == wanted {
                break;
            }
            let genotype = variation::random(&space, &mut stream(seed, Purpose::Population, 0, attempt));
            if seen.insert(genotype.clone()) {
                population.push(newborn(genotype, Origin::Initial, Generation(0), &mut next_id));
            }
        }
        if population.len() < wanted {
            return Err(EvolutionError::SpaceTooSmall { wanted, found: population.len(), attempts });
        }
        let generation = Generation(0);
        Ok(Self { space, settings, seed, generation, next_id, population, offspring: Vec::new() })
    }

    /// Forgets all objectives, because the shared weights have changed: everybody must be asked for again.
    /// The error last told is kept as the previous one, for the speed of accuracy increase.
    pub fn invalidate(&mut self) {
        for individual in self.population.iter_mut().chain(&mut self.offspring) {
            if let Some(error) = individual.error() {
                individual.previous_error = Some(error);
            }
            individual.objectives = None;
        }
    }

    /// The individuals that lack objectives: index and genotype, in order of the index.
    pub fn ask(&self) -> Vec<(usize, S::Genotype)> {
        self.individuals()
            .enumerate()
            .filter(|(_, individual)| individual.objectives.is_none())
            .map(|(index, individual)| (index, individual.genotype.clone()))
            .collect()
    }

    /// Takes the objectives of one individual, all minimised: first the error (1 - accuracy), then the sizes.
    /// The order of telling does not matter.
    ///
    /// Fails, without any change, for an unknown index, an individual told already, a wrong number of
    /// objectives, or one that is not finite.
    pub fn tell(&mut self, index: usize, objectives: Vec<f64>) -> Result<(), EvolutionError> {
        let expected = self.settings.raw().objectives;
        let count = self.population.len() + self.offspring.len();
        let Some(individual) = self.population.iter_mut().chain(&mut self.offspring).nth(index) else {
            return Err(EvolutionError::NoSuchIndividual { index, count });
        };
        let id = individual.id;
        if individual.objectives.is_some() {
            return Err(EvolutionError::AlreadyTold { index, id });
        }
        if objectives.len() != expected {
            return Err(EvolutionError::ObjectiveCount { index, id, expected, found: objectives.len() });
        }
        if let Some(objective) = objectives.iter().position(|value| !value.is_finite()) {
            return Err(EvolutionError::NotFinite { index, id, objective, found: objectives[objective] });
        }
        individual.objectives = Some(objectives);
        Ok(())
    }

    /// Replaces the population by the survivors among population and offspring, and begins the next
    /// generation.
    ///
    /// Returns the indices the survivors had, ascending; they keep this order. Fails, without any change,
    /// while anybody lacks objectives.
    pub fn select(&mut self) -> Result<Vec<usize>, EvolutionError> {
        let untold = self.ask();
        if let Some(&(index, _)) = untold.first() {
            let id = self.individuals().nth(index).expect("asked for by this index").id;
            return Err(EvolutionError::NotTold { missing: untold.len(), index, id });
        }
        let mut rng = stream(self.seed, Purpose::Selection, u64::from(self.generation.0), 0);
        let mut individuals = std::mem::take(&mut self.population);
        individuals.append(&mut self.offspring);
        let survivors = survivors::choose(&individuals, self.settings.raw(), &mut rng);
        let mut next = survivors.iter().peekable();
        for (index, individual) in individuals.into_iter().enumerate() {
            if next.next_if_eq(&&index).is_some() {
                self.population.push(individual);
            }
        }
        self.generation = self.generation.next();
        Ok(survivors)
    }

    /// The population: the survivors of the last selection, oldest first.
    pub fn population(&self) -> &[Individual<S::Genotype>] {
        &self.population
    }

    /// The offspring bred in this generation; empty after a selection.
    pub fn offspring(&self) -> &[Individual<S::Genotype>] {
        &self.offspring
    }

    /// The members of the population that no other member dominates, by the objectives as told (not the
    /// second sort of pNSGA-III). Of members with equal objectives only the oldest is listed. Sorted by the
    /// first size, then the error, then the other sizes. Members that lack objectives are left out.
    pub fn front(&self) -> Vec<&Individual<S::Genotype>> {
        let told: Vec<_> =
            self.population.iter().filter_map(|one| Some((one, one.objectives.as_deref()?))).collect();
        let rows: Vec<f64> = told.iter().flat_map(|(_, objectives)| *objectives).copied().collect();
        let matrix =
            Objectives::new(&rows, self.settings.raw().objectives).expect("told objectives are finite rows");
        let mut front: Vec<_> = pareto::non_dominated(&matrix).into_iter().map(|row| told[row]).collect();
        front.sort_by(|(_, a), (_, b)| compare(a, b));
        front.dedup_by(|(_, a), (_, b)| a == b);
        front.into_iter().map(|(individual, _)| individual).collect()
    }

    /// The number of selections so far.
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// The settings the search runs with.
    pub const fn settings(&self) -> &CheckedSettings {
        &self.settings
    }

    /// Everything that a search is, except its space, as plain data.
    pub fn snapshot(&self) -> Snapshot<S::Genotype> {
        Snapshot {
            settings: self.settings.raw().clone(),
            seed: self.seed,
            generation: self.generation,
            next_id: self.next_id,
            population: self.population.clone(),
            offspring: self.offspring.clone(),
        }
    }

    /// The search that a snapshot was taken of: it continues bit for bit as the original would have.
    ///
    /// The space must be the one the snapshot was taken in. Fails if the snapshot is no state of a search.
    pub fn restore(space: S, snapshot: Snapshot<S::Genotype>) -> Result<Self, EvolutionError> {
        let settings = snapshot.check()?;
        let Snapshot { seed, generation, next_id, population, offspring, .. } = snapshot;
        Ok(Self { space, settings, seed, generation, next_id, population, offspring })
    }

    fn individuals(&self) -> impl Iterator<Item = &Individual<S::Genotype>> {
        self.population.iter().chain(&self.offspring)
    }
}

/// An individual nobody has evaluated yet; takes the next free name.
fn newborn<G>(genotype: G, origin: Origin, born: Generation, next_id: &mut IndividualId) -> Individual<G> {
    let id = *next_id;
    next_id.0 += 1;
    Individual { id, genotype, origin, born, objectives: None, previous_error: None }
}

/// By the first size, then the error, then the other sizes.
fn compare(a: &[f64], b: &[f64]) -> std::cmp::Ordering {
    let order = [1, 0].into_iter().chain(2..a.len());
    order
        .map(|column| a[column].total_cmp(&b[column]))
        .find(|order| order.is_ne())
        .unwrap_or(a.len().cmp(&b.len()))
}
