//! Two objectives: O(n log n). In lexicographic order only the lowest second objective of each front so far matters, and
//! these grow with the front, so a search finds a row's front (patience sorting; Jensen 2003,
//! DOI 10.1109/TEVC.2003.817234). A search that waits for the store of the one before costs several times as much, so
//! a whole strip is searched on a snapshot, and then its rows lift each other.

use super::ladder::Ladder;
use crate::simd::{STRIP, Settle, Task, Unit};

/// Ranks distinct rows in lexicographic order, given their second objectives.
pub(super) struct Solve<'a> {
    pub(super) second: &'a [f64],
    /// A buffer: per front, the lowest second objective so far.
    pub(super) lowest: &'a mut Ladder,
    pub(super) ranks: &'a mut Vec<u32>,
}

impl Task for Solve<'_> {
    #[inline(always)]
    fn run<U: Unit>(self) {
        let Self { second, lowest, ranks } = self;
        ranks.clear();
        if second.is_sorted() {
            // Each row is dominated by the one before it.
            ranks.extend(0..second.len() as u32);
            return;
        }
        ranks.resize(second.len(), 0);
        if second.is_sorted_by(|a, b| a > b) {
            return;
        }
        lowest.reset(second.len());
        for (values, ranks) in second.chunks(STRIP).zip(ranks.chunks_mut(STRIP)) {
            // Behind the last row: greater than all, so nobody is lifted by it.
            let mut strip = [f64::INFINITY; STRIP];
            strip[..values.len()].copy_from_slice(values);
            let mut fronts = [0; STRIP];
            for (front, &value) in fronts.iter_mut().zip(&strip) {
                *front = lowest.count::<U>(value) as u32;
            }
            U::settle(&strip, &mut fronts, Settle::ALL);
            for ((&value, &front), rank) in values.iter().zip(&fronts).zip(ranks) {
                lowest.set(front as usize, value);
                *rank = front;
            }
        }
    }
}
