//! NSGA-III normalisation: ideal point, scales and intercepts (Deb and Jain 2014, section IV-C), with a rule for every
//! degenerate case. It works in units of the first front's span, so the units an objective is measured in cannot decide which
//! points are extreme.

use super::blocks::{Blocks, Lanes};
use super::extremes::{Units, extreme_points, remembered};
use super::hyperplane::intercepts;
use crate::objectives::Objectives;
use crate::simd::{Available, LANES, Task, Unit};

/// Normalised values are cut here, so that their squares stay finite whatever the input.
const FAR: f64 = 1e100;

/// What NSGA-III keeps from generation to generation: the best value seen of each objective, and the extreme points.
///
/// With it the normalisation does not start anew whenever an extreme individual is lost, and fronts end up more evenly
/// spread; without it, selection depends on nothing but the rows at hand. It is of use for one search only.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    /// The ideal point; empty at first, as the others.
    ideal: Vec<f64>,
    /// Half the widest span that each objective has had in a first front: the units in which rows are compared for being
    /// extreme. If these shrank from generation to generation, the extreme points would change, and the niches with them.
    pub(super) spans: Vec<f64>,
    /// Rows of objectives, one for each axis on which an extreme point was found.
    pub(super) extreme: Vec<f64>,
}

/// Rows in units of the first front's span, and what to multiply each objective by so that it is 1 at its intercept.
pub(super) struct Normalised {
    pub(super) rows: Blocks,
    pub(super) factors: Vec<f64>,
}

/// Normalises the `members` of the rows; no member dominates any of the first `n_first`.
///
/// All values become at least 0. A constant objective is 0 for all; an infinity counts as the finite end of its
/// objective. Where the hyperplane through the extreme points is missing or does not cut an axis properly, the front's own
/// extent takes its place; an intercept never lies beyond the worst row, of now or remembered.
pub(super) fn normalise(
    objectives: &Objectives<'_>,
    members: &[u32],
    n_first: usize,
    memory: &mut Memory,
) -> Normalised {
    let m = objectives.m();
    let mut normalised = Normalised { rows: Blocks::gather(objectives, members), factors: vec![1.0; m] };
    Available::widest().run(Normalise { objectives, members, n_first, memory, normalised: &mut normalised });
    normalised
}

struct Normalise<'a> {
    objectives: &'a Objectives<'a>,
    members: &'a [u32],
    n_first: usize,
    memory: &'a mut Memory,
    normalised: &'a mut Normalised,
}

impl Task for Normalise<'_> {
    #[inline(always)]
    fn run<U: Unit>(self) {
        let Self { objectives, members, n_first, memory, normalised: Normalised { rows, factors } } = self;
        let scales = scales(rows, n_first, memory);
        for block in rows.blocks_mut() {
            for (lanes, &scale) in block.iter_mut().zip(&scales) {
                let values = *lanes;
                for (x, value) in lanes.iter_mut().zip(values) {
                    *x = scale.place(value);
                }
            }
        }
        let units: Vec<Units> =
            scales.iter().enumerate().map(|(j, scale)| Units::new(scale, memory, j)).collect();
        let axes: Vec<usize> = (0..rows.m()).filter(|&j| scales[j].inverse > 0.0).collect();
        let mut extreme = Vec::with_capacity(axes.len() * rows.m());
        for (row, axis) in extreme_points(rows, n_first, &axes, &units).into_iter().zip(&axes) {
            let now = objectives.row(members[row] as usize);
            extreme.extend_from_slice(remembered(memory, &scales, &units, *axis, now).unwrap_or(now));
        }
        let points = extreme.chunks_exact(rows.m());
        let placed = points.flat_map(|row| axes.iter().map(|&j| scales[j].place(row[j]))).collect();
        if let Some(intercepts) = intercepts(placed, axes.len()) {
            for (&j, intercept) in axes.iter().zip(intercepts) {
                factors[j] = 1.0 / intercept.min(scales[j].place(scales[j].high));
            }
        }
        let ideal = scales.iter().map(|scale| scale.low).collect();
        *memory = Memory { ideal, spans: units.iter().map(|units| units.span).collect(), extreme };
    }
}

/// How an objective is brought to units of the first front's span.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    /// A power of two that keeps the width of the span, and its inverse, in range.
    unit: f64,
    /// 0 for a constant objective.
    inverse: f64,
    /// Half the width of the span; the whole may overflow.
    pub(super) span: f64,
}

impl Scale {
    fn new(all: Ends, first: Ends) -> Self {
        // No finite value at all is a constant objective, too.
        let Ends { low, high } = if all.low <= all.high { all } else { Ends { low: 0.0, high: 0.0 } };
        let top = if first.high > low { first.high } else { high };
        let unit = match top - low {
            f64::INFINITY => 0.5,
            width if width < 1e-290 => 2_f64.powi(512),
            _ => 1.0,
        };
        let width = top * unit - low * unit;
        let inverse = if width > 0.0 { 1.0 / width } else { 0.0 };
        Self { low, high, unit, inverse, span: 0.5 * top - 0.5 * low }
    }

    /// 0 at the lower end, 1 at the upper; shifting or scaling all values by a power of two does not change it, as long as
    /// the shifted values are exact.
    #[inline(always)]
    pub(super) fn place(&self, value: f64) -> f64 {
        let clamped = larger(smaller(value, self.high), self.low);
        smaller((clamped * self.unit - self.low * self.unit) * self.inverse, FAR)
    }
}

fn scales(rows: &Blocks, n_first: usize, memory: &Memory) -> Vec<Scale> {
    let mut ends = vec![Widest::default(); rows.m()];
    for (ends, &ideal) in ends.iter_mut().zip(&memory.ideal) {
        ends.low = [ideal; LANES];
    }
    widen(&mut ends, rows, 0..n_first);
    let first: Vec<Ends> = ends.iter().map(Widest::ends).collect();
    widen(&mut ends, rows, n_first..rows.n());
    for row in memory.extreme.chunks_exact(rows.m()) {
        ends.iter_mut().zip(row).for_each(|(ends, &value)| ends.take(0, value));
    }
    ends.iter().zip(first).map(|(ends, first)| Scale::new(ends.ends(), first)).collect()
}

/// The finite minimum and maximum of an objective.
#[derive(Clone, Copy)]
struct Ends {
    low: f64,
    high: f64,
}

/// As [`Ends`], lane by lane.
#[derive(Clone, Copy)]
struct Widest {
    low: Lanes,
    high: Lanes,
}

impl Default for Widest {
    fn default() -> Self {
        Self { low: [f64::INFINITY; LANES], high: [f64::NEG_INFINITY; LANES] }
    }
}

impl Widest {
    fn ends(&self) -> Ends {
        Ends {
            low: self.low.iter().copied().fold(f64::INFINITY, smaller),
            high: self.high.iter().copied().fold(f64::NEG_INFINITY, larger),
        }
    }

    #[inline(always)]
    fn take(&mut self, lane: usize, value: f64) {
        let finite = value.abs() < f64::INFINITY;
        self.low[lane] = smaller(if finite { value } else { f64::INFINITY }, self.low[lane]);
        self.high[lane] = larger(if finite { value } else { f64::NEG_INFINITY }, self.high[lane]);
    }
}

#[inline(always)]
fn widen(ends: &mut [Widest], rows: &Blocks, range: std::ops::Range<usize>) {
    for (block, lanes) in rows.rows(range) {
        for (ends, values) in ends.iter_mut().zip(block) {
            if lanes.len() == LANES {
                for (lane, &value) in values.iter().enumerate() {
                    ends.take(lane, value);
                }
            } else {
                lanes.clone().for_each(|lane| ends.take(lane, values[lane]));
            }
        }
    }
}

/// The smaller of two numbers, in the one form that is a single vector instruction.
#[inline(always)]
pub(super) fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline(always)]
pub(super) fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}
