//! Which operations a population is made of, and whether it has collapsed into skip connections: the known failure of
//! weight sharing, where a path without weights looks good because it trains fastest (arXiv 1909.06035).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::event::Generation;

/// The alarm sounds from this share of all edges on. Drawn uniformly it is a fifth in NAS-Bench-201 and a seventh in DARTS.
const ALARM: f64 = 0.5;

const SKIP: &str = "skip_connect";

/// The edges of one generation's survivors.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Operations {
    /// The generation.
    pub generation: usize,
    /// The share of all edges by operation.
    pub shares: BTreeMap<&'static str, f64>,
    /// Whether at least half of all edges are skip connections.
    pub collapsed: bool,
}

impl Operations {
    /// Counts the edges of a generation.
    pub fn of(generation: &Generation) -> Self {
        let mut counts = BTreeMap::new();
        let survivors = generation.individuals.iter();
        for operation in survivors.flat_map(|individual| individual.genotype.operations()) {
            *counts.entry(operation).or_insert(0_usize) += 1;
        }
        let total = counts.values().sum::<usize>().max(1) as f64;
        let shares: BTreeMap<&'static str, f64> =
            counts.into_iter().map(|(name, count)| (name, count as f64 / total)).collect();
        let collapsed = shares.get(SKIP).is_some_and(|&share| share >= ALARM);
        Self { generation: generation.generation, shares, collapsed }
    }
}
