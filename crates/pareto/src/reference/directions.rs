//! Which of a set of directions is nearest to each row of a block: by looking at all of them, many rows at once, while they
//! are few; otherwise by angle in the `plane`, by `cones` in space. Exact either way.

use super::cones::Cones;
use super::plane::Plane;
use crate::simd::LANES;

/// Up to this many directions are looked at one and all: in the plane, and in space.
const FEW_IN_PLANE: usize = 64;
const FEW: usize = 512;

/// Directions of unit length.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Directions {
    rows: Vec<f64>,
    m: usize,
    method: Method,
}

/// How they are searched.
#[derive(Debug, Clone, PartialEq)]
enum Method {
    All,
    Plane(Plane),
    Cones(Cones),
}

/// Buffers of a search, kept from block to block.
#[derive(Debug, Default)]
pub(crate) struct Search {
    row: Vec<f64>,
    products: Vec<[f64; LANES]>,
}

impl Directions {
    /// Takes unit directions, row by row.
    pub(super) fn new(rows: Vec<f64>, m: usize) -> Self {
        let method = match rows.len() / m {
            n if m == 2 && n > FEW_IN_PLANE => Method::Plane(Plane::new(&rows)),
            n if n > FEW => Method::Cones(Cones::new(&rows, m)),
            _ => Method::All,
        };
        Self { rows, m, method }
    }

    /// The direction called `name`.
    #[inline(always)]
    pub(crate) fn row(&self, name: usize) -> &[f64] {
        &self.rows[name * self.m..][..self.m]
    }

    /// The direction that has the largest inner product with each row of a block (objective by objective, `LANES` values
    /// each, not negative); of equal ones the first.
    #[inline(always)]
    pub(crate) fn nearest(&self, block: &[[f64; LANES]], search: &mut Search) -> [u32; LANES] {
        let mut names = [0; LANES];
        match &self.method {
            Method::All => self.nearest_of_all(block, &mut names),
            Method::Plane(plane) => {
                for (lane, name) in names.iter_mut().enumerate() {
                    *name = plane.nearest([block[0][lane], block[1][lane]]);
                }
            }
            Method::Cones(cones) => {
                let Search { row, products } = search;
                row.resize(self.m, 0.0);
                for (lane, name) in names.iter_mut().enumerate() {
                    let mut largest = 0.0;
                    for (x, values) in row.iter_mut().zip(block) {
                        *x = values[lane];
                        largest = if *x > largest { *x } else { largest };
                    }
                    if largest > 0.0 {
                        for x in &mut *row {
                            *x /= largest;
                        }
                        *name = cones.nearest(row, products);
                    }
                }
            }
        }
        names
    }

    #[inline(always)]
    fn nearest_of_all(&self, block: &[[f64; LANES]], nearest: &mut [u32; LANES]) {
        let mut most = [-1.0; LANES];
        let mut names = [0_u64; LANES];
        for (name, direction) in (0_u64..).zip(self.rows.chunks_exact(self.m)) {
            let mut products = [0.0; LANES];
            for (values, w) in block.iter().zip(direction) {
                for (product, x) in products.iter_mut().zip(values) {
                    *product += x * w;
                }
            }
            for lane in 0..LANES {
                let larger = products[lane] > most[lane];
                most[lane] = if larger { products[lane] } else { most[lane] };
                names[lane] = if larger { name } else { names[lane] };
            }
        }
        for (nearest, name) in nearest.iter_mut().zip(names) {
            *nearest = name as u32;
        }
    }
}

/// The best direction so far.
pub(super) struct Best {
    pub(super) product: f64,
    pub(super) name: u32,
}

impl Default for Best {
    fn default() -> Self {
        Self { product: f64::NEG_INFINITY, name: u32::MAX }
    }
}

impl Best {
    /// Takes a direction that is nearer, or as near and named before.
    #[inline(always)]
    pub(super) fn take(&mut self, product: f64, name: u32) {
        if product > self.product || (product == self.product && name < self.name) {
            *self = Self { product, name };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{ReferencePoints, das_dennis, two_layers, unit_rows};
    use rand_core::Rng;
    use random::{Purpose, stream};

    /// Compares a method with looking at all directions, on rows that are random, on a direction, or half-way between two.
    fn check(points: &ReferencePoints, nearest: impl Fn(&[f64]) -> u32) {
        let mut rng = stream(3, Purpose::Test, points.len() as u64, points.m() as u64);
        let m = points.m();
        let rows = unit_rows(points.points(), m);
        let directions: Vec<&[f64]> = rows.chunks_exact(m).collect();
        for round in 0..2_000 {
            let power = round % 5;
            let mut row: Vec<f64> =
                (0..m).map(|_| (rng.next_u32() as f64 / 4_294_967_295.0).powi(power)).collect();
            if round % 7 == 0 {
                let (a, b) = (rng.next_u32() as usize % points.len(), rng.next_u32() as usize % points.len());
                row = points.point(a).iter().zip(points.point(b)).map(|(x, y)| x + y).collect();
            }
            let largest = row.iter().copied().fold(0.0, f64::max);
            for x in &mut row {
                *x /= largest;
            }
            let product = |d: &&[f64]| row.iter().zip(*d).fold(0.0, |sum, (x, y)| sum + x * y);
            let most = directions.iter().map(product).fold(0.0, f64::max);
            let expected = directions.iter().position(|d| product(d) == most).unwrap();
            assert_eq!(nearest(&row) as usize, expected, "{m} objectives, {row:?}");
        }
    }

    #[test]
    fn the_nearest_by_cones_is_that_of_looking_at_all() {
        for points in [das_dennis(2, 99), das_dennis(3, 44), das_dennis(5, 8), two_layers(10, 3, 2)] {
            let m = points.m();
            let cones = Cones::new(&unit_rows(points.points(), m), m);
            check(&points, |row| cones.nearest(row, &mut Vec::new()));
        }
    }

    #[test]
    fn the_nearest_in_the_plane_is_that_of_looking_at_all() {
        // Next to each other, some equal but for rounding, in no order.
        let crowded = (0..300).flat_map(|i| [1.0, 0.3 + f64::from(i * 7919 % 300) * 1e-15]).collect();
        for points in [das_dennis(2, 99), ReferencePoints::from_rows(crowded, 2).unwrap()] {
            let plane = Plane::new(&unit_rows(points.points(), 2));
            check(&points, |row| plane.nearest([row[0], row[1]]));
        }
    }
}
