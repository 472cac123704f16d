//! Rows in blocks of `LANES`, objective by objective: the layout in which normalisation and association treat many rows
//! at once. It holds numbers and does not know what they mean.

use crate::objectives::Objectives;
use crate::simd::LANES;
use std::ops::Range;

/// The values of one objective in the rows of a block.
pub(super) type Lanes = [f64; LANES];

/// A matrix of `n` rows; its last block is filled up with zeros.
pub(super) struct Blocks {
    values: Vec<Lanes>,
    n: usize,
    m: usize,
}

impl Blocks {
    /// The rows that `members` name, in that order.
    pub(super) fn gather(objectives: &Objectives<'_>, members: &[u32]) -> Self {
        let (n, m) = (members.len(), objectives.m());
        let mut values = vec![[0.0; LANES]; n.div_ceil(LANES) * m];
        for (block, members) in values.chunks_exact_mut(m).zip(members.chunks(LANES)) {
            for (lane, &i) in members.iter().enumerate() {
                for (lanes, &x) in block.iter_mut().zip(objectives.row(i as usize)) {
                    lanes[lane] = x;
                }
            }
        }
        Self { values, n, m }
    }

    /// How many rows there are.
    pub(super) fn n(&self) -> usize {
        self.n
    }

    /// How many objectives a row has.
    pub(super) fn m(&self) -> usize {
        self.m
    }

    /// One value of one row.
    pub(super) fn value(&self, row: usize, objective: usize) -> f64 {
        self.values[row / LANES * self.m + objective][row % LANES]
    }

    /// All blocks: for each the lanes of all objectives.
    pub(super) fn blocks(&self) -> std::slice::ChunksExact<'_, Lanes> {
        self.values.chunks_exact(self.m)
    }

    /// All blocks, to change their values.
    pub(super) fn blocks_mut(&mut self) -> std::slice::ChunksExactMut<'_, Lanes> {
        self.values.chunks_exact_mut(self.m)
    }

    /// The blocks that hold the rows of a range, and which of their lanes do.
    pub(super) fn rows(&self, rows: Range<usize>) -> impl Iterator<Item = (&[Lanes], Range<usize>)> {
        (rows.start / LANES..rows.end.div_ceil(LANES)).map(move |at| {
            let lanes = rows.start.max(at * LANES) - at * LANES..rows.end.min((at + 1) * LANES) - at * LANES;
            (&self.values[at * self.m..][..self.m], lanes)
        })
    }
}
