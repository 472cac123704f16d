//! Which batches of an epoch one of several readers takes. Makes no batches.

use std::ops::Range;

/// Of every so many batches in a row, a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Batches in a row, at least 1.
    pub of: usize,
    /// Which of them.
    pub own: Range<usize>,
}

impl Share {
    /// Every batch.
    pub const ALL: Self = Self { of: 1, own: 0..1 };

    pub(super) fn has(&self, step: usize) -> bool {
        self.own.contains(&(step % self.of))
    }
}
