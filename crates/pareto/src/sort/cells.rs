//! A coarse order of rows by where they lie in space: the highest bits of their levels, interleaved (Morton 1966), so
//! that neighbours in this order are near each other in most objectives and a corner describes them well.

use super::counting::{accumulate, zeroed};
use crate::simd::SET;
use std::ops::Range;

/// Bits of a cell.
const BITS: usize = 10;
/// Objectives that a corner tells.
const TOLD: usize = 16;

/// The cell of every row.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells {
    of_set: Vec<[u16; SET]>,
    counts: Vec<u32>,
}

impl Cells {
    /// Forgets all rows.
    pub(super) fn clear(&mut self) {
        self.of_set.clear();
    }

    /// Takes the levels of the next 64 rows, objective by objective.
    pub(super) fn push(&mut self, levels: &[[u8; SET]]) {
        let mut cells = [0; SET];
        let highest = (0..8).rev().flat_map(|bit| levels.iter().map(move |levels| (bit, levels)));
        for (bit, levels) in highest.take(BITS) {
            for (cell, level) in cells.iter_mut().zip(levels) {
                *cell = *cell << 1 | u16::from(level >> bit & 1);
            }
        }
        self.of_set.push(cells);
    }

    /// Lists something of each row of a range, by cell.
    #[inline(always)]
    pub(super) fn sort<T: Copy + Default>(
        &mut self,
        range: Range<usize>,
        item: impl Fn(usize) -> T,
        sorted: &mut Vec<T>,
    ) {
        let Self { of_set, counts } = self;
        let cells = &of_set.as_flattened()[range.clone()];
        let counts = zeroed(counts, 1 << BITS);
        for &cell in cells {
            counts[usize::from(cell)] += 1;
        }
        accumulate(counts);
        sorted.resize(cells.len(), T::default());
        for (&cell, i) in cells.iter().zip(range) {
            let place = &mut counts[usize::from(cell)];
            sorted[*place as usize] = item(i);
            *place += 1;
        }
    }
}

/// A level for each of the first objectives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Corner([u8; TOLD]);

impl Corner {
    /// The lowest and the highest corner.
    pub(super) const LOW: Self = Self([0; TOLD]);
    pub(super) const HIGH: Self = Self([u8::MAX; TOLD]);

    /// Moves up to the levels of a row, wherever they are higher.
    #[inline(always)]
    pub(super) fn extend_up(&mut self, levels: &[u8]) {
        for (most, &level) in self.0.iter_mut().zip(levels) {
            *most = level.max(*most);
        }
    }

    /// Moves down to a level of objective `j`, if that is lower.
    #[inline(always)]
    pub(super) fn extend_down(&mut self, j: usize, level: u8) {
        if let Some(least) = self.0.get_mut(j) {
            *least = level.min(*least);
        }
    }

    /// Forgets the objectives from `width` on: the lowest level.
    #[inline(always)]
    pub(super) fn clear_behind(&mut self, width: usize) {
        self.0.iter_mut().skip(width).for_each(|level| *level = 0);
    }

    /// Whether this corner is nowhere higher than another: else nothing above it dominates anything below the other.
    #[inline(always)]
    pub(super) fn is_below(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).fold(true, |below, (x, y)| below & (x <= y))
    }
}
