//! Breeding: a quarter mutants, a quarter crossovers and the rest fresh by default (arXiv 1909.04977), none
//! equal to a parent or to another offspring. Nothing is evaluated here.

use std::collections::BTreeSet;

use rand::{Rng, RngExt};
use random::{Purpose, stream};
use space::SearchSpace;

use super::{Search, newborn};
use crate::error::EvolutionError;
use crate::individual::{Individual, Origin};
use crate::variation;

/// What breeding came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brood {
    /// The offspring the settings ask for.
    pub wanted: usize,
    /// The offspring bred; fewer than wanted only if the space is nearly exhausted by the population.
    pub bred: usize,
    /// The attempts made; each of them but those bred gave a genotype that was there already.
    pub attempts: u64,
}

impl Brood {
    /// Whether the attempts ran out before the offspring were complete.
    pub const fn is_saturated(&self) -> bool {
        self.bred < self.wanted
    }
}

impl<S: SearchSpace> Search<S> {
    /// Breeds the offspring of this generation from the population, whose objectives need not be known:
    /// parents are drawn uniformly, with replacement.
    ///
    /// Each attempt decides by a draw whether it mutates, crosses over or starts afresh, and is rejected if
    /// the genotype is already among parents or offspring (so an attempt that fails leaves the kind of the
    /// next one open). In a space with too few further genotypes breeding stops after 100 attempts for each
    /// offspring and 1,000 more, and the generation goes on with fewer or no offspring, as
    /// [`Brood::is_saturated`] tells. Fails if this generation has offspring already.
    pub fn breed(&mut self) -> Result<Brood, EvolutionError> {
        if !self.offspring.is_empty() {
            let offspring = self.offspring.len();
            return Err(EvolutionError::AlreadyBred { generation: self.generation, offspring });
        }
        let wanted = self.settings.offspring();
        let born = self.generation.next();
        let mut seen: BTreeSet<_> = self.population.iter().map(|one| one.genotype.clone()).collect();
        let mut attempts = 0;
        while self.offspring.len() < wanted && attempts < most_attempts(wanted) {
            let mut rng = stream(self.seed, Purpose::Variation, u64::from(self.generation.0), attempts);
            attempts += 1;
            let (genotype, origin) = self.vary(&mut rng);
            if seen.insert(genotype.clone()) {
                self.offspring.push(newborn(genotype, origin, born, &mut self.next_id));
            }
        }
        Ok(Brood { wanted, bred: self.offspring.len(), attempts })
    }

    fn vary(&self, rng: &mut impl Rng) -> (S::Genotype, Origin) {
        let settings = self.settings.raw();
        let draw: f64 = rng.random();
        if draw < settings.mix.mutation {
            let parent = self.parent(rng);
            let child = variation::mutate(&self.space, &parent.genotype, settings.gene_probability, rng);
            (child, Origin::Mutation { parent: parent.id })
        } else if draw < settings.mix.mutation + settings.mix.crossover {
            let [first, second] = [self.parent(rng), self.parent(rng)];
            let child = variation::crossover(
                &self.space,
                &first.genotype,
                &second.genotype,
                settings.gene_probability,
                rng,
            );
            (child, Origin::Crossover { parents: [first.id, second.id] })
        } else {
            (variation::random(&self.space, rng), Origin::Random)
        }
    }

    fn parent(&self, rng: &mut impl Rng) -> &Individual<S::Genotype> {
        // A fixed width: `usize` would draw differently on 32-bit machines.
        &self.population[rng.random_range(0..self.population.len() as u32) as usize]
    }
}

/// When to give up on finding `wanted` new genotypes.
pub(super) const fn most_attempts(wanted: usize) -> u64 {
    1_000 + 100 * wanted as u64
}
