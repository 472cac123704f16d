//! Ties every individual to the reference direction it is nearest to, by perpendicular distance (Deb and Jain 2014,
//! section IV-D). It does not count niches.

use super::normalisation::Normalised;
use crate::reference::{ReferencePoints, Search};
use crate::simd::{Available, LANES, Task, Unit};

/// One individual's reference direction and its perpendicular distance to it, in normalised objectives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tie {
    /// Which reference point.
    pub niche: u32,
    /// How far the individual is from the line through the ideal point and the reference point.
    pub distance: f64,
}

/// The tie of every row. Inner products decide which direction is nearest; where two are equal to the last bit, it depends
/// on the row alone which of them is taken: in a lattice the first, unless they differ in more than the order of their
/// coordinates. A row at the ideal point is tied to the first.
pub(super) fn ties(normalised: &Normalised, points: &ReferencePoints) -> Vec<Tie> {
    let mut ties = Vec::with_capacity(normalised.rows.n().next_multiple_of(LANES));
    Available::widest().run(Associate { normalised, points, ties: &mut ties });
    ties.truncate(normalised.rows.n());
    ties
}

struct Associate<'a> {
    normalised: &'a Normalised,
    points: &'a ReferencePoints,
    ties: &'a mut Vec<Tie>,
}

impl Task for Associate<'_> {
    #[inline(always)]
    fn run<U: Unit>(self) {
        let Self { normalised: Normalised { rows, factors }, points, ties } = self;
        let directions = points.directions();
        let mut search = Search::default();
        let mut places = Vec::with_capacity(rows.m());
        let mut block = vec![[0.0; LANES]; rows.m()];
        for values in rows.blocks() {
            for ((scaled, values), factor) in block.iter_mut().zip(values).zip(factors) {
                for (scaled, value) in scaled.iter_mut().zip(values) {
                    *scaled = value * factor;
                }
            }
            if let Some(folding) = points.folding() {
                folding.sort(&mut block, &mut places);
            }
            let names = directions.nearest(&block, &mut search);
            let mut found = [directions.row(0); LANES];
            for (found, name) in found.iter_mut().zip(names) {
                *found = directions.row(name as usize);
            }
            let mut along = [0.0; LANES];
            for (j, values) in block.iter().enumerate() {
                for lane in 0..LANES {
                    along[lane] += values[lane] * found[lane][j];
                }
            }
            // The part of the row that is square to its direction.
            let mut squares = [0.0; LANES];
            for (j, values) in block.iter().enumerate() {
                for lane in 0..LANES {
                    let across = values[lane] - along[lane] * found[lane][j];
                    squares[lane] += across * across;
                }
            }
            for lane in 0..LANES {
                let niche = match points.folding() {
                    // A row at the ideal point has no direction.
                    _ if along[lane] == 0.0 => 0,
                    Some(folding) => folding.unfold(names[lane] as usize, &places, lane),
                    None => names[lane],
                };
                ties.push(Tie { niche, distance: squares[lane].sqrt() });
            }
        }
    }
}
