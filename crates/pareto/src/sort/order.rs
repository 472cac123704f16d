//! Lexicographic order of the rows, in time that ties cannot hurt: one pass of linear buckets per objective, the
//! next objective only inside runs of equal values. Rows of one bucket are few and get an insertion pass; a bucket
//! that is crowded with different values (skewed data) is sorted by comparison.

use crate::objectives::Objectives;
use std::cmp::Ordering;

/// Below this many entries insertion beats buckets.
const FEW: usize = 24;
/// A bucket with more entries than this is looked at: linear buckets of even data hold far fewer.
const CROWDED: u32 = 16;

/// A row and its value of the objective at hand.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    key: f64,
    row: u32,
}

/// The buffers of one sort, kept from call to call.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    entries: Vec<Entry>,
    buffers: Buffers,
    ties: bool,
}

#[derive(Debug, Clone, Default)]
struct Buffers {
    scattered: Vec<Entry>,
    places: Vec<u32>,
    counts: Vec<u32>,
}

impl Order {
    /// Sorts the rows of `objectives`.
    pub(super) fn sort(&mut self, objectives: &Objectives<'_>) {
        self.entries.clear();
        let keyed = objectives.rows().enumerate().map(|(i, row)| Entry { key: row[0], row: i as u32 });
        self.entries.extend(keyed);
        self.ties = false;
        sort_from(&mut self.entries, 0, objectives, &mut self.buffers, &mut self.ties);
    }

    /// Sorts a single column; equal values stay in the order of their rows.
    pub(super) fn sort_column(&mut self, values: impl Iterator<Item = f64>) {
        self.entries.clear();
        self.entries.extend(values.zip(0..).map(|(key, row)| Entry { key, row }));
        sort_by_key(&mut self.entries, &mut self.buffers);
    }

    /// The sorted row indices: a row can only be dominated by one that comes before it.
    pub(super) fn rows(&self) -> impl Iterator<Item = u32> {
        self.entries.iter().map(|entry| entry.row)
    }

    /// Whether some rows share their first objective; without that no two rows are equal.
    pub(super) fn has_ties(&self) -> bool {
        self.ties
    }
}

/// Sorts entries that hold their values of objective `level` and are equal in all earlier ones.
fn sort_from(
    entries: &mut [Entry],
    level: usize,
    objectives: &Objectives<'_>,
    buffers: &mut Buffers,
    ties: &mut bool,
) {
    sort_by_key(entries, buffers);
    let mut start = 0;
    while start < entries.len() {
        let key = entries[start].key;
        let mut end = start + 1;
        while end < entries.len() && entries[end].key == key {
            end += 1;
        }
        if end - start > 1 {
            *ties = true;
            if level + 1 < objectives.m() {
                sort_run(&mut entries[start..end], level + 1, objectives, buffers, ties);
            }
        }
        start = end;
    }
}

/// Sorts a run of entries that are equal before objective `level`.
fn sort_run(
    run: &mut [Entry],
    level: usize,
    objectives: &Objectives<'_>,
    buffers: &mut Buffers,
    ties: &mut bool,
) {
    if run.len() <= FEW {
        let rest = |entry: &Entry| &objectives.row(entry.row as usize)[level..];
        for i in 1..run.len() {
            let entry = run[i];
            let mut at = i;
            while at > 0 && rest(&entry).partial_cmp(rest(&run[at - 1])) == Some(Ordering::Less) {
                run[at] = run[at - 1];
                at -= 1;
            }
            run[at] = entry;
        }
    } else {
        for entry in &mut *run {
            entry.key = objectives.row(entry.row as usize)[level];
        }
        sort_from(run, level, objectives, buffers, ties);
    }
}

fn sort_by_key(entries: &mut [Entry], buffers: &mut Buffers) {
    let n = entries.len();
    if n <= FEW {
        for i in 1..n {
            insert(entries, i, entries[i]);
        }
        return;
    }
    let (low, high) = finite_extent(entries);
    let n_buckets = (2 * n).next_power_of_two();
    let scale = n_buckets as f64 / (high - low);
    if !(scale.is_finite() && scale > 0.0) {
        // No width, or one that a double cannot hold.
        entries.sort_unstable_by(by_key);
        return;
    }
    let Buffers { scattered, places, counts } = buffers;
    counts.clear();
    counts.resize(n_buckets, 0);
    places.clear();
    let last = (n_buckets - 1) as f64;
    places.extend(entries.iter().map(|entry| {
        // The clamp puts infinities into the end buckets; adding 2^52 leaves the rounded bucket in the low bits.
        let place = ((entry.key - low) * scale).clamp(0.0, last);
        (place + 4_503_599_627_370_496.0).to_bits() as u32
    }));
    for &place in &*places {
        counts[place as usize] += 1;
    }
    let (mut start, mut fullest) = (0, 0);
    for count in &mut *counts {
        fullest = fullest.max(*count);
        start += std::mem::replace(count, start);
    }
    scattered.clear();
    scattered.resize(n, Entry::default());
    for (entry, &place) in entries.iter().zip(&*places) {
        let next = &mut counts[place as usize];
        scattered[*next as usize] = *entry;
        *next += 1;
    }
    if fullest > CROWDED {
        // After the scatter `counts` holds where each bucket ends.
        let mut start = 0;
        for &end in &*counts {
            let bucket = &mut scattered[start as usize..end as usize];
            if end - start > CROWDED && bucket.iter().any(|entry| entry.key != bucket[0].key) {
                bucket.sort_unstable_by(by_key);
            }
            start = end;
        }
    }
    for (i, &entry) in scattered.iter().enumerate() {
        insert(entries, i, entry);
    }
}

/// The least and the greatest finite key.
fn finite_extent(entries: &[Entry]) -> (f64, f64) {
    // Several independent pairs: one alone would wait for itself at every step.
    let (mut low, mut high) = ([f64::INFINITY; 4], [f64::NEG_INFINITY; 4]);
    for entries in entries.chunks(4) {
        for ((entry, low), high) in entries.iter().zip(&mut low).zip(&mut high) {
            *low = if entry.key < *low { entry.key } else { *low };
            *high = if entry.key > *high { entry.key } else { *high };
        }
    }
    let extent = |low: f64, high: f64, key: f64| (low.min(key), high.max(key));
    let (least, most) =
        low.into_iter().chain(high).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| extent(l, h, x));
    if least.is_finite() && most.is_finite() {
        return (least, most);
    }
    let finite = entries.iter().map(|entry| entry.key).filter(|key| key.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), key| extent(low, high, key))
}

/// Inserts `entry` into the sorted entries before `i`.
#[inline]
fn insert(entries: &mut [Entry], i: usize, entry: Entry) {
    let mut at = i;
    while at > 0 && entry.key < entries[at - 1].key {
        entries[at] = entries[at - 1];
        at -= 1;
    }
    entries[at] = entry;
}

/// By value, equal ones by row: the comparison sort must be as stable as the buckets are.
fn by_key(a: &Entry, b: &Entry) -> Ordering {
    a.key.partial_cmp(&b.key).unwrap_or(Ordering::Equal).then(a.row.cmp(&b.row))
}
