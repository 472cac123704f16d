//! The inner loops of sorting for each vector unit, chosen at run time, and the only unsafe code of this crate.
//! Every unit gives the same ranks: comparisons and bit sets are exact, nothing is summed.
#![allow(unsafe_code, reason = "vector intrinsics; each block states what it relies on")]

/// Rows of a vector block.
pub(crate) const LANES: usize = 8;

/// What a vector unit must do.
pub(crate) trait Unit {
    /// Lifts to at least `above` the ranks of those rows of a block (objective by objective, `LANES` values each) that
    /// are nowhere below `row`, but for the first `skip` rows.
    fn lift(block: &[f64], row: &[f64], above: u32, skip: usize, ranks: &mut [u32; LANES]);

    /// How many of the values are at most `value`.
    fn count(values: &[f64; LANES], value: f64) -> usize;

    /// The intersection of one set of each objective's table (`n_levels` sets each), and which of its words are not 0.
    fn meet<const N: usize>(table: &[[u64; N]], n_levels: usize, shift: u32, levels: &[u8])
    -> ([u64; N], u8);
}

/// Something to do with a vector unit.
pub(crate) trait Task {
    /// Does it. Must be inlined, to be compiled for the unit.
    fn run<U: Unit>(self);
}

/// A vector unit that this machine has: there is no other way to come by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Available(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Available {
    /// The widest unit.
    pub(crate) fn widest() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if has_avx512() {
                return Self(Kind::Avx512);
            }
            if has_avx2() {
                return Self(Kind::Avx2);
            }
        }
        Self(Kind::Plain)
    }

    /// All units, the plain one first.
    #[cfg(test)]
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self(Kind::Plain)];
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(has_avx2().then_some(Self(Kind::Avx2)));
            all.extend(has_avx512().then_some(Self(Kind::Avx512)));
        }
        all
    }

    /// Runs `task` with this unit.
    pub(crate) fn run(self, task: impl Task) {
        match self.0 {
            Kind::Plain => task.run::<Plain>(),
            // SAFETY: `has_avx2` found all features that the function enables.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => unsafe { x86::run_avx2(task) },
            // SAFETY: `has_avx512` found all features that the function enables.
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => unsafe { x86::run_avx512(task) },
        }
    }
}

impl Default for Available {
    fn default() -> Self {
        Self::widest()
    }
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") && is_x86_feature_detected!("popcnt")
}

#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    has_avx2() && is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl")
}

/// Any machine: loops over lanes, which compilers turn into what vectors the target is known to have.
pub(crate) struct Plain;

impl Unit for Plain {
    #[inline(always)]
    fn lift(block: &[f64], row: &[f64], above: u32, skip: usize, ranks: &mut [u32; LANES]) {
        let mut dominated = [0_u64; LANES];
        for (lane, dominated) in dominated.iter_mut().enumerate() {
            *dominated = u64::from(lane >= skip);
        }
        for (values, x) in block.chunks_exact(LANES).zip(row) {
            for (dominated, y) in dominated.iter_mut().zip(values) {
                *dominated &= u64::from(x <= y);
            }
        }
        for (rank, dominated) in ranks.iter_mut().zip(dominated) {
            *rank = (*rank).max(above * dominated as u32);
        }
    }

    #[inline(always)]
    fn count(values: &[f64; LANES], value: f64) -> usize {
        values.iter().map(|x| usize::from(*x <= value)).sum()
    }

    #[inline(always)]
    fn meet<const N: usize>(
        table: &[[u64; N]],
        n_levels: usize,
        shift: u32,
        levels: &[u8],
    ) -> ([u64; N], u8) {
        let mut sets = [u64::MAX; N];
        for (objective, &level) in table.chunks_exact(n_levels).zip(levels) {
            for (word, members) in sets.iter_mut().zip(&objective[usize::from(level >> shift)]) {
                *word &= members;
            }
        }
        let occupied = sets.iter().enumerate().fold(0, |mask, (at, &word)| mask | u8::from(word != 0) << at);
        (sets, occupied)
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{LANES, Plain, Task, Unit};
    #[allow(clippy::wildcard_imports, reason = "a long list of intrinsics says nothing")]
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx512f,avx512vl,bmi1,popcnt")]
    pub(super) fn run_avx512(task: impl Task) {
        task.run::<Avx512>();
    }

    #[target_feature(enable = "avx2,bmi1,popcnt")]
    pub(super) fn run_avx2(task: impl Task) {
        task.run::<Avx2>();
    }

    /// Used by `run_avx512` alone, which is called after detection: the safety of every block below.
    struct Avx512;

    impl Unit for Avx512 {
        #[inline(always)]
        fn lift(block: &[f64], row: &[f64], above: u32, skip: usize, ranks: &mut [u32; LANES]) {
            let mut dominated = (0xff_u32 << skip) as u8;
            for (values, &x) in block.chunks_exact(LANES).zip(row) {
                // SAFETY: AVX-512F was detected; a chunk has eight values.
                dominated = unsafe {
                    let y = _mm512_loadu_pd(values.as_ptr());
                    _mm512_mask_cmp_pd_mask::<_CMP_LE_OQ>(dominated, _mm512_set1_pd(x), y)
                };
            }
            // SAFETY: AVX-512VL was detected; the array has eight ranks.
            unsafe {
                let old = _mm256_loadu_si256(ranks.as_ptr().cast());
                let new = _mm256_mask_max_epu32(old, dominated, old, _mm256_set1_epi32(above as i32));
                _mm256_storeu_si256(ranks.as_mut_ptr().cast(), new);
            }
        }

        #[inline(always)]
        fn count(values: &[f64; LANES], value: f64) -> usize {
            // SAFETY: AVX-512F was detected; the array has eight values.
            let most = unsafe {
                let values = _mm512_loadu_pd(values.as_ptr());
                _mm512_cmp_pd_mask::<_CMP_LE_OQ>(values, _mm512_set1_pd(value))
            };
            most.count_ones() as usize
        }

        #[inline(always)]
        fn meet<const N: usize>(
            table: &[[u64; N]],
            n_levels: usize,
            shift: u32,
            levels: &[u8],
        ) -> ([u64; N], u8) {
            if N != 8 {
                return Plain::meet(table, n_levels, shift, levels);
            }
            let mut sets = [0; N];
            // SAFETY: AVX-512F was detected; a set has N = 8 words, and so has `sets`.
            unsafe {
                let mut met = _mm512_set1_epi64(-1);
                for (objective, &level) in table.chunks_exact(n_levels).zip(levels) {
                    let members = &objective[usize::from(level >> shift)];
                    met = _mm512_and_si512(met, _mm512_loadu_si512(members.as_ptr().cast()));
                }
                _mm512_storeu_si512(sets.as_mut_ptr().cast(), met);
                (sets, _mm512_test_epi64_mask(met, met))
            }
        }
    }

    /// Used by `run_avx2` alone, which is called after detection: the safety of every block below.
    struct Avx2;

    impl Unit for Avx2 {
        #[inline(always)]
        fn lift(block: &[f64], row: &[f64], above: u32, skip: usize, ranks: &mut [u32; LANES]) {
            // SAFETY: AVX2 was detected; a chunk has eight values and the array eight ranks.
            unsafe {
                let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
                let behind = _mm256_cmpgt_epi32(lanes, _mm256_set1_epi32(skip as i32 - 1));
                let mut low = _mm256_set1_epi64x(-1);
                let mut high = low;
                for (values, &x) in block.chunks_exact(LANES).zip(row) {
                    let x = _mm256_set1_pd(x);
                    let (y, z) = (_mm256_loadu_pd(values.as_ptr()), _mm256_loadu_pd(values[4..].as_ptr()));
                    low = _mm256_and_si256(low, _mm256_castpd_si256(_mm256_cmp_pd::<_CMP_LE_OQ>(x, y)));
                    high = _mm256_and_si256(high, _mm256_castpd_si256(_mm256_cmp_pd::<_CMP_LE_OQ>(x, z)));
                }
                // The even 32-bit halves of both, put in order.
                let halves =
                    _mm256_shuffle_ps::<0b10_00_10_00>(_mm256_castsi256_ps(low), _mm256_castsi256_ps(high));
                let dominated = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_castps_si256(halves));
                let above =
                    _mm256_and_si256(_mm256_and_si256(dominated, behind), _mm256_set1_epi32(above as i32));
                let old = _mm256_loadu_si256(ranks.as_ptr().cast());
                _mm256_storeu_si256(ranks.as_mut_ptr().cast(), _mm256_max_epu32(old, above));
            }
        }

        #[inline(always)]
        fn count(values: &[f64; LANES], value: f64) -> usize {
            // SAFETY: AVX2 was detected; the array has eight values.
            let most = unsafe {
                let value = _mm256_set1_pd(value);
                let low = _mm256_cmp_pd::<_CMP_LE_OQ>(_mm256_loadu_pd(values.as_ptr()), value);
                let high = _mm256_cmp_pd::<_CMP_LE_OQ>(_mm256_loadu_pd(values[4..].as_ptr()), value);
                _mm256_movemask_pd(low) | _mm256_movemask_pd(high) << 4
            };
            most.count_ones() as usize
        }

        #[inline(always)]
        fn meet<const N: usize>(
            table: &[[u64; N]],
            n_levels: usize,
            shift: u32,
            levels: &[u8],
        ) -> ([u64; N], u8) {
            Plain::meet(table, n_levels, shift, levels)
        }
    }
}
