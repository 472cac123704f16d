//! Two objectives: O(n log n). In lexicographic order only the lowest second objective of each front so far matters, and
//! these grow with the front, so a search finds a row's front (patience sorting; Jensen 2003,
//! DOI 10.1109/TEVC.2003.817234). A search that waits for the store of the one before costs twice as much, so whole
//! blocks are searched on a snapshot and then corrected in order.

use super::ladder::Ladder;
use crate::simd::{Task, Unit};

/// Rows searched on one snapshot.
const BLOCK: usize = 32;

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
        lowest.reset(second.len());
        ranks.clear();
        let mut n_fronts = 0;
        for block in second.chunks(BLOCK) {
            let mut fronts = [0; BLOCK];
            for (front, &value) in fronts.iter_mut().zip(block) {
                *front = lowest.count::<U>(value);
            }
            for (&front, &value) in fronts.iter().zip(block) {
                // Earlier rows of the block may have lowered more fronts, or opened them.
                let mut front = front;
                if n_fronts > 0 && lowest.get(n_fronts - 1) <= value {
                    front = n_fronts;
                }
                while lowest.get(front) <= value {
                    front += 1;
                }
                n_fronts = n_fronts.max(front + 1);
                lowest.set(front, value);
                ranks.push(front as u32);
            }
        }
    }
}
