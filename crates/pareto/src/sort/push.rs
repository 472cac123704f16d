//! Pushes the ranks of a left half to the right half: chunk by chunk, `members` tells who may dominate a row. With the
//! feature `rayon` the right rows are split between threads; ranks are exact, so they are the same however that is done.

use super::cells::Corner;
use super::halves::{GROUP, Right};
use super::members::{CHUNK, Members};
use super::rows::Rows;
use super::width;
use crate::dominance::is_below;
use crate::simd::{Available, SET, Unit};

/// A part of the right rows, with a table of its own: parts do not wait for each other.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    members: Members,
    pub(super) right: Right,
}

/// What the parts share.
#[derive(Debug, Clone, Copy)]
pub(super) struct Push<'a> {
    pub(super) left: &'a [u32],
    pub(super) rows: &'a Rows,
    pub(super) levels: &'a [u8],
    pub(super) width: usize,
}

/// Into how many parts to split `right` of `n` rows.
#[cfg(feature = "rayon")]
pub(super) fn n_parts(n: usize, right: usize) -> usize {
    /// Fewer rows than this are not worth a second thread.
    const MANY: usize = 50_000;
    /// Rows of a part: each part makes its own tables.
    const PART: usize = 12_500;
    if n < MANY { 1 } else { right.div_ceil(PART) }
}

/// Into how many parts to split `right` of `n` rows.
#[cfg(not(feature = "rayon"))]
pub(super) fn n_parts(_n: usize, _right: usize) -> usize {
    1
}

/// Pushes the ranks of the left rows to all parts of the right rows.
#[cfg(feature = "rayon")]
pub(super) fn push_to_all(unit: Available, work: &Push<'_>, parts: &mut [Part]) {
    use rayon::iter::{IntoParallelRefMutIterator, ParallelIterator};
    match parts {
        [part] => push(unit, work, part),
        parts => parts.par_iter_mut().for_each(|part| push(unit, work, part)),
    }
}

/// Pushes the ranks of the left rows to all parts of the right rows.
#[cfg(not(feature = "rayon"))]
pub(super) fn push_to_all(unit: Available, work: &Push<'_>, parts: &mut [Part]) {
    for part in parts {
        push(unit, work, part);
    }
}

/// Pushes the ranks of the left rows to one part of the right rows.
fn push(unit: Available, work: &Push<'_>, part: &mut Part) {
    width::run(unit, work.width, PushTo { work, part });
}

struct PushTo<'a> {
    work: &'a Push<'a>,
    part: &'a mut Part,
}

impl width::Task for PushTo<'_> {
    #[inline(always)]
    fn run<U: Unit, const W: usize>(self) {
        let Self { work, part: Part { members, right } } = self;
        let width = if W == 0 { work.width } else { W };
        for chunk in work.left.chunks(CHUNK) {
            let least = members.fill(chunk, width, work.levels);
            raise_by::<U, W>(work.rows, right, chunk, members, &least);
        }
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
