//! Three objectives: O(n log n log f) for f fronts, whatever the data. Divide and conquer on the lexicographic order
//! (Jensen 2003, DOI 10.1109/TEVC.2003.817234): between two halves the first objective is settled, so a sweep by the
//! second needs only, per rank, the lowest third objective seen so far. These grow with the rank, so a branch-free
//! search finds the highest rank that dominates.

use super::block::{BLOCK, Block, rank_pairs};
use super::ladder::Ladder;
use super::order::Order;
use super::rows::Rows;
use crate::objectives::Objectives;
use crate::simd::{Available, SET, STRIP, Settle, Task, Unit};
use std::hint::select_unpredictable;

/// A row, named by its place in lexicographic order, with its third objective.
#[derive(Debug, Clone, Copy, Default)]
struct Item {
    place: u32,
    third: f64,
}

/// The buffers of one sort, kept from call to call.
#[derive(Debug, Clone, Default)]
pub(super) struct Sweep {
    block: Block,
    second: Vec<f64>,
    order: Order,
    /// The rows by second objective (equal ones by place); behind them, as a stack, the same of each open half.
    items: Vec<Item>,
    /// Per rank, the lowest third objective of the left rows that have this rank or a higher one.
    lowest: Ladder,
}

/// Rows `lo..hi`, which lie by second objective at `items[start..]`; `items[top..]` is free.
#[derive(Debug, Clone, Copy)]
struct Range {
    lo: usize,
    hi: usize,
    start: usize,
    top: usize,
}

impl Sweep {
    /// Ranks rows of two values.
    pub(super) fn rank(&mut self, unit: Available, rows: &mut Rows) {
        self.second.clear();
        self.second.extend(rows.column(0));
        self.order.sort(&Objectives::from_checked(&self.second, 1));
        self.items.clear();
        let items = self.order.rows().map(|place| Item { place, third: rows.row::<2>(place as usize)[1] });
        self.items.extend(items);
        self.divide(unit, rows, Range { lo: 0, hi: rows.n(), start: 0, top: rows.n() });
    }

    fn divide(&mut self, unit: Available, rows: &mut Rows, range: Range) {
        let Range { lo, hi, start: _, top } = range;
        if hi - lo <= BLOCK && self.block.rank(unit, rows, lo, hi) {
            return;
        }
        if hi - lo <= SET {
            rank_pairs(rows, lo, hi);
            return;
        }
        // Whole sets on the left, so that every part begins a set.
        let mid = lo + (hi - lo).div_ceil(SET).div_ceil(2) * SET;
        self.part(range, mid);
        let below = top + (hi - lo);
        self.divide(unit, rows, Range { lo, hi: mid, start: top, top: below });
        unit.run(RaiseBehind { sweep: self, ranks: &mut rows.ranks, range, mid });
        self.divide(unit, rows, Range { lo: mid, hi, start: top + (mid - lo), top: below });
    }

    /// Copies the items of a range to its top: those before `mid` first, both parts in their order.
    fn part(&mut self, range: Range, mid: usize) {
        let Range { lo, hi, start, top } = range;
        if self.items.len() < top + (hi - lo) {
            self.items.resize(top + (hi - lo), Item::default());
        }
        let (from, to) = self.items[start..].split_at_mut(top - start);
        let (mut left, mut right) = (0, mid - lo);
        for &item in &from[..hi - lo] {
            let goes_left = (item.place as usize) < mid;
            to[select_unpredictable(goes_left, left, right)] = item;
            left += usize::from(goes_left);
            right += usize::from(!goes_left);
        }
    }
}

/// Raises the ranks of the rows from `mid` on above those of the rows `lo..mid` that dominate them.
struct RaiseBehind<'a> {
    sweep: &'a mut Sweep,
    ranks: &'a mut [u32],
    range: Range,
    mid: usize,
}

impl Task for RaiseBehind<'_> {
    #[inline(always)]
    fn run<U: Unit>(self) {
        let Self { sweep: Sweep { items, lowest, .. }, ranks, range: Range { lo, hi, start, .. }, mid } =
            self;
        let (least, most) = ranks[lo..mid]
            .iter()
            .fold((u32::MAX, 0), |(least, most), &rank| (least.min(rank), most.max(rank)));
        lowest.reset((most - least) as usize + 1);
        for items in items[start..][..hi - lo].chunks(STRIP) {
            // A search that waits for the stores of the one before costs several times as much, so a whole strip is
            // searched on a snapshot, and then its left rows lift its right ones.
            let mut thirds = [f64::INFINITY; STRIP];
            let (mut now, mut below) = ([0; STRIP], [0; STRIP]);
            let mut left = 0_u16;
            for (at, item) in items.iter().enumerate() {
                let place = item.place as usize;
                let n_below = lowest.count::<U>(item.third) as u32;
                let goes_left = place < mid;
                let risen = select_unpredictable(goes_left | (n_below == 0), 0, least + n_below);
                thirds[at] = item.third;
                below[at] = n_below as usize;
                now[at] = ranks[place].max(risen);
                left |= u16::from(goes_left) << at;
            }
            U::settle(&thirds, &mut now, Settle { lifting: left, lifted: !left });
            for (item, now) in items.iter().zip(now) {
                ranks[item.place as usize] = now;
            }
            while left != 0 {
                let at = left.trailing_zeros() as usize;
                left &= left - 1;
                // Rare in the long run: a left row that lowers the marks of its rank and of those below.
                for mark in below[at]..=(now[at] - least) as usize {
                    lowest.lower(mark, thirds[at]);
                }
            }
        }
    }
}
