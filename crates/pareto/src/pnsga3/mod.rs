//! pNSGA-III, the survivor selection of CARS (CVPR 2020, DOI 10.1109/CVPR42600.2020.00190): several
//! non-dominated sorts of the same individuals, merged stage by stage, so that a large network that is still learning
//! is not deleted by a small one that learns faster. Where paper and released code differ, both are named ([`Variant`]).

mod sorts;

pub use sorts::{Inputs, Sorts, Variant};

use crate::draw::sample_to_front;
use crate::nsga3::{Memory, Pool, fill, first_front_first};
use crate::objectives::Objectives;
use crate::reference::ReferencePoints;
use crate::sort::{group, ranks};
use rand_core::Rng;

/// How the stage that does not fit is cut.
#[derive(Debug, Clone, Copy)]
pub enum LastStage<'a> {
    /// A uniform draw without replacement, as the released code does.
    Random,
    /// Reference-point niching as in NSGA-III, in the primary objectives. The default of `cars`.
    Niching(&'a ReferencePoints),
}

/// Merges the fronts of several sorts of the same individuals: stage i holds whoever is in the i-th front of any sort
/// and in no earlier stage. Indices ascend within a stage; as many stages as the longest sort has fronts, so the last
/// ones may be empty.
///
/// An individual's stage is therefore its best rank over the sorts.
///
/// # Panics
///
/// If the sorts have different numbers of rows.
pub fn merged_stages(sorts: &[Objectives<'_>]) -> Vec<Vec<usize>> {
    let (stage_of, n_stages) = stages(sorts);
    let mut stages = group(&stage_of);
    stages.resize(n_stages, Vec::new());
    stages
}

/// The `keep` survivors, indices ascending: whole merged stages while they fit, then a cut through the next one.
///
/// `sorts` are all sorts to merge; `primary` are the objectives in which [`LastStage::Niching`] spreads the survivors of
/// the cut stage (usually error and sizes, see [`Sorts::primary`]). `keep >= n` keeps all; all chance is from `rng`.
///
/// # Panics
///
/// If `sorts` is empty, the numbers of rows differ, or the reference points do not fit `primary`.
pub fn select(
    primary: &Objectives<'_>,
    sorts: &[Objectives<'_>],
    keep: usize,
    last: LastStage<'_>,
    rng: &mut impl Rng,
) -> Vec<usize> {
    assert!(!sorts.is_empty(), "pNSGA-III needs at least one sort");
    assert_eq!(primary.n(), sorts[0].n(), "the primary objectives and the sorts must have the same rows");
    let mut accepted = Vec::with_capacity(keep.min(primary.n()));
    for mut stage in group(&stages(sorts).0) {
        let missing = keep - accepted.len();
        if stage.len() <= missing {
            accepted.append(&mut stage);
            continue;
        }
        match last {
            LastStage::Random => {
                sample_to_front(rng, &mut stage, missing);
                accepted.extend_from_slice(&stage[..missing]);
            }
            LastStage::Niching(points) if missing > 0 => {
                let filled = niching(primary, &accepted, &stage, missing, points, rng);
                accepted.extend(filled);
            }
            LastStage::Niching(_) => {}
        }
        break;
    }
    accepted.sort_unstable();
    accepted
}

/// The stage of every individual, and how many stages there are counting empty ones at the end.
fn stages(sorts: &[Objectives<'_>]) -> (Vec<u32>, usize) {
    let mut best: Vec<u32> = Vec::new();
    let mut n_stages = 0;
    for (at, sort) in sorts.iter().enumerate() {
        let ranks = ranks(sort);
        n_stages = n_stages.max(ranks.iter().max().map_or(0, |&last| last as usize + 1));
        if at == 0 {
            best = ranks;
        } else {
            assert_eq!(ranks.len(), best.len(), "sort {at} must have as many rows as the first");
            best.iter_mut().zip(ranks).for_each(|(best, rank)| *best = rank.min(*best));
        }
    }
    (best, n_stages)
}

/// Chooses `missing` of the `stage` by niching in the primary objectives.
fn niching(
    primary: &Objectives<'_>,
    accepted: &[usize],
    stage: &[usize],
    missing: usize,
    points: &ReferencePoints,
    rng: &mut impl Rng,
) -> Vec<usize> {
    let all: Vec<usize> = accepted.iter().chain(stage).copied().collect();
    let values: Vec<f64> = all.iter().flat_map(|&i| primary.row(i)).copied().collect();
    let (positions, n_first) = first_front_first(&Objectives::from_checked(&values, primary.m()));
    let members: Vec<u32> = positions.iter().map(|&position| all[position as usize] as u32).collect();
    let is_open = |at: usize| positions[at] as usize >= accepted.len();
    let pool = Pool { members: &members, n_first, is_open };
    let filled = fill(primary, &pool, missing, points, &mut Memory::default(), rng);
    filled.into_iter().map(|i| i as usize).collect()
}
