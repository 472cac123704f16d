//! Four and more objectives: divide and conquer on the lexicographic order. The ranks of a left half are pushed to its
//! right half, chunk by chunk: `members` tells which rows of a chunk may dominate a row on the right. Members lie by
//! descending rank, so the first that proves to dominate settles a row. Rows of equal rank, and those on the right, lie
//! by `cells` of space, so that most chunks and groups of rows that have nothing to do with each other are not compared.

use super::block::{BLOCK, Block, rank_pairs};
use super::cells::Cells;
use super::halves::Left;
use super::levels::{Levels, SAMPLE};
use super::push::{Part, Push, n_parts, push_to_all};
use super::rows::Rows;
use crate::simd::{Available, SET, Task, Unit};

/// The buffers of one sort, kept from call to call.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    unit: Available,
    block: Block,
    fitted: Vec<Levels>,
    sample: Vec<f64>,
    /// The levels of 64 rows, objective by objective.
    of_set: Vec<[u8; SET]>,
    /// The levels of all rows, row by row.
    levels: Vec<u8>,
    cells: Cells,
    /// The right rows by cell.
    by_cell: Vec<u32>,
    left: Left,
    parts: Vec<Part>,
}

impl Tables {
    /// Ranks all rows.
    pub(super) fn rank(&mut self, unit: Available, rows: &mut Rows) {
        self.unit = unit;
        if rows.n() > BLOCK {
            self.set_levels(rows);
        }
        for lo in (0..rows.n()).step_by(BLOCK) {
            let hi = (lo + BLOCK).min(rows.n());
            if !self.block.rank(unit, rows, lo, hi) {
                self.rank_finely(rows, lo, hi);
            }
            self.raise_behind(rows, hi, BLOCK, rows.n());
        }
    }

    /// Ranks a block whose ranks differ too much for bytes.
    fn rank_finely(&mut self, rows: &mut Rows, lo: usize, hi: usize) {
        if rows.n() <= BLOCK {
            self.set_levels(rows);
        }
        for start in (lo..hi).step_by(SET) {
            let end = (start + SET).min(hi);
            if !self.block.rank(self.unit, rows, start, end) {
                rank_pairs(rows, start, end);
            }
            self.raise_behind(rows, end, SET, hi);
        }
    }

    /// After the part of `size` rows that ends at `mid` is ranked: pushes the halves that end there to their right
    /// neighbours.
    fn raise_behind(&mut self, rows: &mut Rows, mid: usize, size: usize, end: usize) {
        if mid < end {
            let size = size << (mid / size).trailing_zeros();
            self.raise(rows, mid - size, mid, (mid + size).min(end));
        }
    }

    fn set_levels(&mut self, rows: &Rows) {
        self.unit.run(SetLevels { tables: self, rows });
    }

    /// Raises the ranks of rows `mid..hi` above those of the rows `lo..mid` that dominate them.
    fn raise(&mut self, rows: &mut Rows, lo: usize, mid: usize, hi: usize) {
        let Self { unit, levels, cells, by_cell, left, parts, .. } = self;
        left.sort(lo..mid, &rows.ranks, cells);
        cells.sort(mid..hi, |i| i as u32, by_cell);
        let width = rows.width();
        let work = Push { left: left.rows(), rows, levels, width };
        let n_parts = n_parts(rows.n(), by_cell.len());
        let lists = by_cell.chunks(by_cell.len().div_ceil(n_parts));
        parts.resize_with(lists.len().max(parts.len()), Part::default);
        let parts = &mut parts[..lists.len()];
        for (part, listed) in parts.iter_mut().zip(lists) {
            part.right.take(listed, &rows.ranks, levels, width);
        }
        push_to_all(*unit, &work, parts);
        for part in parts {
            part.right.hand_back(&mut rows.ranks);
        }
    }
}

/// Finds the levels and the cells of all rows.
struct SetLevels<'a> {
    tables: &'a mut Tables,
    rows: &'a Rows,
}

impl Task for SetLevels<'_> {
    #[inline(always)]
    fn run<U: Unit>(self) {
        let Self { tables: Tables { fitted, sample, of_set, levels, cells, .. }, rows } = self;
        let width = rows.width();
        let step = rows.n().div_ceil(SAMPLE);
        fitted.resize_with(width, Levels::default);
        for (j, fitted) in fitted.iter_mut().enumerate() {
            sample.clear();
            sample.extend(rows.column(j).step_by(step));
            fitted.fit(sample);
        }
        levels.resize(rows.n() * width, 0);
        of_set.resize(width, [0; SET]);
        cells.clear();
        for (set, levels) in levels.chunks_mut(SET * width).enumerate() {
            for ((fitted, values), of_set) in fitted.iter().zip(rows.set(set)).zip(&mut *of_set) {
                fitted.encode(values, of_set);
            }
            cells.push(of_set);
            for (lane, row) in levels.chunks_exact_mut(width).enumerate() {
                row.iter_mut().zip(&*of_set).for_each(|(level, of_set)| *level = of_set[lane]);
            }
        }
    }
}
