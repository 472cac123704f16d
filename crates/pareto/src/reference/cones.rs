//! Which of many directions is nearest to a given one, exactly, without looking at all of them: the directions are parted
//! into cones of neighbours, and a cone whose whole width lies beyond the best angle found so far is passed over. Works for
//! any set, lattice or not.

use super::directions::Best;
use crate::simd::LANES;

/// Directions of a cone, at most.
const SIZE: usize = 4 * LANES;
/// How far rounding may move a cosine: cones this close to the bound are looked at.
const MARGIN: f64 = 1e-12;

/// Unit directions in vector blocks, cone by cone.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cones {
    m: usize,
    /// Blocks of `LANES` members, coordinate by coordinate; padded with zeros.
    members: Vec<f64>,
    /// Which direction each member is; `u32::MAX` for padding.
    names: Vec<u32>,
    /// The first and the end block of each cone's members.
    parts: Vec<(usize, usize)>,
    /// The cones' axes in blocks, as the members.
    axes: Vec<f64>,
    /// Cosine and sine of the angle between a cone's axis and its outermost member, in blocks; padded so that a padding
    /// cone is never looked at.
    cosines: Vec<[f64; LANES]>,
    sines: Vec<[f64; LANES]>,
}

impl Cones {
    /// Parts the unit `directions` (rows of `m`).
    pub(super) fn new(directions: &[f64], m: usize) -> Self {
        let mut all: Vec<u32> = (0..(directions.len() / m) as u32).collect();
        let mut cones = Self {
            m,
            members: Vec::new(),
            names: Vec::new(),
            parts: Vec::new(),
            axes: Vec::new(),
            cosines: Vec::new(),
            sines: Vec::new(),
        };
        cones.part(&mut all, directions);
        cones.axes = in_blocks(&cones.axes, m);
        cones
    }

    /// Halves `names` along their widest coordinate until a cone is small enough.
    fn part(&mut self, names: &mut [u32], directions: &[f64]) {
        let m = self.m;
        let value = |name: u32, j: usize| directions[name as usize * m + j];
        if names.len() <= SIZE {
            names.sort_unstable();
            return self.close(names, directions);
        }
        let width = |j: usize| {
            let ends = names.iter().map(|&name| value(name, j));
            let (low, high) = ends.fold((f64::INFINITY, 0.0), |(low, high), x| (x.min(low), x.max(high)));
            high - low
        };
        let widest = (0..m).max_by(|&a, &b| width(a).total_cmp(&width(b))).unwrap_or(0);
        let middle = (names.len() / 2).next_multiple_of(SIZE.min(names.len() / 2));
        names.select_nth_unstable_by(middle, |&a, &b| {
            value(a, widest).total_cmp(&value(b, widest)).then(a.cmp(&b))
        });
        let (low, high) = names.split_at_mut(middle);
        self.part(low, directions);
        self.part(high, directions);
    }

    fn close(&mut self, names: &[u32], directions: &[f64]) {
        let m = self.m;
        let rows: Vec<f64> =
            names.iter().flat_map(|&name| &directions[name as usize * m..][..m]).copied().collect();
        let mut axis = vec![0.0; m];
        for row in rows.chunks_exact(m) {
            axis.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
        let length = axis.iter().map(|x| x * x).sum::<f64>().sqrt();
        for x in &mut axis {
            *x /= length;
        }
        let dot = |row: &[f64]| row.iter().zip(&axis).map(|(x, y)| x * y).sum::<f64>();
        let cosine = rows.chunks_exact(m).map(dot).fold(1.0, f64::min);
        let first = self.names.len() / LANES;
        self.members.extend(in_blocks(&rows, m));
        self.names.extend_from_slice(names);
        self.names.resize(self.names.len().next_multiple_of(LANES), u32::MAX);
        let lane = self.parts.len() % LANES;
        if lane == 0 {
            self.cosines.push([f64::INFINITY; LANES]);
            self.sines.push([0.0; LANES]);
        }
        let block = self.parts.len() / LANES;
        self.cosines[block][lane] = cosine;
        self.sines[block][lane] = (1.0 - cosine * cosine).max(0.0).sqrt();
        self.parts.push((first, self.names.len() / LANES));
        self.axes.extend(axis);
    }

    /// The direction with the largest inner product with `row` (not negative, its largest value 1), the first of equal
    /// ones; `products` is a buffer.
    #[inline(always)]
    pub(super) fn nearest(&self, row: &[f64], products: &mut Vec<[f64; LANES]>) -> u32 {
        let length = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        products.clear();
        let mut most = [f64::NEG_INFINITY; LANES];
        let mut blocks = [0_u64; LANES];
        for (at, block) in self.axes.chunks_exact(LANES * self.m).enumerate() {
            let block = multiply(block, row);
            keep_larger(&mut most, &mut blocks, block, at);
            products.push(block);
        }
        let lane = (0..LANES).fold(0, |best, lane| if most[lane] > most[best] { lane } else { best });
        // A padding cone is likeliest only if every product is 0, and then any cone will do.
        let likeliest = (blocks[lane] as usize * LANES + lane).min(self.parts.len() - 1);
        let mut best = Best::default();
        self.search(likeliest, row, &mut best);
        let mut bound = Bound::new(best.product, length);
        for (at, products) in products.iter().enumerate() {
            let mut within = bound.admits(products, &self.cosines[at], &self.sines[at]);
            while within != 0 {
                let lane = within.trailing_zeros() as usize;
                within &= within - 1;
                let cone = at * LANES + lane;
                if cone == likeliest {
                    continue;
                }
                let before = best.product;
                self.search(cone, row, &mut best);
                if best.product > before {
                    bound = Bound::new(best.product, length);
                    within &= bound.admits(products, &self.cosines[at], &self.sines[at]);
                }
            }
        }
        best.name
    }

    /// Compares all members of one cone.
    #[inline(always)]
    fn search(&self, cone: usize, row: &[f64], best: &mut Best) {
        let (first, end) = self.parts[cone];
        let mut products = [f64::NEG_INFINITY; LANES];
        let mut blocks = [0_u64; LANES];
        for at in first..end {
            let block = multiply(&self.members[at * LANES * self.m..][..LANES * self.m], row);
            keep_larger(&mut products, &mut blocks, block, at);
        }
        for lane in 0..LANES {
            best.take(products[lane], self.names[blocks[lane] as usize * LANES + lane]);
        }
    }
}

/// How near a cone must come to hold something as near as the best direction so far.
struct Bound {
    cosine: f64,
    sine: f64,
    length: f64,
}

impl Bound {
    #[inline(always)]
    fn new(product: f64, length: f64) -> Self {
        let cosine = (product / length).min(1.0);
        Self { cosine, sine: (1.0 - cosine * cosine).sqrt(), length }
    }

    /// The cones of a block, one bit each, that may hold a direction as near: their axis is within the sum of both angles.
    #[inline(always)]
    fn admits(&self, products: &[f64; LANES], cosines: &[f64; LANES], sines: &[f64; LANES]) -> u32 {
        let mut within = 0;
        for lane in 0..LANES {
            let least = self.cosine * cosines[lane] - self.sine * sines[lane] - MARGIN;
            within |= u32::from(products[lane] >= least * self.length) << lane;
        }
        within
    }
}

/// Lane by lane the larger product, and the block it is from.
#[inline(always)]
fn keep_larger(products: &mut [f64; LANES], blocks: &mut [u64; LANES], block: [f64; LANES], at: usize) {
    for lane in 0..LANES {
        let larger = block[lane] > products[lane];
        products[lane] = if larger { block[lane] } else { products[lane] };
        blocks[lane] = if larger { at as u64 } else { blocks[lane] };
    }
}

/// The inner products of `row` with the rows of a block.
#[inline(always)]
fn multiply(block: &[f64], row: &[f64]) -> [f64; LANES] {
    let mut products = [0.0; LANES];
    for (values, x) in block.chunks_exact(LANES).zip(row) {
        for (product, y) in products.iter_mut().zip(values) {
            *product += x * y;
        }
    }
    products
}

/// Rows of `m` by blocks of `LANES`, coordinate by coordinate, padded with zeros.
fn in_blocks(rows: &[f64], m: usize) -> Vec<f64> {
    let mut blocks = vec![0.0; (rows.len() / m).next_multiple_of(LANES) * m];
    for (block, rows) in blocks.chunks_exact_mut(LANES * m).zip(rows.chunks(LANES * m)) {
        for (lane, row) in rows.chunks_exact(m).enumerate() {
            for (j, &x) in row.iter().enumerate() {
                block[j * LANES + lane] = x;
            }
        }
    }
    blocks
}
