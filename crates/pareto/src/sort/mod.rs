//! Non-dominated sorting: which front every row is in. Exact for every input without NaN: ties, repeated rows,
//! signed zeros, infinities and subnormals. This file chooses the algorithm; the algorithms are beside it.

mod efficient;
mod patience;

use crate::objectives::Objectives;
use std::cmp::Ordering;

/// What [`ranks_until`] writes for a row whose front was not needed.
pub const UNRANKED: u32 = u32::MAX;

/// The front of every row, 0 = best: the length of the longest chain of dominance that ends in it.
///
/// Equal rows have equal ranks.
pub fn ranks(objectives: &Objectives<'_>) -> Vec<u32> {
    let order = lexicographic_order(objectives);
    match objectives.m() {
        1 | 2 => patience::ranks(objectives, &order),
        _ => efficient::ranks(objectives, &order),
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

/// Row indices in lexicographic order of the rows (index order among equal rows): a row can only be dominated
/// by one that comes before it.
fn lexicographic_order(objectives: &Objectives<'_>) -> Vec<u32> {
    let mut order: Vec<u32> = (0..objectives.n() as u32).collect();
    order.sort_unstable_by(|&a, &b| {
        compare(objectives.row(a as usize), objectives.row(b as usize)).then(a.cmp(&b))
    });
    order
}

fn compare(a: &[f64], b: &[f64]) -> Ordering {
    // Rows hold no NaN, so a comparison always has an answer.
    a.iter().partial_cmp(b).unwrap_or(Ordering::Equal)
}
