//! The extreme points of NSGA-III: for each axis the row that is nearest to it (Deb and Jain 2014, section IV-C), now or
//! before. Where the hyperplane through them lies is in `hyperplane`.

use super::blocks::{Blocks, Lanes};
use super::normalisation::{Memory, Scale, larger, smaller};
use crate::simd::LANES;
use std::cmp::Ordering;

/// Off-axis weight of the achievement function that finds extreme points.
const OFF_AXIS: f64 = 1e6;
/// A row within this fraction of the remembered span of an axis counts as lying on it: else a row that is on the axis to the
/// last bit, but far out, would be preferred to all that are nearly on it. Chosen by searches on DTLZ1 to DTLZ4.
const NEAR: f64 = 3e-5;

/// The units of one objective.
#[derive(Clone, Copy)]
pub(super) struct Units {
    /// Half the remembered span.
    pub(super) span: f64,
    /// The span of now in units of the remembered one.
    ratio: f64,
}

impl Units {
    pub(super) fn new(scale: &Scale, memory: &Memory, objective: usize) -> Self {
        let span = memory.spans.get(objective).copied().unwrap_or(0.0).max(scale.span);
        Self { span, ratio: if span > 0.0 { scale.span / span } else { 1.0 } }
    }
}

/// For each axis the row nearest to it: the least achievement value; of equals the first in lexicographic order.
#[inline(always)]
pub(super) fn extreme_points(rows: &Blocks, n_first: usize, axes: &[usize], units: &[Units]) -> Vec<usize> {
    let n_blocks = n_first.div_ceil(LANES);
    let mut achievements = vec![[0.0; LANES]; axes.len() * n_blocks];
    for (at, (block, lanes)) in rows.rows(0..n_first).enumerate() {
        let peak = Peak::of(block, units, lanes.len());
        for (achievements, &axis) in achievements.chunks_exact_mut(n_blocks).zip(axes) {
            achievements[at] = peak.achievement(axis);
        }
    }
    let compare = |a: usize, b: usize| {
        let values = |row: usize| (0..rows.m()).map(move |j| rows.value(row, j));
        values(a).partial_cmp(values(b)).unwrap_or(Ordering::Equal)
    };
    let mut extreme = Vec::with_capacity(axes.len());
    for achievements in achievements.chunks_exact(n_blocks.max(1)) {
        let mut least = [f64::INFINITY; LANES];
        for values in achievements {
            for (least, &value) in least.iter_mut().zip(values) {
                *least = smaller(value, *least);
            }
        }
        let least = least.iter().copied().fold(f64::INFINITY, smaller);
        let mut nearest = None;
        for (row, &value) in achievements.as_flattened().iter().enumerate() {
            if value == least && nearest.is_none_or(|nearest| compare(row, nearest) == Ordering::Less) {
                nearest = Some(row);
            }
        }
        extreme.push(nearest.unwrap_or(0));
    }
    extreme
}

/// The extreme point of before that is nearer to the axis than the one of now, if there is one.
pub(super) fn remembered<'a>(
    memory: &'a Memory,
    scales: &[Scale],
    units: &[Units],
    axis: usize,
    now: &[f64],
) -> Option<&'a [f64]> {
    let achievement = |row: &[f64]| {
        let value = |j: usize| scales[j].place(row[j]) * units[j].ratio;
        let off_axis = (0..row.len()).filter(|&j| j != axis).map(value).fold(0.0, larger);
        larger(value(axis), if off_axis < NEAR { 0.0 } else { OFF_AXIS * off_axis })
    };
    let mut least = achievement(now);
    let mut nearer = None;
    for row in memory.extreme.chunks_exact(scales.len()) {
        if achievement(row) < least {
            least = achievement(row);
            nearer = Some(row);
        }
    }
    nearer
}

/// The largest value of each row of a block, where it is, and the largest of the others.
struct Peak {
    first: Lanes,
    second: Lanes,
    /// The objective of `first`, as a number that fits the vectors.
    at: Lanes,
}

impl Peak {
    /// Only the first `n_rows` lanes hold rows; the others are made too far away to be extreme.
    #[inline(always)]
    fn of(block: &[Lanes], units: &[Units], n_rows: usize) -> Self {
        let (mut first, mut second, mut at) = ([-1.0; LANES], [-1.0; LANES], [0.0; LANES]);
        for ((objective, values), &units) in (0_u32..).map(f64::from).zip(block).zip(units) {
            for lane in 0..LANES {
                let x = values[lane] * units.ratio;
                let lower = if x > first[lane] { first[lane] } else { x };
                second[lane] = larger(lower, second[lane]);
                at[lane] = if x > first[lane] { objective } else { at[lane] };
                first[lane] = larger(x, first[lane]);
            }
        }
        for lane in 0..LANES {
            first[lane] = if lane < n_rows { first[lane] } else { f64::INFINITY };
            second[lane] = if lane < n_rows { second[lane] } else { f64::INFINITY };
        }
        Self { first, second, at }
    }

    /// The largest of a row's values, all but that of `axis` weighted by [`OFF_AXIS`].
    #[inline(always)]
    fn achievement(&self, axis: usize) -> Lanes {
        let mut values = [0.0; LANES];
        for (lane, value) in values.iter_mut().enumerate() {
            let here = self.at[lane] == axis as f64;
            let off_axis = if here { self.second[lane] } else { self.first[lane] };
            let off_axis = if off_axis < NEAR { 0.0 } else { OFF_AXIS * off_axis };
            *value = if here { larger(self.first[lane], off_axis) } else { off_axis };
        }
        values
    }
}
