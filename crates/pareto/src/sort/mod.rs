//! Non-dominated sorting: which front every row is in. Exact for every input without NaN: ties, repeated rows,
//! signed zeros, infinities and subnormals. This file chooses the algorithm; the algorithms are beside it.

mod ladder;
mod leaf;
mod levels;
mod order;
mod patience;

mod sweep;
mod tables;

use crate::objectives::Objectives;
use crate::simd::Available;
use ladder::Ladder;
use leaf::{LEAF, Rows};
use order::Order;
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
    /// The distinct rows that come before each sorted row, itself included; empty if all rows are distinct.
    places: Vec<u32>,
    second: Vec<f64>,
    lowest: Ladder,
    distinct: Vec<u32>,
    rows: Rows,
    sweep: Sweep,
    tables: Tables,
    column: Order,
    by_second: Vec<u32>,
    ranks: Vec<u32>,
}

impl Sorter {
    /// As [`ranks`].
    pub fn ranks(&mut self, objectives: &Objectives<'_>) -> &[u32] {
        self.order.sort(objectives);
        match objectives.m() {
            1 => self.one(objectives),
            2 => self.two(objectives),
            _ => self.many(objectives),
        }
        &self.ranks
    }

    fn one(&mut self, objectives: &Objectives<'_>) {
        self.distinct(objectives, |_, _| {});
        let n = self.places.last().map_or(0, |&last| last + 1);
        self.distinct.clear();
        self.distinct.extend(0..n);
        scatter(&self.order, &self.places, &self.distinct, &mut self.ranks);
    }

    fn two(&mut self, objectives: &Objectives<'_>) {
        self.second.clear();
        self.distinct(objectives, |sorter, row| sorter.second.push(row[1]));
        self.unit.run(patience::Solve {
            second: &self.second,
            lowest: &mut self.lowest,
            ranks: &mut self.distinct,
        });
        scatter(&self.order, &self.places, &self.distinct, &mut self.ranks);
    }

    fn many(&mut self, objectives: &Objectives<'_>) {
        self.rows.clear(objectives.m() - 1);
        self.distinct(objectives, |sorter, row| sorter.rows.push(&row[1..]));
        self.rows.prepare();
        let rows = &mut self.rows;
        if rows.is_chain() {
            rows.ranks.iter_mut().zip(0..).for_each(|(rank, place)| *rank = place);
        } else if rows.width() == 2 && rows.n() > LEAF {
            self.column.sort_column(rows.column(0));
            self.by_second.clear();
            self.by_second.extend(self.column.rows());
            self.unit.run(sweep::Solve { sweep: &mut self.sweep, rows, order: &self.by_second });
        } else {
            self.unit.run(tables::Solve { tables: &mut self.tables, rows });
        }
        scatter(&self.order, &self.places, self.rows.ranks(), &mut self.ranks);
    }

    /// Passes every distinct row, in lexicographic order, and notes which of them each sorted row is.
    fn distinct(&mut self, objectives: &Objectives<'_>, mut pass: impl FnMut(&mut Self, &[f64])) {
        let order = std::mem::take(&mut self.order);
        let mut places = std::mem::take(&mut self.places);
        places.clear();
        if order.has_ties() {
            let mut previous: Option<&[f64]> = None;
            let mut n = 0;
            for i in order.rows() {
                let row = objectives.row(i as usize);
                if previous != Some(row) {
                    pass(self, row);
                    n += 1;
                }
                places.push(n - 1);
                previous = Some(row);
            }
        } else {
            for i in order.rows() {
                pass(self, objectives.row(i as usize));
            }
            places.extend(0..objectives.n() as u32);
        }
        (self.order, self.places) = (order, places);
    }
}

/// Hands the ranks of the distinct rows to all rows.
fn scatter(order: &Order, places: &[u32], distinct: &[u32], ranks: &mut Vec<u32>) {
    ranks.clear();
    ranks.resize(places.len(), 0);
    for (row, &place) in order.rows().zip(places) {
        ranks[row as usize] = distinct[place as usize];
    }
}

/// The ranks of the first fronts that hold at least `keep` rows together; [`UNRANKED`] for every other row.
///
/// Selection of `keep` survivors needs no more than this.
pub fn ranks_until(objectives: &Objectives<'_>, keep: usize) -> Vec<u32> {
    let mut ranks = ranks(objectives);
    let limit = fronts_needed(&ranks, keep);
    for rank in &mut ranks {
        if *rank >= limit {
            *rank = UNRANKED;
        }
    }
    ranks
}

/// The rows of every front, best front first, indices ascending within each.
pub fn fronts(objectives: &Objectives<'_>) -> Vec<Vec<usize>> {
    group(&ranks(objectives))
}

/// The rows that no other row dominates, indices ascending.
pub fn non_dominated(objectives: &Objectives<'_>) -> Vec<usize> {
    let ranks = ranks_until(objectives, 1);
    (0..objectives.n()).filter(|&i| ranks[i] == 0).collect()
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
                // 1100 rows: leaves, all sizes of member tables, and more than one chunk.
                let rows: Vec<f64> = (0..1100 * m)
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
