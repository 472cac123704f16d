//! The two halves of a division as they are compared: the left rows by descending rank, then by cell; the right rows by
//! cell, in groups, with what is needed of them side by side.

use super::cells::{Cells, Corner};
use super::counting::{accumulate, zeroed};
use std::ops::Range;

/// Most rows of a group.
pub(super) const GROUP: usize = 64;

/// The left rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Left {
    rows: Vec<u32>,
    /// By cell: a rank in the upper half, its row in the lower.
    by_cell: Vec<u64>,
    counts: Vec<u32>,
}

impl Left {
    /// Takes the rows of a range.
    pub(super) fn sort(&mut self, range: Range<usize>, ranks: &[u32], cells: &mut Cells) {
        let Self { rows, by_cell, counts } = self;
        cells.sort(range.clone(), |i| u64::from(ranks[i]) << 32 | i as u64, by_cell);
        let ranks = &ranks[range];
        let (least, most) =
            ranks.iter().fold((u32::MAX, 0), |(least, most), &rank| (least.min(rank), most.max(rank)));
        let counts = zeroed(counts, (most - least) as usize + 1);
        for rank in ranks {
            counts[(most - rank) as usize] += 1;
        }
        accumulate(counts);
        rows.resize(ranks.len(), 0);
        for &entry in &*by_cell {
            let place = &mut counts[(most - (entry >> 32) as u32) as usize];
            rows[*place as usize] = entry as u32;
            *place += 1;
        }
    }

    /// The rows by descending rank.
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }
}

/// The right rows, by cell.
#[derive(Debug, Clone, Default)]
pub(super) struct Right {
    pub(super) rows: Vec<u32>,
    /// Row by row.
    pub(super) levels: Vec<u8>,
    pub(super) ranks: Vec<u32>,
    /// By groups: the places above of rows that may still rise.
    pub(super) open: Vec<u32>,
    pub(super) groups: Vec<Group>,
}

/// Neighbouring rows on the right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) start: usize,
    /// How many rows are open.
    pub(super) len: usize,
    pub(super) most: Corner,
}

impl Right {
    /// Takes rows that are listed by cell, with their ranks and, of all rows, the levels.
    pub(super) fn take(&mut self, listed: &[u32], ranks: &[u32], levels: &[u8], width: usize) {
        self.rows.clear();
        self.rows.extend_from_slice(listed);
        self.ranks.clear();
        self.ranks.extend(listed.iter().map(|&i| ranks[i as usize]));
        self.open.clear();
        self.open.extend(0..listed.len() as u32);
        self.levels.resize(listed.len() * width, 0);
        self.groups.clear();
        let groups = self.levels.chunks_mut(GROUP * width).zip(self.rows.chunks(GROUP));
        for (at, (copies, group)) in groups.enumerate() {
            let mut most = Corner::LOW;
            for (copy, &i) in copies.chunks_exact_mut(width).zip(group) {
                let row = &levels[i as usize * width..][..width];
                // A row is a few bytes: a loop, not a call to copy memory.
                copy.iter_mut().zip(row).for_each(|(copy, &level)| *copy = level);
                most.extend_up(row);
            }
            self.groups.push(Group { start: at * GROUP, len: group.len(), most });
        }
    }

    /// Hands the ranks back to all rows.
    pub(super) fn hand_back(&self, ranks: &mut [u32]) {
        for (&i, &rank) in self.rows.iter().zip(&self.ranks) {
            ranks[i as usize] = rank;
        }
    }
}
