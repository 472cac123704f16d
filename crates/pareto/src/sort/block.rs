//! Ranks a block of rows by comparing every pair, 64 rows at once: a set of 64 rows fits the bytes of a vector register,
//! objective by objective, so each row in turn lifts a whole set with one comparison an objective and no branch. Bytes only
//! say "may dominate": who lifted a row last is remembered, and compared with it exactly before the row lifts others.

use super::codes::Codes;
use super::rows::Rows;
use super::width;
use crate::dominance::is_below;
use crate::simd::{Available, NUMBERS, SET, Unit, Word, word};
use std::ops::Range;

/// Most rows of a block. A row costs a block half as many comparisons as the block has sets, which is less than dividing
/// such a block costs.
pub(super) const BLOCK: usize = 2048;

/// Greatest byte that stands for a rank; the next one means "too high for a byte".
const HIGHEST: u8 = u8::MAX - 1;

/// The buffers of a block, kept from call to call.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    codes: Codes,
    /// By sets: ranks above the lowest of the block, final for the sets that are done.
    ranks: Vec<[u8; SET]>,
    /// By sets that are done: what they lift others to.
    above: Vec<[Word; SET]>,
}

impl Block {
    /// Ranks rows `lo..hi`, whose ranks already count their dominators before `lo`; `lo` must begin a set. `false`, and
    /// nothing changed, if their ranks differ by too much for a byte.
    pub(super) fn rank(&mut self, unit: Available, rows: &mut Rows, lo: usize, hi: usize) -> bool {
        let mut is_ranked = false;
        width::run(unit, rows.width(), Rank { block: self, rows, lo, hi, is_ranked: &mut is_ranked });
        is_ranked
    }

    #[inline(always)]
    fn rank_for<U: Unit, const W: usize>(&mut self, rows: &mut Rows, lo: usize, hi: usize) -> bool {
        let (least, most) = rows.ranks[lo..hi]
            .iter()
            .fold((u32::MAX, 0), |(least, most), &rank| (least.min(rank), most.max(rank)));
        if most - least > u32::from(HIGHEST) {
            return false;
        }
        let n_sets = (hi - lo).div_ceil(SET);
        self.codes.fill(rows, lo / SET, n_sets);
        self.ranks.resize(n_sets, [0; SET]);
        self.above.resize(n_sets, [0; SET]);
        for (set, ranks) in self.ranks.iter_mut().zip(rows.ranks[lo..hi].chunks(SET)) {
            for (byte, rank) in set.iter_mut().zip(ranks) {
                *byte = (rank - least) as u8;
            }
        }
        for set in 0..n_sets {
            if set > 0 {
                self.lift_by_earlier_sets::<U, W>(rows, lo, set);
            }
            let len = SET.min(hi - lo - set * SET);
            self.lift_each_other::<U, W>(rows, lo, set, len);
            if self.ranks[set][..len].iter().any(|&rank| rank > HIGHEST) {
                return false;
            }
        }
        for (ranks, set) in rows.ranks[lo..hi].chunks_mut(SET).zip(&self.ranks) {
            for (rank, &byte) in ranks.iter_mut().zip(set) {
                *rank = least + u32::from(byte);
            }
        }
        true
    }

    /// Lifts the rows of a set above those of earlier sets that dominate them.
    #[inline(always)]
    fn lift_by_earlier_sets<U: Unit, const W: usize>(&mut self, rows: &Rows, lo: usize, set: usize) {
        let width = if W == 0 { rows.width() } else { W };
        let earlier = &self.codes.words[..set * width];
        let columns = &self.codes.bytes[set * width..][..width];
        let known = load_columns::<U, W>(columns);
        let mut ranks = U::load(&self.ranks[set]);
        let (mut lifter_set, mut lifter) = (U::splat(0), U::splat(0));
        let mut lifted = U::none();
        for (other, words) in earlier.chunks_exact(width).enumerate() {
            // Two halves that do not wait for each other.
            let mut halves = [(ranks, lifter); 2];
            for row in 0..SET / 2 {
                for (half, (ranks, lifter)) in halves.iter_mut().enumerate() {
                    let row = half * SET / 2 + row;
                    let mask = may_dominate::<U, W>(U::all(), words, row, columns, &known);
                    let above = U::splat(self.above[other][row]);
                    let mask = U::less(mask, *ranks, above);
                    *ranks = U::select(mask, *ranks, above);
                    *lifter = U::select(mask, *lifter, U::splat(NUMBERS[row]));
                }
            }
            let [low, high] = halves;
            let higher = U::less(U::all(), low.0, high.0);
            let now = U::select(higher, low.0, high.0);
            lifter = U::select(higher, low.1, high.1);
            let by_other = U::less(U::all(), ranks, now);
            lifter_set = U::select(by_other, lifter_set, U::splat(word(other as u8)));
            lifted = U::or(lifted, by_other);
            ranks = now;
        }
        let base = self.ranks[set];
        U::store(ranks, &mut self.ranks[set]);
        let (mut lifters, mut sets) = ([0; SET], [0; SET]);
        U::store(lifter, &mut lifters);
        U::store(lifter_set, &mut sets);
        let mut lifted = U::bits(lifted);
        while lifted != 0 {
            let row = lifted.trailing_zeros() as usize;
            lifted &= lifted - 1;
            let i = lo + set * SET + row;
            let by = lo + usize::from(sets[row]) * SET + usize::from(lifters[row]);
            if i < rows.n() && !U::is_below::<W>(rows.row::<W>(by), rows.row::<W>(i)) {
                let own = self.ranks[set][row];
                self.ranks[set][row] =
                    self.exact_rank::<U, W>(rows, lo, set * SET + row, 0..set, base[row], own);
            }
        }
    }

    /// Lifts the rows of a set above those before them in the set that dominate them: the set is done.
    #[inline(always)]
    fn lift_each_other<U: Unit, const W: usize>(&mut self, rows: &Rows, lo: usize, set: usize, len: usize) {
        let width = if W == 0 { rows.width() } else { W };
        let columns = &self.codes.bytes[set * width..][..width];
        let known = load_columns::<U, W>(columns);
        let base = self.ranks[set];
        let mut ranks = U::load(&base);
        let mut lifter = U::load(&NUMBERS.map(|number| number as u8));
        let first = lo + set * SET;
        for row in 0..len {
            // Who is not lifted stands for itself.
            let by = usize::from(U::byte(lifter, row)) % SET;
            if !U::is_below::<W>(rows.row::<W>(first + by), rows.row::<W>(first + row)) {
                U::store(ranks, &mut self.ranks[set]);
                let own = self.ranks[set][row];
                self.ranks[set][row] =
                    self.exact_rank::<U, W>(rows, lo, set * SET + row, set..set + 1, base[row], own);
                ranks = U::load(&self.ranks[set]);
            }
            let columns = &self.codes.bytes[set * width..][..width];
            let words = &self.codes.words[set * width..][..width];
            let mask = may_dominate::<U, W>(U::after(row), words, row, columns, &known);
            let above = U::increment(U::lane(ranks, row));
            let mask = U::less(mask, ranks, above);
            ranks = U::select(mask, ranks, above);
            lifter = U::select(mask, lifter, U::splat(NUMBERS[row]));
        }
        U::store(ranks, &mut self.ranks[set]);
        let mut above = [0; SET];
        U::store(U::increment(ranks), &mut above);
        self.above[set] = above.map(word);
    }

    /// The rank of row `at` of the block, at most `most` and at least `least`, given its dominators before it in some sets.
    #[inline(always)]
    fn exact_rank<U: Unit, const W: usize>(
        &self,
        rows: &Rows,
        lo: usize,
        at: usize,
        sets: Range<usize>,
        least: u8,
        most: u8,
    ) -> u8 {
        let width = if W == 0 { rows.width() } else { W };
        let (own_set, lane) = (at / SET, at % SET);
        let own = &self.codes.words[own_set * width..][..width];
        for rank in (least + 1..=most).rev() {
            let under = U::splat(word(rank - 1));
            for set in sets.clone() {
                let mask = if set == own_set { U::before(lane) } else { U::all() };
                let mut mask = U::equal(mask, U::load(&self.ranks[set]), under);
                for (column, own) in self.codes.bytes[set * width..][..width].iter().zip(own) {
                    mask = U::at_most(mask, U::load(column), U::splat(own[lane]));
                }
                let mut bits = U::bits(mask);
                while bits != 0 {
                    let by = lo + set * SET + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    if U::is_below::<W>(rows.row::<W>(by), rows.row::<W>(lo + at)) {
                        return rank;
                    }
                }
            }
        }
        least
    }
}

/// [`Block::rank`] for a unit and a width.
struct Rank<'a> {
    block: &'a mut Block,
    rows: &'a mut Rows,
    lo: usize,
    hi: usize,
    is_ranked: &'a mut bool,
}

impl width::Task for Rank<'_> {
    #[inline(always)]
    fn run<U: Unit, const W: usize>(self) {
        *self.is_ranked = self.block.rank_for::<U, W>(self.rows, self.lo, self.hi);
    }
}

/// Ranks rows `lo..hi` by comparing every pair, the nearest first, since their ranks tend to be high.
#[cold]
pub(super) fn rank_pairs(rows: &mut Rows, lo: usize, hi: usize) {
    for i in lo..hi {
        for other in (lo..i).rev() {
            if rows.ranks[other] >= rows.ranks[i] && is_below(rows.row::<0>(other), rows.row::<0>(i)) {
                rows.ranks[i] = rows.ranks[other] + 1;
            }
        }
    }
}

/// The codes of a set in registers, where their number is known.
#[inline(always)]
fn load_columns<U: Unit, const W: usize>(columns: &[[u8; SET]]) -> [U::Bytes; W] {
    std::array::from_fn(|j| U::load(&columns[j]))
}

/// The rows of `mask` of a set (`columns`, also as `known`) that row `row` of another may dominate.
#[inline(always)]
fn may_dominate<U: Unit, const W: usize>(
    mut mask: U::Mask,
    words: &[[Word; SET]],
    row: usize,
    columns: &[[u8; SET]],
    known: &[U::Bytes; W],
) -> U::Mask {
    if W == 0 {
        for (words, column) in words.iter().zip(columns) {
            mask = U::at_most(mask, U::splat(words[row]), U::load(column));
        }
    } else {
        for (words, column) in words.iter().zip(known) {
            mask = U::at_most(mask, U::splat(words[row]), *column);
        }
    }
    mask
}
