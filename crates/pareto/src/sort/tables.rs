//! Four and more objectives: divide and conquer on the lexicographic order. The ranks of a left half are pushed to its
//! right half, chunk by chunk: `members` tells which rows of a chunk may dominate a row on the right. Members lie by
//! descending rank, so the first that proves to dominate settles a row. Rows of equal rank, and those on the right, lie
//! by `cells` of space, so that most chunks and groups of rows that have nothing to do with each other are not compared.

use super::block::{BLOCK, Block, rank_pairs};
use super::cells::{Cells, Corner};
use super::halves::{GROUP, Left, Right};
use super::levels::{Levels, SAMPLE};
use super::members::{CHUNK, Members};
use super::rows::{Rows, is_below};
use crate::simd::{Available, SET, Task, Unit};

/// The buffers of one sort, kept from call to call.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    block: Block,
    fitted: Vec<Levels>,
    sample: Vec<f64>,
    /// The levels of 64 rows, objective by objective.
    of_set: Vec<[u8; SET]>,
    /// The levels of all rows, row by row.
    levels: Vec<u8>,
    cells: Cells,
    members: Members,
    left: Left,
    right: Right,
}

/// Ranks rows of `W` values, or of as many as they have where `W` is 0.
struct Solve<'a, const W: usize> {
    tables: &'a mut Tables,
    rows: &'a mut Rows,
}

impl<const W: usize> Task for Solve<'_, W> {
    #[inline(always)]
    fn run<U: Unit>(self) {
        self.tables.solve::<U, W>(self.rows);
    }
}

impl Tables {
    /// Ranks all rows.
    pub(super) fn rank(&mut self, unit: Available, rows: &mut Rows) {
        let tables = self;
        match rows.width() {
            2 => unit.run(Solve::<2> { tables, rows }),
            3 => unit.run(Solve::<3> { tables, rows }),
            4 => unit.run(Solve::<4> { tables, rows }),
            7 => unit.run(Solve::<7> { tables, rows }),
            9 => unit.run(Solve::<9> { tables, rows }),
            14 => unit.run(Solve::<14> { tables, rows }),
            _ => unit.run(Solve::<0> { tables, rows }),
        }
    }

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

    /// Finds the levels and the cells of all rows.
    #[inline(always)]
    fn set_levels(&mut self, rows: &Rows) {
        let Self { fitted, sample, of_set, levels, cells, .. } = self;
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

    /// Raises the ranks of rows `mid..hi` above those of the rows `lo..mid` that dominate them.
    #[inline(always)]
    fn raise<U: Unit, const W: usize>(&mut self, rows: &mut Rows, lo: usize, mid: usize, hi: usize) {
        let Self { levels, cells, members, left, right, .. } = self;
        let width = if W == 0 { rows.width() } else { W };
        left.sort(lo..mid, &rows.ranks, cells);
        right.sort(mid..hi, &rows.ranks, cells, levels, width);
        for chunk in left.rows().chunks(CHUNK) {
            let least = members.fill(chunk, width, levels);
            raise_by::<U, W>(rows, right, chunk, members, &least);
        }
        right.hand_back(&mut rows.ranks);
    }
}

/// Raises the right rows by one chunk and drops those that cannot rise further.
#[inline(always)]
fn raise_by<U: Unit, const W: usize>(
    rows: &Rows,
    right: &mut Right,
    chunk: &[u32],
    members: &Members,
    least: &Corner,
) {
    let width = if W == 0 { rows.width() } else { W };
    let most = rows.ranks[chunk[0] as usize];
    let Right { rows: named, levels, ranks, open, groups } = right;
    for group in groups {
        if group.len == 0 || !least.is_below(&group.most) {
            continue;
        }
        let open = &mut open[group.start..][..group.len];
        // First, without branches: whom may somebody dominate, and who is the first of them.
        let mut found = [(0, 0); GROUP];
        let (mut n_found, mut n_left) = (0, 0);
        for at in 0..open.len() {
            let q = open[at];
            let (words, occupied) = members.below::<U>(&levels[q as usize * width..][..width]);
            let word = occupied.trailing_zeros() as usize % words.len();
            let first = (word * SET) as u32 + (words[word].trailing_zeros() & 63);
            let may_rise = ranks[q as usize] <= most;
            found[n_found % GROUP] = (q, first);
            n_found += usize::from(may_rise & (occupied != 0));
            open[n_left] = q;
            n_left += usize::from(may_rise & (occupied == 0));
        }
        // Then the exact comparisons; most of the first prove right.
        for &(q, first) in &found[..n_found] {
            let p = chunk[first as usize];
            let rank = rows.ranks[p as usize];
            let row = rows.row::<W>(named[q as usize] as usize);
            let own = &mut ranks[q as usize];
            if U::is_below::<W>(rows.row::<W>(p as usize), row) {
                *own = (rank + 1).max(*own);
            } else if rank >= *own {
                let (words, _) = members.below::<U>(&levels[q as usize * width..][..width]);
                if !search_on(rows, chunk, row, first, &words, own) {
                    open[n_left] = q;
                    n_left += 1;
                }
            }
        }
        group.len = n_left;
    }
}

/// Goes through the members that may dominate a row, after member `first`; whether the row is settled.
#[cold]
fn search_on(rows: &Rows, chunk: &[u32], row: &[f64], first: u32, words: &[u64], own: &mut u32) -> bool {
    for (at, &word) in words.iter().enumerate() {
        let mut word = word;
        while word != 0 {
            let member = at as u32 * SET as u32 + word.trailing_zeros();
            word &= word - 1;
            if member <= first {
                continue;
            }
            let p = chunk[member as usize] as usize;
            if rows.ranks[p] < *own {
                return true;
            }
            if is_below(rows.row::<0>(p), row) {
                *own = rows.ranks[p] + 1;
                return true;
            }
        }
    }
    false
}
