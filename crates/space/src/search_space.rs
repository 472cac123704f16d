//! What variation operators need to know of a search space: how to draw a genotype, and how to move or redraw
//! one gene. The operators themselves (crossover, mutation) live elsewhere.

use rand_core::Rng;

/// A space of genotypes made of a fixed number of genes, each of which can be exchanged or redrawn alone.
pub trait SearchSpace {
    /// A point of the space. Equal genotypes are the same point; the order only serves to sort.
    type Genotype: Clone + Eq + Ord;

    /// Draws a genotype uniformly.
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Self::Genotype;

    /// The number of genes of every genotype.
    fn n_genes(&self) -> usize;

    /// Replaces one gene of `into` by that of `from`.
    ///
    /// # Panics
    ///
    /// If `gene` is not below [`SearchSpace::n_genes`], or a genotype is not of this space.
    fn take_gene(&self, into: &mut Self::Genotype, from: &Self::Genotype, gene: usize);

    /// Replaces one gene by a uniformly drawn one, which may equal the old one.
    ///
    /// # Panics
    ///
    /// As [`SearchSpace::take_gene`].
    fn resample_gene<R: Rng + ?Sized>(&self, genotype: &mut Self::Genotype, gene: usize, rng: &mut R);
}
