//! Four and more objectives: divide and conquer on the lexicographic order. The ranks of a left half are pushed to its
//! right half, chunk by chunk: `members` tells which rows of a chunk may dominate a row on the right. Members lie by
//! descending rank, so the first that proves to dominate settles a row.

use super::block::{BLOCK, Block, rank_pairs};
use super::levels::{Levels, SAMPLE};
use super::members::{CHUNK, LevelsOf64, Members};
use super::rows::{MOST_KNOWN, Rows, is_below};
use crate::simd::{SET, Task, Unit};

/// The buffers of one sort, kept from call to call.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    block: Block,
    fitted: Levels,
    sample: Vec<f64>,
    /// The levels of the rows, by sets of 64, objective by objective.
    levels: Vec<[u8; SET]>,
    members: Members,
    /// Left rows by descending rank.
    left: Vec<u32>,
    counts: Vec<u32>,
    /// Right rows that may still rise.
    right: Vec<u32>,
    /// Right rows with the first member of the chunk that may dominate them.
    found: Vec<(u32, u32)>,
}

/// Ranks `rows`.
pub(super) struct Solve<'a> {
    pub(super) tables: &'a mut Tables,
    pub(super) rows: &'a mut Rows,
}

impl Task for Solve<'_> {
    #[inline(always)]
    fn run<U: Unit>(self) {
        match self.rows.width() {
            2 => self.tables.solve::<U, 2>(self.rows),
            3 => self.tables.solve::<U, 3>(self.rows),
            4 => self.tables.solve::<U, 4>(self.rows),
            7 => self.tables.solve::<U, 7>(self.rows),
            MOST_KNOWN => self.tables.solve::<U, MOST_KNOWN>(self.rows),
            _ => self.tables.solve::<U, 0>(self.rows),
        }
    }
}

impl Tables {
    #[inline(always)]
    fn solve<U: Unit, const W: usize>(&mut self, rows: &mut Rows) {
        if rows.n() > BLOCK {
            self.set_levels(rows);
        }
        for lo in (0..rows.n()).step_by(BLOCK) {
            let hi = (lo + BLOCK).min(rows.n());
            if !self.block.rank::<U, W>(rows, lo, hi) {
                self.rank_finely::<U, W>(rows, lo, hi);
            }
            self.raise_behind::<U, W>(rows, hi, BLOCK, rows.n());
        }
    }

    /// Ranks a block whose ranks differ too much for bytes.
    #[inline(always)]
    fn rank_finely<U: Unit, const W: usize>(&mut self, rows: &mut Rows, lo: usize, hi: usize) {
        if rows.n() <= BLOCK {
            self.set_levels(rows);
        }
        for start in (lo..hi).step_by(SET) {
            let end = (start + SET).min(hi);
            if !self.block.rank::<U, W>(rows, start, end) {
                rank_pairs(rows, start, end);
            }
            self.raise_behind::<U, W>(rows, end, SET, hi);
        }
    }

    /// After the part of `size` rows that ends at `mid` is ranked: pushes the halves that end there to their right
    /// neighbours.
    #[inline(always)]
    fn raise_behind<U: Unit, const W: usize>(
        &mut self,
        rows: &mut Rows,
        mid: usize,
        size: usize,
        end: usize,
    ) {
        if mid < end {
            let size = size << (mid / size).trailing_zeros();
            self.raise::<U, W>(rows, mid - size, mid, (mid + size).min(end));
        }
    }

    /// Finds the levels of all rows.
    #[inline(always)]
    fn set_levels(&mut self, rows: &Rows) {
        let width = rows.width();
        let n_sets = rows.n().div_ceil(SET);
        self.levels.resize(n_sets * width, [0; SET]);
        let step = rows.n().div_ceil(SAMPLE);
        for j in 0..width {
            self.sample.clear();
            self.sample.extend(rows.column(j).step_by(step));
            self.fitted.fit(&self.sample);
            for set in 0..n_sets {
                self.fitted.encode(&rows.set(set)[j], &mut self.levels[set * width + j]);
            }
        }
    }

    /// Raises the ranks of rows `mid..hi` above those of the rows `lo..mid` that dominate them.
    #[inline(always)]
    fn raise<U: Unit, const W: usize>(&mut self, rows: &mut Rows, lo: usize, mid: usize, hi: usize) {
        self.sort_left(&rows.ranks[lo..mid], lo);
        self.right.clear();
        self.right.extend(mid as u32..hi as u32);
        let left = std::mem::take(&mut self.left);
        for chunk in left.chunks(CHUNK) {
            self.raise_by::<U, W>(rows, chunk);
        }
        self.left = left;
    }

    /// Sorts the rows from `lo` on, given their ranks, into `left` by descending rank.
    #[inline(always)]
    fn sort_left(&mut self, ranks: &[u32], lo: usize) {
        let (least, most) =
            ranks.iter().fold((u32::MAX, 0), |(least, most), &rank| (least.min(rank), most.max(rank)));
        self.counts.clear();
        self.counts.resize((most - least) as usize + 1, 0);
        for &rank in ranks {
            self.counts[(most - rank) as usize] += 1;
        }
        let mut start = 0;
        for count in &mut self.counts {
            start += std::mem::replace(count, start);
        }
        self.left.clear();
        self.left.resize(ranks.len(), 0);
        for (i, &rank) in ranks.iter().enumerate() {
            let place = &mut self.counts[(most - rank) as usize];
            self.left[*place as usize] = (lo + i) as u32;
            *place += 1;
        }
    }

    /// Raises the `right` rows by one chunk and drops those that cannot rise further.
    #[inline(always)]
    fn raise_by<U: Unit, const W: usize>(&mut self, rows: &mut Rows, chunk: &[u32]) {
        let width = if W == 0 { rows.width() } else { W };
        let Self { members, levels, right, found, .. } = self;
        let levels = |i: usize| -> LevelsOf64<'_> { &levels[i / SET * width..][..width] };
        members.fill(chunk, width, levels);
        let most = rows.ranks[chunk[0] as usize];

        // First, without branches: whom may somebody dominate, and who is the first of them.
        found.clear();
        found.resize(right.len(), (0, 0));
        let (mut n_found, mut n_left) = (0, 0);
        for at in 0..right.len() {
            let q = right[at];
            let (words, occupied) = members.below::<U>(q as usize, levels(q as usize));
            let word = occupied.trailing_zeros() as usize % words.len();
            let first = (word * SET) as u32 + (words[word].trailing_zeros() & 63);
            let open = rows.ranks[q as usize] <= most;
            found[n_found] = (q, first);
            n_found += usize::from(open & (occupied != 0));
            right[n_left] = q;
            n_left += usize::from(open & (occupied == 0));
        }
        right.truncate(n_left);

        // Then the exact comparisons; most of the first prove right.
        for &(q, first) in &found[..n_found] {
            let p = chunk[first as usize];
            let rank = rows.ranks[p as usize];
            let own = rows.ranks[q as usize];
            if U::is_below::<W>(rows.row::<W>(p as usize), rows.row::<W>(q as usize)) {
                rows.ranks[q as usize] = own.max(rank + 1);
            } else if rank >= own {
                let (words, _) = members.below::<U>(q as usize, levels(q as usize));
                if !search_on(rows, chunk, q, first, &words) {
                    right.push(q);
                }
            }
        }
    }
}

/// Goes through the members that may dominate row `q`, after member `first`; whether row `q` is settled.
#[cold]
fn search_on(rows: &mut Rows, chunk: &[u32], q: u32, first: u32, words: &[u64]) -> bool {
    for (at, &word) in words.iter().enumerate() {
        let mut word = word;
        while word != 0 {
            let member = at as u32 * SET as u32 + word.trailing_zeros();
            word &= word - 1;
            if member <= first {
                continue;
            }
            let p = chunk[member as usize];
            let rank = rows.ranks[p as usize];
            if rank < rows.ranks[q as usize] {
                return true;
            }
            if is_below(rows.row::<0>(p as usize), rows.row::<0>(q as usize)) {
                rows.ranks[q as usize] = rank + 1;
                return true;
            }
        }
    }
    false
}
