//! Ties every individual to the reference direction it is nearest to, by perpendicular distance (Deb and Jain 2014,
//! section IV-D). It does not count niches.

use crate::reference::ReferencePoints;
use crate::simd::{Available, Task, Unit};

/// One individual's reference direction and its perpendicular distance to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tie {
    pub(super) niche: u32,
    pub(super) distance: f64,
}

/// The tie of every normalised row; of equally near directions, the first. A row at the origin is tied to point 0.
pub(super) fn associate(normalised: &[f64], points: &ReferencePoints) -> Vec<Tie> {
    let mut ties = Vec::with_capacity(normalised.len() / points.m());
    Available::widest().run(Associate { normalised, points, ties: &mut ties });
    ties
}

struct Associate<'a> {
    normalised: &'a [f64],
    points: &'a ReferencePoints,
    ties: &'a mut Vec<Tie>,
}

impl Task for Associate<'_> {
    #[inline(always)]
    fn run<U: Unit>(self) {
        let Self { normalised, points, ties } = self;
        let mut products = Vec::new();
        let mut scaled = vec![0.0; points.m()];
        for row in normalised.chunks_exact(points.m()) {
            let largest = row.iter().copied().fold(0.0, f64::max);
            if largest == 0.0 {
                ties.push(Tie { niche: 0, distance: 0.0 });
                continue;
            }
            scaled.iter_mut().zip(row).for_each(|(scaled, x)| *scaled = x / largest);
            let niche = points.cones().nearest(&scaled, &mut products);
            // The part of the row that is square to its direction.
            let direction = points.direction(niche);
            let along = row.iter().zip(direction).fold(0.0, |sum, (x, w)| sum + x * w);
            let squares = row.iter().zip(direction).fold(0.0, |sum, (x, w)| {
                let across = x - along * w;
                sum + across * across
            });
            ties.push(Tie { niche: niche as u32, distance: squares.sqrt() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::das_dennis;

    #[test]
    fn the_nearest_direction_and_its_distance() {
        let points = das_dennis(2, 2);
        let rows = [3.0, 0.0, 2.0, 1.0, 0.1, 4.0, 0.0, 0.0];
        let ties = associate(&rows, &points);
        assert_eq!(ties.iter().map(|tie| tie.niche).collect::<Vec<_>>(), [0, 1, 2, 0]);
        let expected = [0.0, 0.5_f64.sqrt(), 0.1, 0.0];
        assert!(ties.iter().zip(expected).all(|(tie, d)| (tie.distance - d).abs() < 1e-15), "{ties:?}");
    }
}
