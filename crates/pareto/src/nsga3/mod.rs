//! NSGA-III survivor selection (Deb and Jain 2014, DOI 10.1109/TEVC.2013.2281535): whole fronts while they fit, then
//! reference-point niching in the front that does not. Ideal and nadir are those of the rows at hand, unless a [`Memory`]
//! is kept.

mod association;
mod blocks;
mod extremes;
mod hyperplane;
mod niching;
mod normalisation;

pub use association::Tie;
pub use normalisation::Memory;

use crate::objectives::Objectives;
use crate::reference::ReferencePoints;
use crate::sort::{UNRANKED, non_dominated, ranks_until};
use association::ties;
use normalisation::normalise;
use rand_core::Rng;

/// The `keep` survivors, indices ascending. `keep >= n` keeps all.
///
/// Shifting an objective, or scaling it by a power of two, changes no survivor as long as the shifted numbers are
/// exact. Equal rows, constant objectives, infinities, more points than survivors and fewer rows than points are fine.
/// All that is random (which of the equally empty niches is filled next, and by whom once it has a member) comes
/// from `rng`; where nothing is, the order of the rows does not matter, unless two of a niche are equally near.
///
/// # Panics
///
/// If the reference points have another number of objectives than the rows.
pub fn select(
    objectives: &Objectives<'_>,
    keep: usize,
    points: &ReferencePoints,
    rng: &mut impl Rng,
) -> Vec<usize> {
    select_with_memory(objectives, keep, points, &mut Memory::default(), rng)
}

/// As [`select`], but with an ideal point and extreme points that are kept from generation to generation, as in the paper.
///
/// A new search starts with `Memory::default()`.
///
/// # Panics
///
/// As [`select`].
pub fn select_with_memory(
    objectives: &Objectives<'_>,
    keep: usize,
    points: &ReferencePoints,
    memory: &mut Memory,
    rng: &mut impl Rng,
) -> Vec<usize> {
    let ranks = ranks_until(objectives, keep);
    let Some(split) = ranks.iter().copied().filter(|&rank| rank != UNRANKED).max() else {
        return Vec::new();
    };
    let (members, [_, held, needed, _], n_first) = parted(&ranks, split);
    let members = &members[..needed];
    if needed <= keep {
        return ascending(members, objectives.n());
    }
    let mut survivors = members[..held].to_vec();
    let pool = Pool { members, n_first, is_open: |position| position >= held };
    survivors.extend(fill(objectives, &pool, keep - held, points, memory, rng));
    ascending(&survivors, objectives.n())
}

/// All rows: the first front, those between it and the split front, the split front, and those that are not needed; where
/// each of these parts ends; and how many rows the first front has, which may be the one that is split.
fn parted(ranks: &[u32], split: u32) -> (Vec<u32>, [usize; 4], usize) {
    // Arithmetic instead of branches: nothing can foresee the rank of the next row.
    let part =
        |rank: u32| usize::from(rank > 0).max(2 * usize::from(rank >= split)) + usize::from(rank > split);
    let mut sizes = [0; 4];
    for &rank in ranks {
        sizes[part(rank)] += 1;
    }
    let mut ends = [0, sizes[0], sizes[0] + sizes[1], sizes[0] + sizes[1] + sizes[2]];
    let mut members = vec![0; ranks.len()];
    for (i, &rank) in (0..).zip(ranks) {
        let end = &mut ends[part(rank)];
        members[*end] = i;
        *end += 1;
    }
    (members, ends, if split == 0 { ends[2] } else { ends[0] })
}

/// The members, of `n` rows, in the order of the rows.
fn ascending(members: &[u32], n: usize) -> Vec<usize> {
    let mut is_member = vec![0_u8; n];
    for &i in members {
        is_member[i as usize] = 1;
    }
    let mut sorted = vec![0; members.len() + 1];
    let mut count = 0;
    for (i, is_member) in is_member.into_iter().enumerate() {
        // Written in any case, and kept if it is a member: as above.
        sorted[count] = i;
        count += usize::from(is_member);
    }
    sorted.truncate(members.len());
    sorted
}

/// The niche of every row: the reference direction that it is nearest to once all rows are normalised, as in [`select`].
///
/// # Panics
///
/// If the reference points have another number of objectives than the rows.
pub fn associate(objectives: &Objectives<'_>, points: &ReferencePoints) -> Vec<Tie> {
    check(objectives, points);
    let (members, n_first) = first_front_first(objectives);
    let of_members = ties(&normalise(objectives, &members, n_first, &mut Memory::default()), points);
    let mut ties = of_members.clone();
    for (i, tie) in members.into_iter().zip(of_members) {
        ties[i as usize] = tie;
    }
    ties
}

/// The rows that niching looks at.
pub(crate) struct Pool<'a, F> {
    /// No member dominates any of the first `n_first`, and some member dominates each of the rest.
    pub(crate) members: &'a [u32],
    pub(crate) n_first: usize,
    /// Whether the member at a position is to be drawn from; the others already hold their niches.
    pub(crate) is_open: F,
}

/// Chooses `missing` of the open members by niching.
pub(crate) fn fill(
    objectives: &Objectives<'_>,
    pool: &Pool<'_, impl Fn(usize) -> bool>,
    missing: usize,
    points: &ReferencePoints,
    memory: &mut Memory,
    rng: &mut impl Rng,
) -> Vec<u32> {
    check(objectives, points);
    let ties = ties(&normalise(objectives, pool.members, pool.n_first, memory), points);
    let filled = niching::fill(points.len(), &ties, &pool.is_open, missing, rng);
    filled.into_iter().map(|position| pool.members[position as usize]).collect()
}

/// All rows, those that no other dominates first, and how many these are.
pub(crate) fn first_front_first(objectives: &Objectives<'_>) -> (Vec<u32>, usize) {
    let mut members: Vec<u32> = non_dominated(objectives).into_iter().map(|i| i as u32).collect();
    let n_first = members.len();
    let mut others = vec![true; objectives.n()];
    for &i in &members {
        others[i as usize] = false;
    }
    members.extend((0_u32..).zip(others).filter(|(_, other)| *other).map(|(i, _)| i));
    (members, n_first)
}

fn check(objectives: &Objectives<'_>, points: &ReferencePoints) {
    assert_eq!(
        points.m(),
        objectives.m(),
        "reference points must have as many coordinates as rows have objectives"
    );
}

#[cfg(test)]
mod tests;
