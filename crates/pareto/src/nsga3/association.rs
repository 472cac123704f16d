//! Ties every individual to the reference direction it is nearest to, by perpendicular distance (Deb and Jain 2014,
//! section IV-D). It does not count niches.

use crate::reference::ReferencePoints;

/// One individual's reference direction and its perpendicular distance to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tie {
    pub(super) niche: u32,
    pub(super) distance: f64,
}

/// The tie of every normalised row; of equally near directions, the first.
pub(super) fn associate(normalised: &[f64], points: &ReferencePoints) -> Vec<Tie> {
    normalised.chunks_exact(points.m()).map(|row| nearest(row, points)).collect()
}

fn nearest(row: &[f64], points: &ReferencePoints) -> Tie {
    // Among unit directions the nearest is the one with the largest inner product.
    let (mut niche, mut best) = (0, f64::NEG_INFINITY);
    let mut direction: &[f64] = &[];
    for (i, candidate) in points.directions().enumerate() {
        let product = dot(row, candidate);
        if product > best {
            (niche, best, direction) = (i as u32, product, candidate);
        }
    }
    let distance = row.iter().zip(direction).map(|(x, w)| (x - best * w).powi(2)).sum::<f64>().sqrt();
    Tie { niche, distance }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
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
