//! Which batches of an epoch one of several readers takes. Makes no batches.

use std::ops::Range;

/// Of every so many batches in a row, a range. The last batches of an epoch that make no whole row are nobody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    row: usize,
    own: Range<usize>,
}

impl Share {
    /// Every batch.
    pub const ALL: Self = Self { row: 1, own: 0..1 };

    /// Of every `row` batches those at `own`.
    ///
    /// # Panics
    /// If a row has no batches.
    pub fn of_rows(row: usize, own: Range<usize>) -> Self {
        assert!(row > 0, "a row of no batches");
        Self { row, own }
    }

    /// The steps of an epoch of so many that are in the share, from `first` on.
    pub(super) fn steps(&self, first: usize, all: usize) -> Vec<usize> {
        (first..all / self.row * self.row).filter(|step| self.own.contains(&(step % self.row))).collect()
    }
}
