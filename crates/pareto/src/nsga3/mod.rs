//! NSGA-III survivor selection (Deb and Jain 2014, DOI 10.1109/TEVC.2013.2281535): whole fronts while they fit, then
//! reference-point niching in the front that does not. Stateless: ideal and nadir are those of the rows at hand.

mod association;
mod niching;
mod normalisation;

use crate::objectives::Objectives;
use crate::reference::ReferencePoints;
use crate::sort::{group, ranks_until};
use association::associate;
use niching::Niches;
use normalisation::normalise;
use rand_core::Rng;

/// The `keep` survivors, indices ascending. `keep >= n` keeps all.
///
/// Shifting an objective, or scaling it by a power of two, changes no survivor as long as the shifted numbers are
/// exact. Equal rows, constant objectives, infinities, more points than survivors and fewer rows than points are fine.
/// All that is random (which of the equally empty niches is filled next, and by whom once it has a member) comes
/// from `rng`.
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
    let mut accepted = Vec::with_capacity(keep.min(objectives.n()));
    let fronts = group(&ranks_until(objectives, keep));
    for front in &fronts {
        let missing = keep - accepted.len();
        if front.len() <= missing {
            accepted.extend_from_slice(front);
        } else {
            let filled = fill(objectives, &fronts[0], &accepted, front, missing, points, rng);
            accepted.extend(filled);
        }
    }
    accepted.sort_unstable();
    accepted
}

/// Chooses `missing` of the `split` rows by niching; `accepted` rows already hold their niches. `first_front` holds the
/// rows of both that no other of them dominates.
pub(crate) fn fill(
    objectives: &Objectives<'_>,
    first_front: &[usize],
    accepted: &[usize],
    split: &[usize],
    missing: usize,
    points: &ReferencePoints,
    rng: &mut impl Rng,
) -> Vec<usize> {
    assert_eq!(
        points.m(),
        objectives.m(),
        "reference points must have as many coordinates as rows have objectives"
    );
    let members: Vec<usize> = accepted.iter().chain(split).copied().collect();
    let normalised = normalise(objectives, &members, first_front);
    let ties = associate(&normalised, points);
    let (held, open) = ties.split_at(accepted.len());
    let mut niches = Niches::new(points.len(), held, open);
    (0..missing).map(|_| split[niches.draw(rng)]).collect()
}
