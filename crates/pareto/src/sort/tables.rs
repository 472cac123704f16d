//! Four and more objectives: divide and conquer on the lexicographic order. The ranks of a left half are pushed to its
//! right half through member tables: per objective and level a bit set of the left rows that are no higher, so that the
//! rows that may dominate are the intersection of m - 1 sets (after rank intersection, Burlacu 2022, arXiv 2203.13654).
//! Members lie by descending rank, so the first that proves to dominate settles a row.

use super::leaf::{LEAF, MOST_KNOWN, Rows};
use super::levels::Histogram;
use crate::simd::{Plain, Task, Unit};

/// Members of the largest table.
const CHUNK: usize = 512;

/// The buffers of one sort, kept from call to call.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    histogram: Histogram,
    column: Vec<f64>,
    /// Row-major levels.
    levels: Vec<u8>,
    /// Left rows by descending rank.
    left: Vec<u32>,
    counts: Vec<u32>,
    /// Right rows that may still rise.
    right: Vec<u32>,
    /// Right rows with their first candidate in the table.
    found: Vec<(u32, u32)>,
    table: Vec<u64>,
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
            5 => self.tables.solve::<U, 5>(self.rows),
            7 => self.tables.solve::<U, 7>(self.rows),
            MOST_KNOWN => self.tables.solve::<U, MOST_KNOWN>(self.rows),
            _ => self.tables.solve::<U, 0>(self.rows),
        }
    }
}

impl Tables {
    #[inline(always)]
    fn solve<U: Unit, const W: usize>(&mut self, rows: &mut Rows) {
        let n = rows.n();
        if n > LEAF {
            self.set_levels(rows);
        }
        // After leaf k, the halves that end with it are pushed to their right neighbours.
        for done in 1..=n.div_ceil(LEAF) {
            let mid = (done * LEAF).min(n);
            rows.rank_leaf::<U, W>((done - 1) * LEAF, mid);
            let size = LEAF << done.trailing_zeros();
            if mid < n {
                self.raise::<U, W>(rows, mid - size, mid, (mid + size).min(n));
            }
        }
    }

    fn set_levels(&mut self, rows: &Rows) {
        let width = rows.width();
        self.levels.clear();
        self.levels.resize(rows.n() * width, 0);
        self.table.resize(256 * CHUNK / 64 * width, 0);
        for j in 0..width {
            self.column.clear();
            self.column.extend(rows.column(j));
            let places = self.levels.chunks_exact_mut(width);
            for (place, level) in places.zip(self.histogram.levels(&self.column)) {
                place[j] = level;
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
            match chunk.len() {
                0..=128 => self.raise_by::<U, W, 2>(rows, chunk),
                129..=256 => self.raise_by::<U, W, 4>(rows, chunk),
                _ => self.raise_by::<U, W, 8>(rows, chunk),
            }
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

    /// Raises the `right` rows by one chunk of at most `64 * N` rows and drops those that cannot rise further.
    #[inline(always)]
    fn raise_by<U: Unit, const W: usize, const N: usize>(&mut self, rows: &mut Rows, chunk: &[u32]) {
        let width = if W == 0 { rows.width() } else { W };
        // A table has half as many levels as members.
        let shift = match N {
            2 => 2,
            4 => 1,
            _ => 0,
        };
        let n_levels = 256 >> shift;
        self.fill_table::<N>(chunk, width, n_levels, shift);
        let (table, _) = self.table.as_chunks::<N>();
        let table = &table[..width * n_levels];
        let most = rows.ranks[chunk[0] as usize];

        // First, without branches: who has a candidate, and which is the first.
        self.found.clear();
        self.found.resize(self.right.len(), (0, 0));
        let (mut n_found, mut n_left) = (0, 0);
        for at in 0..self.right.len() {
            let q = self.right[at];
            let levels = &self.levels[q as usize * width..][..width];
            let (sets, occupied) = U::meet::<N>(table, n_levels, shift, levels);
            let word = occupied.trailing_zeros() as usize % N;
            let first = word as u32 * 64 + (sets[word].trailing_zeros() & 63);
            let open = rows.ranks[q as usize] <= most;
            self.found[n_found] = (q, first);
            n_found += usize::from(open & (occupied != 0));
            self.right[n_left] = q;
            n_left += usize::from(open & (occupied == 0));
        }
        self.right.truncate(n_left);

        // Then the exact comparisons; most first candidates prove right.
        for at in 0..n_found {
            let (q, first) = self.found[at];
            let p = chunk[first as usize];
            let rank = rows.ranks[p as usize];
            if rank < rows.ranks[q as usize] {
                continue;
            }
            if is_below(rows.row::<W>(p as usize), rows.row::<W>(q as usize)) {
                rows.ranks[q as usize] = rank + 1;
            } else if !self.search_on::<N>(rows, chunk, q, first, n_levels, shift) {
                self.right.push(q);
            }
        }
    }

    /// Goes through the candidates after `first`; whether row `q` is settled.
    #[cold]
    fn search_on<const N: usize>(
        &self,
        rows: &mut Rows,
        chunk: &[u32],
        q: u32,
        first: u32,
        n_levels: usize,
        shift: u32,
    ) -> bool {
        let width = rows.width();
        let (table, _) = self.table.as_chunks::<N>();
        let levels = &self.levels[q as usize * width..][..width];
        let (sets, _) = Plain::meet::<N>(&table[..width * n_levels], n_levels, shift, levels);
        for (at, mut word) in sets.into_iter().enumerate() {
            while word != 0 {
                let member = at as u32 * 64 + word.trailing_zeros();
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

    /// Builds, per objective and level, the set of chunk members that are at that level or lower.
    #[inline(always)]
    fn fill_table<const N: usize>(&mut self, chunk: &[u32], width: usize, n_levels: usize, shift: u32) {
        let (table, _) = self.table.as_chunks_mut::<N>();
        let table = &mut table[..width * n_levels];
        table.fill([0; N]);
        for (member, &i) in chunk.iter().enumerate() {
            for (j, &level) in self.levels[i as usize * width..][..width].iter().enumerate() {
                table[j * n_levels + usize::from(level >> shift)][member / 64 % N] |= 1 << (member % 64);
            }
        }
        for objective in table.chunks_exact_mut(n_levels) {
            let mut members = [0_u64; N];
            for set in objective {
                for (word, members) in set.iter_mut().zip(&mut members) {
                    *members |= *word;
                    *word = *members;
                }
            }
        }
    }
}

/// Whether `row` is nowhere greater than `other`.
#[inline(always)]
fn is_below(row: &[f64], other: &[f64]) -> bool {
    row.iter().zip(other).fold(true, |below, (x, y)| below & (x <= y))
}
