//! Lexicographic order of the rows, in time that ties cannot hurt. Each objective becomes a 32-bit key that keeps its
//! order; one pass of buckets sorts all runs of rows that are equal so far, and the rows that still share a value go on
//! with the next objective. Values that differ but share a key are rare: they are sorted by comparison.

use super::counting::{accumulate, zeroed};
use super::key::Key;
use crate::objectives::Objectives;
use std::cmp::Ordering;
use std::ops::Range;

/// Runs of up to this many entries are sorted by insertion of whole rows.
const FEW: usize = 6;
/// Entries that were not nearly sorted, because many different keys fell into few buckets, are sorted by comparison
/// once insertion has moved this many for each.
const MOST_MOVED: usize = 16;
/// From this many entries on, a first pass of fewer buckets keeps the second pass within the nearest cache: a bucket
/// for so many entries.
const MANY: usize = 4096;
const COARSE: usize = 512;

/// Entries `start..end`, whose rows are equal in all objectives looked at so far.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: u32,
    end: u32,
}

impl Run {
    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The buffers of one sort, kept from call to call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Order {
    /// A key in the upper half, its row in the lower: entries compare by key, then by row.
    entries: Vec<u64>,
    spare: Vec<u64>,
    /// Per bucket how many entries, then where its next entry goes, at last where it ends.
    counts: Vec<u32>,
    /// Runs to sort by the next objective, and those found while doing so.
    open: Vec<Run>,
    found: Vec<Run>,
    repeats: bool,
}

impl Order {
    /// Sorts the rows of a matrix; equal rows lie in ascending order.
    pub(crate) fn sort(&mut self, objectives: &Objectives<'_>) {
        let n = objectives.n();
        self.repeats = false;
        self.entries.clear();
        self.entries.extend(0..n as u64);
        self.open.clear();
        self.open.push(Run { start: 0, end: n as u32 });
        let mut level = 0;
        while level < objectives.m() && !self.open.is_empty() {
            let coarsely_first = level == 0 && n >= MANY;
            let mut key = Key::of(objectives, level);
            self.sort_open(objectives, &key, coarsely_first);
            if key.width() > 1 && !self.is_sorted(objectives, &key) {
                key = Key::of_one(objectives, level);
                self.sort_open(objectives, &key, coarsely_first);
            }
            self.split(objectives, &key);
            level += key.width();
        }
    }

    /// The sorted row indices: a row can only be dominated by one that comes before it.
    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = u32> {
        self.entries.iter().map(|&entry| entry as u32)
    }

    /// Whether some rows may be equal.
    pub(super) fn has_repeats(&self) -> bool {
        self.repeats
    }

    /// Sorts the entries of every open run by `key`.
    fn sort_open(&mut self, objectives: &Objectives<'_>, key: &Key, coarsely_first: bool) {
        for run in &self.open {
            for entry in &mut self.entries[run.range()] {
                let row = *entry as u32;
                *entry = u64::from(key.of_row(objectives.row(row as usize))) << 32 | u64::from(row);
            }
        }
        if coarsely_first {
            self.spare.resize(self.entries.len(), 0);
            let lead = (self.entries.len() / COARSE).ilog2();
            scatter_coarsely(lead, &self.entries, &mut self.spare, &mut self.counts);
            std::mem::swap(&mut self.entries, &mut self.spare);
            self.found.clear();
            let mut start = 0;
            for &end in &self.counts {
                self.found.extend((start < end).then_some(Run { start, end }));
                start = end;
            }
            sort_runs(&self.found, lead, &mut self.entries, &mut self.spare, &mut self.counts);
        } else {
            sort_runs(&self.open, 0, &mut self.entries, &mut self.spare, &mut self.counts);
        }
    }

    /// Whether the open runs are sorted indeed.
    fn is_sorted(&self, objectives: &Objectives<'_>, key: &Key) -> bool {
        let row = |entry: u64| objectives.row(entry as u32 as usize);
        self.open.iter().all(|run| {
            let pairs = self.entries[run.range()].windows(2);
            pairs.fold(true, |sorted, pair| sorted & !key.is_above(row(pair[0]), row(pair[1])))
        })
    }

    /// Finds, in the open runs, the rows that are equal in the objectives of `key` too: the open runs of the next one.
    fn split(&mut self, objectives: &Objectives<'_>, key: &Key) {
        let Self { entries, open, found, repeats, .. } = self;
        found.clear();
        let row = |entry: u64| objectives.row(entry as u32 as usize);
        let last = key.level() + key.width() == objectives.m();
        for run in &*open {
            let mut at = run.start as usize;
            let end = run.end as usize;
            while at + 1 < end {
                let shared = entries[at] >> 32;
                if entries[at + 1] >> 32 != shared {
                    at += 1;
                    continue;
                }
                let start = at;
                let first = row(entries[at]);
                let mut same = true;
                while at < end && entries[at] >> 32 == shared {
                    same &= key.is_shared(row(entries[at]), first);
                    at += 1;
                }
                if same && last {
                    *repeats = true;
                } else if same {
                    found.push(Run { start: start as u32, end: at as u32 });
                } else {
                    *repeats |= sort_rows(&mut entries[start..at], objectives, key.level());
                }
            }
        }
        std::mem::swap(open, found);
    }
}

/// Sorts every run by its keys without their `lead` highest bits: twice as many buckets as entries, then insertion.
fn sort_runs(runs: &[Run], lead: u32, entries: &mut [u64], spare: &mut Vec<u64>, counts: &mut Vec<u32>) {
    spare.resize(entries.len(), 0);
    for run in runs {
        let entries = &mut entries[run.range()];
        if entries.len() <= FEW {
            insert_each(entries);
            continue;
        }
        let spare = &mut spare[run.range()];
        let n_buckets = 2 * entries.len() as u64;
        // The key is the upper half, so the shift drops its lead.
        let bucket = |entry: u64| ((((entry << lead) >> 32) * n_buckets) >> 32) as usize;
        let counts = zeroed(counts, n_buckets as usize);
        for &entry in &*entries {
            counts[bucket(entry)] += 1;
        }
        accumulate(counts);
        for &entry in &*entries {
            let next = &mut counts[bucket(entry)];
            spare[*next as usize] = entry;
            *next += 1;
        }
        insert_each(spare);
        entries.copy_from_slice(spare);
    }
}

/// Distributes all entries over buckets by the `lead` highest bits; `counts` then holds where each ends.
fn scatter_coarsely(lead: u32, entries: &[u64], spare: &mut [u64], counts: &mut Vec<u32>) {
    let bucket = |entry: u64| (entry >> (64 - lead)) as usize;
    let counts = zeroed(counts, 1 << lead);
    for &entry in entries {
        counts[bucket(entry)] += 1;
    }
    accumulate(counts);
    for &entry in entries {
        let next = &mut counts[bucket(entry)];
        spare[*next as usize] = entry;
        *next += 1;
    }
}

/// Sorts entries that are few or nearly sorted.
fn insert_each(entries: &mut [u64]) {
    let mut previous = 0;
    let mut moved = 0;
    for i in 0..entries.len() {
        let entry = entries[i];
        if entry >= previous {
            previous = entry;
            continue;
        }
        let place = entries[..i].iter().rposition(|&before| before <= entry).map_or(0, |at| at + 1);
        entries.copy_within(place..i, place + 1);
        entries[place] = entry;
        moved += i - place;
        if moved > MOST_MOVED * entries.len() {
            entries.sort_unstable();
            return;
        }
    }
}

/// Sorts entries by their rows from objective `level` on; whether some of these are equal.
fn sort_rows(entries: &mut [u64], objectives: &Objectives<'_>, level: usize) -> bool {
    let rest = |entry: u64| &objectives.row(entry as u32 as usize)[level..];
    let compare = |a: u64, b: u64| rest(a).partial_cmp(rest(b)).unwrap_or(Ordering::Equal).then(a.cmp(&b));
    if entries.len() > FEW {
        entries.sort_unstable_by(|a, b| compare(*a, *b));
    } else {
        for i in 1..entries.len() {
            let entry = entries[i];
            let mut at = i;
            while at > 0 && compare(entry, entries[at - 1]).is_lt() {
                entries[at] = entries[at - 1];
                at -= 1;
            }
            entries[at] = entry;
        }
    }
    entries.windows(2).any(|pair| rest(pair[0]) == rest(pair[1]))
}
