//! Variation of genotypes over any search space (arXiv 1909.04977; in detail as the authors'
//! released code): a gene is one node of the cells, in normal and reduction cell together if the space
//! couples them. Duplicates and the choice of parents are the search's concern.

use rand::{Rng, RngExt};
use space::SearchSpace;

/// A fresh random genotype.
pub fn random<S: SearchSpace>(space: &S, rng: &mut impl Rng) -> S::Genotype {
    space.sample(rng)
}

/// A copy of `parent` in which each gene is, with `probability` (0 to 1), drawn anew.
pub fn mutate<S: SearchSpace>(
    space: &S,
    parent: &S::Genotype,
    probability: f64,
    rng: &mut impl Rng,
) -> S::Genotype {
    let mut child = parent.clone();
    for gene in 0..space.n_genes() {
        if rng.random_bool(probability) {
            space.resample_gene(&mut child, gene, rng);
        }
    }
    child
}

/// A copy of `first` in which each gene is, with `probability` (0 to 1), that of `second`.
pub fn crossover<S: SearchSpace>(
    space: &S,
    first: &S::Genotype,
    second: &S::Genotype,
    probability: f64,
    rng: &mut impl Rng,
) -> S::Genotype {
    let mut child = first.clone();
    for gene in 0..space.n_genes() {
        if rng.random_bool(probability) {
            space.take_gene(&mut child, second, gene);
        }
    }
    child
}
