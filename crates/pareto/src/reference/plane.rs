//! The nearest of many directions in the plane: they are sorted by angle, so a binary search finds the two that enclose a row.

use super::directions::Best;

/// How far, relatively, rounding may move an inner product or the place that was searched for: all directions this close to
/// the nearest are compared.
const MARGIN: f64 = 1e-12;

/// Unit directions of two coordinates, by angle.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plane {
    /// What the second coordinate holds of the sum of both; ascending.
    shares: Vec<f64>,
    directions: Vec<[f64; 2]>,
    names: Vec<u32>,
}

impl Plane {
    /// Sorts the unit `directions` (rows of 2).
    pub(super) fn new(directions: &[f64]) -> Self {
        let (rows, _) = directions.as_chunks::<2>();
        let mut names: Vec<u32> = (0..rows.len() as u32).collect();
        let of_name = |name: u32| rows[name as usize];
        names.sort_by(|&a, &b| share(of_name(a)).total_cmp(&share(of_name(b))));
        Self {
            shares: names.iter().map(|&name| share(of_name(name))).collect(),
            directions: names.iter().map(|&name| of_name(name)).collect(),
            names,
        }
    }

    /// The direction with the largest inner product with `row` (not negative, not the origin), the first of equal ones.
    #[inline(always)]
    pub(super) fn nearest(&self, row: [f64; 2]) -> u32 {
        let own = share(row);
        let at = self.shares.partition_point(|&share| share < own);
        // The product falls with the angle, on either side.
        let (before, after) = self.directions.split_at(at);
        let mut best = Best::default();
        let mut compare = |direction: &[f64; 2], name: &u32| {
            let product = row[0] * direction[0] + row[1] * direction[1];
            best.take(product, *name);
            product >= best.product * (1.0 - MARGIN)
        };
        let (names_before, names_after) = self.names.split_at(at);
        let _ = after.iter().zip(names_after).all(|(direction, name)| compare(direction, name));
        let _ = before.iter().zip(names_before).rev().all(|(direction, name)| compare(direction, name));
        best.name
    }
}

#[inline(always)]
fn share([x, y]: [f64; 2]) -> f64 {
    y / (x + y)
}
