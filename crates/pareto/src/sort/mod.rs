//! Non-dominated sorting: which front every row is in. Exact for every input without NaN: ties, repeated rows,
//! signed zeros, infinities and subnormals. This file chooses the algorithm; the algorithms are beside it.

mod block;
mod cells;
mod codes;
mod counting;
mod distinct;
mod first;
mod halves;
mod key;
mod ladder;
mod levels;
mod members;
pub(crate) mod order;
mod patience;
mod push;
mod rows;
mod scale;
mod sweep;
mod tables;
mod width;

use crate::objectives::Objectives;
use crate::simd::{Available, Vectors};
use block::BLOCK;
use distinct::Distinct;
use first::Filter;
use ladder::Ladder;
use order::Order;
use rows::Rows;
use sweep::Sweep;
use tables::Tables;

/// What [`ranks_until`] writes for a row whose front was not needed.
pub const UNRANKED: u32 = u32::MAX;

/// The front of every row, 0 = best: the length of the longest chain of dominance that ends in it.
///
/// Equal rows have equal ranks. A caller that sorts again and again keeps a [`Sorter`] instead.
pub fn ranks(objectives: &Objectives<'_>) -> Vec<u32> {
    let mut sorter = Sorter::default();
    sorter.ranks(objectives);
    sorter.ranks
}

/// A non-dominated sort with its buffers, which are kept from call to call: once they have grown, sorting allocates
/// nothing.
#[derive(Debug, Clone, Default)]
pub struct Sorter {
    unit: Available,
    order: Order,
    distinct: Distinct,
    second: Vec<f64>,
    lowest: Ladder,
    rows: Rows,
    sweep: Sweep,
    tables: Tables,
    filter: Filter,
    /// Per distinct row.
    front: Vec<u32>,
    ranks: Vec<u32>,
}

impl Sorter {
    /// A sorter that uses no wider vectors than these: to measure, or to be like another machine.
    pub fn with_vectors(vectors: Vectors) -> Self {
        Self { unit: Available::within(vectors), ..Self::default() }
    }

    /// As [`ranks`].
    pub fn ranks(&mut self, objectives: &Objectives<'_>) -> &[u32] {
        self.order.sort(objectives);
        self.distinct.fill(objectives, &self.order);
        match objectives.m() {
            1 => self.one(),
            2 => self.two(objectives),
            _ => self.many(objectives),
        }
        self.ranks.resize(objectives.n(), 0);
        self.distinct.scatter(&self.order, &self.front, &mut self.ranks);
        &self.ranks
    }

    /// As [`ranks_until`].
    pub fn ranks_until(&mut self, objectives: &Objectives<'_>, keep: usize) -> &[u32] {
        self.ranks(objectives);
        let limit = fronts_needed(&self.ranks, keep);
        for rank in &mut self.ranks {
            *rank = if *rank < limit { *rank } else { UNRANKED };
        }
        &self.ranks
    }

    /// As [`non_dominated`].
    pub fn non_dominated(&mut self, objectives: &Objectives<'_>) -> Vec<usize> {
        let mut filter = std::mem::take(&mut self.filter);
        let front = match filter.drop_dominated(objectives) {
            None => best((0..).zip(self.ranks(objectives))),
            Some(rest) => {
                self.ranks(&rest);
                best(filter.kept.iter().map(|&i| i as usize).zip(&self.ranks))
            }
        };
        self.filter = filter;
        front
    }

    fn one(&mut self) {
        self.front.clear();
        self.front.extend(0..self.distinct.rows().len() as u32);
    }

    fn two(&mut self, objectives: &Objectives<'_>) {
        self.second.clear();
        self.second.extend(self.distinct.rows().iter().map(|&i| objectives.values()[2 * i as usize + 1]));
        let (lowest, ranks) = (&mut self.lowest, &mut self.front);
        self.unit.run(patience::Solve { second: &self.second, lowest, ranks });
    }

    fn many(&mut self, objectives: &Objectives<'_>) {
        let rows = &mut self.rows;
        std::mem::swap(&mut self.front, &mut rows.ranks);
        rows.fill(objectives, self.distinct.rows());
        if rows.is_chain() {
            rows.ranks.iter_mut().zip(0..).for_each(|(rank, place)| *rank = place);
        } else if rows.width() == 2 && rows.n() > BLOCK {
            self.sweep.rank(self.unit, rows);
        } else {
            self.tables.rank(self.unit, rows);
        }
        std::mem::swap(&mut self.front, &mut rows.ranks);
    }
}

/// The rows of rank 0.
fn best<'a>(ranked: impl Iterator<Item = (usize, &'a u32)>) -> Vec<usize> {
    ranked.filter(|(_, rank)| **rank == 0).map(|(i, _)| i).collect()
}

/// The ranks of the first fronts that hold at least `keep` rows together; [`UNRANKED`] for every other row.
///
/// Selection of `keep` survivors needs no more than this. It takes as long as [`ranks`]: rows are ranked in lexicographic
/// order, so no front is complete before the last row, and most of the early rows are in the fronts that are needed.
pub fn ranks_until(objectives: &Objectives<'_>, keep: usize) -> Vec<u32> {
    let mut sorter = Sorter::default();
    sorter.ranks_until(objectives, keep);
    sorter.ranks
}

/// The rows of every front, best front first, indices ascending within each.
pub fn fronts(objectives: &Objectives<'_>) -> Vec<Vec<usize>> {
    group(&ranks(objectives))
}

/// The rows that no other row dominates, indices ascending.
pub fn non_dominated(objectives: &Objectives<'_>) -> Vec<usize> {
    Sorter::default().non_dominated(objectives)
}

/// The rows of every rank, indices ascending; rows that are [`UNRANKED`] are left out.
pub(crate) fn group(ranks: &[u32]) -> Vec<Vec<usize>> {
    let ranked = |rank: &&u32| **rank != UNRANKED;
    let n_fronts = ranks.iter().filter(ranked).max().map_or(0, |&last| last as usize + 1);
    let mut fronts = vec![Vec::new(); n_fronts];
    for (i, &rank) in ranks.iter().enumerate().filter(|(_, rank)| ranked(rank)) {
        fronts[rank as usize].push(i);
    }
    fronts
}

/// How many of the first fronts hold at least `keep` rows together.
fn fronts_needed(ranks: &[u32], keep: usize) -> u32 {
    let mut sizes = vec![0_usize; ranks.len()];
    for &rank in ranks {
        sizes[rank as usize] += 1;
    }
    let mut held = 0;
    let mut needed = 0;
    for size in sizes {
        if held >= keep {
            break;
        }
        held += size;
        needed += 1;
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::Rng;
    use random::{Purpose, stream};

    #[test]
    fn every_vector_unit_gives_the_same_ranks() {
        let mut rng = stream(4, Purpose::Test, 0, 0);
        for m in 1..=11 {
            for levels in [4.0, 100.0, 1e9] {
                // 2200 rows: a full block, and another that a table pushes to.
                let rows: Vec<f64> = (0..2200 * m)
                    .map(|_| (f64::from(rng.next_u32()) / 4_294_967_296.0 * levels).floor())
                    .collect();
                let objectives = Objectives::new(&rows, m).unwrap();
                let [plain, others @ ..] = &Available::all()[..] else { unreachable!() };
                let expected = Sorter { unit: *plain, ..Sorter::default() }.ranks(&objectives).to_vec();
                for unit in others {
                    let mut sorter = Sorter { unit: *unit, ..Sorter::default() };
                    assert_eq!(
                        sorter.ranks(&objectives),
                        expected,
                        "{unit:?}, {m} objectives, {levels} levels"
                    );
                }
            }
        }
    }
}
