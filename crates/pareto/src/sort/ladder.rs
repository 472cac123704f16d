//! An ascending list that counts, by a search eight ways at a step, how many of its values are at most a given one. There
//! is no branch to mispredict and one vector comparison a step, which is why it beats a binary search here.

use crate::simd::Unit;

/// Ways of one step.
const WAYS: usize = 8;

/// Ascending values; a NaN stands for "none yet" and compares as greater than all.
#[derive(Debug, Clone, Default)]
pub(super) struct Ladder {
    /// The values at the front, padded with NaN; behind them, level by level, the last value of each eight.
    values: Vec<f64>,
    /// Where each level starts, from the values up; a level has at most `WAYS` times the entries of the next.
    starts: Vec<usize>,
    /// How many levels are in use, and how many values they can tell apart.
    height: usize,
    reach: usize,
}

impl Ladder {
    /// Makes all of `len` values "none yet".
    pub(super) fn reset(&mut self, len: usize) {
        self.starts.clear();
        // At least one NaN stays at the end, so no step ever counts all of its eight.
        let mut size = len / WAYS + 1;
        let mut start = 0;
        loop {
            self.starts.push(start);
            start += size * WAYS;
            if size == 1 {
                break;
            }
            size = size.div_ceil(WAYS);
        }
        self.values.clear();
        self.values.resize(start, f64::NAN);
        (self.height, self.reach) = (1, WAYS);
    }

    /// How many values are at most `value`.
    #[inline(always)]
    pub(super) fn count<U: Unit>(&self, value: f64) -> usize {
        let mut at = 0;
        for &start in self.starts[..self.height].iter().rev() {
            let (steps, _) = self.values[start..].as_chunks();
            at = at * WAYS + U::count(&steps[at], value);
        }
        at
    }

    /// Sets a value that is "none yet" or greater; the list must stay ascending.
    #[inline(always)]
    pub(super) fn lower(&mut self, at: usize, value: f64) {
        if self.values[at] <= value {
            return;
        }
        self.set(at, value);
    }

    /// Sets a value, which must leave the list ascending.
    #[inline(always)]
    pub(super) fn set(&mut self, mut at: usize, value: f64) {
        if at + 1 >= self.reach {
            self.height += 1;
            self.reach *= WAYS;
        }
        self.values[at] = value;
        let mut level = 1;
        while at % WAYS == WAYS - 1 {
            at /= WAYS;
            self.values[self.starts[level] + at] = value;
            level += 1;
        }
    }
}
