//! Which of a set of directions is nearest to each row of a block: by looking at all of them, many rows at once, while they
//! are few; by `cones` otherwise. Exact either way.

use super::cones::Cones;
use crate::simd::LANES;

/// Up to this many directions are looked at one and all.
const FEW: usize = 512;

/// Directions of unit length.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Directions {
    rows: Vec<f64>,
    m: usize,
    /// Where there are too many to look at all.
    cones: Option<Cones>,
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
        let cones = (rows.len() / m > FEW).then(|| Cones::new(&rows, m));
        Self { rows, m, cones }
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
        match &self.cones {
            None => self.nearest_of_all(block, &mut names),
            Some(cones) => {
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
