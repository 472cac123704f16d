//! The vector unit that every machine has: loops over lanes, which compilers turn into what vectors the target is known to
//! have (NEON on AArch64, SSE2 on x86-64).

use super::{LANES, SET, STEPS, STRIP, Settle, Unit, Word};
use crate::dominance::is_below;

/// Any machine: loops over lanes, which compilers turn into what vectors the target is known to have.
pub(crate) struct Plain;

impl Unit for Plain {
    type Bytes = [u8; SET];
    /// 0 or 255 for each row.
    type Mask = [u8; SET];

    #[inline(always)]
    fn load(bytes: &[u8; SET]) -> [u8; SET] {
        *bytes
    }

    #[inline(always)]
    fn store(bytes: [u8; SET], to: &mut [u8; SET]) {
        *to = bytes;
    }

    #[inline(always)]
    fn splat(word: Word) -> [u8; SET] {
        [word as u8; SET]
    }

    #[inline(always)]
    fn lane(bytes: [u8; SET], i: usize) -> [u8; SET] {
        [bytes[i]; SET]
    }

    #[inline(always)]
    fn all() -> [u8; SET] {
        [u8::MAX; SET]
    }

    #[inline(always)]
    fn byte(bytes: [u8; SET], i: usize) -> u8 {
        bytes[i]
    }

    #[inline(always)]
    fn none() -> [u8; SET] {
        [0; SET]
    }

    #[inline(always)]
    fn or(a: [u8; SET], b: [u8; SET]) -> [u8; SET] {
        std::array::from_fn(|row| a[row] | b[row])
    }

    #[inline(always)]
    fn before(i: usize) -> [u8; SET] {
        *STEPS[SET - i..].first_chunk().expect("the steps are twice as many as the rows")
    }

    #[inline(always)]
    fn after(i: usize) -> [u8; SET] {
        Self::before(i + 1).map(|byte| !byte)
    }

    #[inline(always)]
    fn at_most(mask: [u8; SET], a: [u8; SET], b: [u8; SET]) -> [u8; SET] {
        std::array::from_fn(|row| mask[row] & if a[row] <= b[row] { u8::MAX } else { 0 })
    }

    #[inline(always)]
    fn less(mask: [u8; SET], a: [u8; SET], b: [u8; SET]) -> [u8; SET] {
        std::array::from_fn(|row| mask[row] & if a[row] < b[row] { u8::MAX } else { 0 })
    }

    #[inline(always)]
    fn equal(mask: [u8; SET], a: [u8; SET], b: [u8; SET]) -> [u8; SET] {
        std::array::from_fn(|row| mask[row] & if a[row] == b[row] { u8::MAX } else { 0 })
    }

    #[inline(always)]
    fn select(mask: [u8; SET], a: [u8; SET], b: [u8; SET]) -> [u8; SET] {
        std::array::from_fn(|row| a[row] & !mask[row] | b[row] & mask[row])
    }

    #[inline(always)]
    fn increment(bytes: [u8; SET]) -> [u8; SET] {
        bytes.map(|byte| byte.saturating_add(1))
    }

    #[inline(always)]
    fn bits(mask: [u8; SET]) -> u64 {
        mask.as_chunks::<8>().0.iter().rev().fold(0, |bits, bytes| {
            // One bit of each byte, gathered in the topmost byte of a product.
            let ones = u64::from_le_bytes(*bytes) & 0x0101_0101_0101_0101;
            bits << 8 | ones.wrapping_mul(0x0102_0408_1020_4080) >> 56
        })
    }

    #[inline(always)]
    fn is_below<const W: usize>(row: &[f64], other: &[f64]) -> bool {
        is_below(row, other)
    }

    #[inline(always)]
    fn settle(values: &[f64; STRIP], ranks: &mut [u32; STRIP], which: Settle) {
        let lifted: [bool; STRIP] = std::array::from_fn(|lane| which.lifted >> lane & 1 != 0);
        for i in (0..STRIP).filter(|i| which.lifting >> i & 1 != 0) {
            let (value, above) = (values[i], ranks[i] + 1);
            for j in i + 1..STRIP {
                ranks[j] = ranks[j].max(above * u32::from(lifted[j] & (values[j] >= value)));
            }
        }
    }

    #[inline(always)]
    fn count(values: &[f64; LANES], value: f64) -> usize {
        values.iter().map(|x| usize::from(*x <= value)).sum()
    }

    #[inline(always)]
    fn meet(table: &[[u64; LANES]], n_levels: usize, levels: &[u8], finer: u32) -> ([u64; LANES], u8) {
        let mut met = [u64::MAX; LANES];
        for (j, level) in levels.iter().enumerate() {
            let set = &table[j * n_levels + usize::from(level >> finer)];
            for (word, members) in met.iter_mut().zip(set) {
                *word &= members;
            }
        }
        let occupied = met.iter().enumerate().fold(0, |mask, (at, &word)| mask | u8::from(word != 0) << at);
        (met, occupied)
    }
}
