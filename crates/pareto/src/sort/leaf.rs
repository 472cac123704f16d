//! Distinct rows in lexicographic order, and the ranks of small ranges of them by comparing every pair, a block of rows
//! at a time. Larger ranges are divided by `sweep` and `tables`.

use crate::simd::{LANES, Unit};

/// Most rows of a range that is ranked by pairs.
pub(super) const LEAF: usize = 128;

/// The greatest width for which there is code of its own.
pub(super) const MOST_KNOWN: usize = 9;

/// Distinct rows in lexicographic order, without their first objective, and their ranks.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    width: usize,
    n: usize,
    /// Row-major values.
    values: Vec<f64>,
    /// The same values by blocks of `LANES` rows, objective by objective; NaN behind the last row.
    lanes: Vec<f64>,
    /// As many as `lanes` has rows; those behind the last row mean nothing.
    pub(super) ranks: Vec<u32>,
}

impl Rows {
    /// Forgets all rows and expects new ones of `width` values.
    pub(super) fn clear(&mut self, width: usize) {
        self.width = width;
        self.n = 0;
        self.values.clear();
    }

    /// Adds a row.
    pub(super) fn push(&mut self, row: &[f64]) {
        // A row is a few values: a loop, not a call to copy memory.
        for &value in row {
            self.values.push(value);
        }
        self.n += 1;
    }

    /// How many rows there are.
    pub(super) fn n(&self) -> usize {
        self.n
    }

    /// How many values a row has.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Row `i`; `W` is the width, or 0 where that is only known at run time.
    #[inline(always)]
    pub(super) fn row<const W: usize>(&self, i: usize) -> &[f64] {
        let width = if W == 0 { self.width } else { W };
        &self.values[i * width..][..width]
    }

    /// The values of one objective, in order.
    pub(super) fn column(&self, j: usize) -> impl Iterator<Item = f64> {
        self.values.chunks_exact(self.width).map(move |row| row[j])
    }

    /// The ranks of all rows.
    pub(super) fn ranks(&self) -> &[u32] {
        &self.ranks[..self.n]
    }

    /// Lays the rows out in blocks and sets all ranks to 0.
    pub(super) fn prepare(&mut self) {
        let block = LANES * self.width;
        let n_blocks = self.n.div_ceil(LANES);
        self.lanes.clear();
        self.lanes.resize(n_blocks * block, f64::NAN);
        for (rows, lanes) in self.values.chunks(block).zip(self.lanes.chunks_exact_mut(block)) {
            for (lane, row) in rows.chunks_exact(self.width).enumerate() {
                for (&value, values) in row.iter().zip(lanes.chunks_exact_mut(LANES)) {
                    values[lane] = value;
                }
            }
        }
        self.ranks.clear();
        self.ranks.resize(n_blocks * LANES, 0);
    }

    /// Whether each row but the first is dominated by the row before it.
    pub(super) fn is_chain(&self) -> bool {
        let rows = || self.values.chunks_exact(self.width);
        rows().zip(rows().skip(1)).all(|(row, next)| row.iter().zip(next).all(|(x, y)| x <= y))
    }

    /// Ranks rows `lo..hi`, whose ranks already count their dominators before `lo`: each row in turn lifts the rows behind
    /// it that it dominates. `lo` must begin a block.
    #[inline(always)]
    pub(super) fn rank_leaf<U: Unit, const W: usize>(&mut self, lo: usize, hi: usize) {
        let width = if W == 0 { self.width } else { W };
        let block = LANES * width;
        let end = hi.div_ceil(LANES);
        for i in lo..hi {
            let first = i / LANES;
            let above = self.ranks[i] + 1;
            // A copy, which the stores to the ranks cannot change.
            let mut copy = [0.0; MOST_KNOWN];
            let row = &self.values[i * width..][..width];
            let row = if W == 0 {
                row
            } else {
                copy[..width].copy_from_slice(row);
                &copy[..width]
            };
            let blocks = self.lanes[first * block..end * block].chunks_exact(block);
            let (ranks, _) = self.ranks[first * LANES..end * LANES].as_chunks_mut();
            let mut skip = i % LANES + 1;
            for (block, ranks) in blocks.zip(ranks) {
                U::lift(block, row, above, skip, ranks);
                skip = 0;
            }
        }
    }
}
