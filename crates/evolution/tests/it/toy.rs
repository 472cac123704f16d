//! A space small enough to enumerate, objectives that need no network, and a driver for whole generations.

use evolution::{Search, Selection, Settings};
use rand::{Rng, RngExt};
use space::SearchSpace;

pub const SELECTIONS: [Selection; 4] =
    [Selection::Pnsga3Released, Selection::Pnsga3Paper, Selection::Nsga3, Selection::Nsga2];

/// Genotypes of `length` digits below `base`; a gene is a digit.
#[derive(Debug, Clone, Copy)]
pub struct Digits {
    pub length: usize,
    pub base: u8,
}

impl SearchSpace for Digits {
    type Genotype = Vec<u8>;

    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Vec<u8> {
        (0..self.length).map(|_| rng.random_range(0..self.base)).collect()
    }

    fn n_genes(&self) -> usize {
        self.length
    }

    fn take_gene(&self, into: &mut Vec<u8>, from: &Vec<u8>, gene: usize) {
        into[gene] = from[gene];
    }

    fn resample_gene<R: Rng + ?Sized>(&self, genotype: &mut Vec<u8>, gene: usize, rng: &mut R) {
        genotype[gene] = rng.random_range(0..self.base);
    }
}

/// The digits' sum is the size; the error falls with the digits, most with the first ones. Exact in binary.
pub fn trade_off(genotype: &[u8]) -> Vec<f64> {
    let size: u32 = genotype.iter().map(|&digit| u32::from(digit)).sum();
    let gain: f64 =
        genotype.iter().zip(0..).map(|(&digit, place)| f64::from(digit) / f64::from(1 << place)).sum();
    vec![1.0 - gain / 64.0, f64::from(size)]
}

pub fn settings(population: usize, selection: Selection) -> Settings {
    Settings { population, selection, ..Settings::default() }
}

pub fn search<S: SearchSpace>(space: S, settings: Settings, seed: u64) -> Search<S> {
    Search::new(space, settings.check().unwrap(), seed).unwrap()
}

pub fn tell_all<S: SearchSpace>(search: &mut Search<S>, measure: impl Fn(&S::Genotype) -> Vec<f64>) {
    for (index, genotype) in search.ask() {
        search.tell(index, measure(&genotype)).unwrap();
    }
}

/// Breeds, evaluates who lacks objectives, and selects.
pub fn generation<S: SearchSpace>(
    search: &mut Search<S>,
    measure: impl Fn(&S::Genotype) -> Vec<f64>,
) -> Vec<usize> {
    search.breed().unwrap();
    tell_all(search, measure);
    search.select().unwrap()
}
