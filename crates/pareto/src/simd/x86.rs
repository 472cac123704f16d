//! The vector units of x86-64, and the only unsafe code of this crate: intrinsics, reached only after detection.
#![allow(unsafe_code, reason = "vector intrinsics; each block states what it relies on")]

use super::{LANES, NUMBERS, Plain, SET, STEPS, STRIP, Settle, Task, Unit, Word, word};
#[allow(clippy::wildcard_imports, reason = "a long list of intrinsics says nothing")]
use std::arch::x86_64::*;

/// A vector unit that was found on this machine: there is no other way to come by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Detected(Width);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    Avx2,
    Avx512,
}

impl Detected {
    /// AVX2, if it is there.
    pub(super) fn avx2() -> Option<Self> {
        let found = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("popcnt");
        found.then_some(Self(Width::Avx2))
    }

    /// AVX-512, if all of it that is used is there.
    pub(super) fn avx512() -> Option<Self> {
        let found = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("popcnt");
        found.then_some(Self(Width::Avx512))
    }

    /// Runs `task` with this unit.
    pub(super) fn run(self, task: impl Task) {
        match self.0 {
            // SAFETY: `avx2` found all features that the function enables.
            Width::Avx2 => unsafe { run_avx2(task) },
            // SAFETY: `avx512` found all features that the function enables.
            Width::Avx512 => unsafe { run_avx512(task) },
        }
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512vbmi,bmi1,popcnt")]
fn run_avx512(task: impl Task) {
    task.run::<Avx512>();
}

#[target_feature(enable = "avx2,bmi1,popcnt")]
fn run_avx2(task: impl Task) {
    task.run::<Avx2>();
}

/// Used by `run_avx512` alone, which is called after detection: the safety of every block below.
struct Avx512;

impl Unit for Avx512 {
    type Bytes = __m512i;
    type Mask = u64;

    #[inline(always)]
    fn load(bytes: &[u8; SET]) -> __m512i {
        // SAFETY: AVX-512F was detected; the array has 64 bytes.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    }

    #[inline(always)]
    fn store(bytes: __m512i, to: &mut [u8; SET]) {
        // SAFETY: AVX-512F was detected; the array has 64 bytes.
        unsafe { _mm512_storeu_si512(to.as_mut_ptr().cast(), bytes) }
    }

    #[inline(always)]
    fn splat(word: Word) -> __m512i {
        // SAFETY: AVX-512F was detected.
        unsafe { _mm512_set1_epi32(word as i32) }
    }

    #[inline(always)]
    fn lane(bytes: __m512i, i: usize) -> __m512i {
        // SAFETY: AVX-512VBMI was detected.
        unsafe { _mm512_permutexvar_epi8(Self::splat(NUMBERS[i]), bytes) }
    }

    #[inline(always)]
    fn all() -> u64 {
        u64::MAX
    }

    #[inline(always)]
    fn byte(bytes: __m512i, i: usize) -> u8 {
        // SAFETY: AVX-512F was detected.
        (unsafe { _mm_cvtsi128_si32(_mm512_castsi512_si128(Self::lane(bytes, i))) }) as u8
    }

    #[inline(always)]
    fn none() -> u64 {
        0
    }

    #[inline(always)]
    fn or(a: u64, b: u64) -> u64 {
        a | b
    }

    #[inline(always)]
    fn before(i: usize) -> u64 {
        (1 << i) - 1
    }

    #[inline(always)]
    fn after(i: usize) -> u64 {
        (u64::MAX - 1) << i
    }

    #[inline(always)]
    fn at_most(mask: u64, a: __m512i, b: __m512i) -> u64 {
        // SAFETY: AVX-512BW was detected.
        unsafe { _mm512_mask_cmple_epu8_mask(mask, a, b) }
    }

    #[inline(always)]
    fn less(mask: u64, a: __m512i, b: __m512i) -> u64 {
        // SAFETY: AVX-512BW was detected.
        unsafe { _mm512_mask_cmplt_epu8_mask(mask, a, b) }
    }

    #[inline(always)]
    fn equal(mask: u64, a: __m512i, b: __m512i) -> u64 {
        // SAFETY: AVX-512BW was detected.
        unsafe { _mm512_mask_cmpeq_epu8_mask(mask, a, b) }
    }

    #[inline(always)]
    fn select(mask: u64, a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: AVX-512BW was detected.
        unsafe { _mm512_mask_blend_epi8(mask, a, b) }
    }

    #[inline(always)]
    fn increment(bytes: __m512i) -> __m512i {
        // SAFETY: AVX-512BW was detected.
        unsafe { _mm512_adds_epu8(bytes, _mm512_set1_epi8(1)) }
    }

    #[inline(always)]
    fn bits(mask: u64) -> u64 {
        mask
    }

    #[inline(always)]
    fn is_below<const W: usize>(row: &[f64], other: &[f64]) -> bool {
        if W == 0 || W > LANES {
            return Plain::is_below::<W>(row, other);
        }
        assert!(row.len() == W && other.len() == W);
        // SAFETY: AVX-512F and VL were detected; the mask leaves out what is behind the rows' W values.
        unsafe {
            // A narrow vector does not reach into the next line of the cache.
            if W <= 4 {
                let mask = (1 << W) - 1;
                let row = _mm256_maskz_loadu_pd(mask, row.as_ptr());
                let other = _mm256_maskz_loadu_pd(mask, other.as_ptr());
                _mm256_cmp_pd_mask::<_CMP_GT_OQ>(row, other) == 0
            } else {
                let mask = (0xff_u32 >> (LANES - W)) as u8;
                let row = _mm512_maskz_loadu_pd(mask, row.as_ptr());
                let other = _mm512_maskz_loadu_pd(mask, other.as_ptr());
                _mm512_cmp_pd_mask::<_CMP_GT_OQ>(row, other) == 0
            }
        }
    }

    #[inline(always)]
    fn settle(values: &[f64; STRIP], ranks: &mut [u32; STRIP], which: Settle) {
        // SAFETY: AVX-512F was detected; both arrays have sixteen entries.
        unsafe {
            let low = _mm512_loadu_pd(values.as_ptr());
            let high = _mm512_loadu_pd(values[LANES..].as_ptr());
            let one = _mm512_set1_epi32(1);
            let mut raised = _mm512_loadu_si512(ranks.as_ptr().cast());
            let mut lane = _mm512_setzero_si512();
            let mut behind = which.lifted;
            for (i, &value) in values.iter().enumerate() {
                behind &= (u32::from(u16::MAX) << (i + 1)) as u16;
                let value = _mm512_set1_pd(value);
                let upper = _mm512_cmp_pd_mask::<_CMP_LE_OQ>(value, high);
                let lower = _mm512_cmp_pd_mask::<_CMP_LE_OQ>(value, low);
                let lifting = 0_u16.wrapping_sub(which.lifting >> i & 1);
                let mask = (u16::from(upper) << LANES | u16::from(lower)) & behind & lifting;
                let above = _mm512_add_epi32(_mm512_permutexvar_epi32(lane, raised), one);
                raised = _mm512_mask_max_epu32(raised, mask, raised, above);
                lane = _mm512_add_epi32(lane, one);
            }
            _mm512_storeu_si512(ranks.as_mut_ptr().cast(), raised);
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
    fn meet(table: &[[u64; LANES]], n_levels: usize, levels: &[u8], finer: u32) -> ([u64; LANES], u8) {
        let mut words = [0; LANES];
        // SAFETY: AVX-512F was detected; every set has eight words.
        unsafe {
            let mut met = _mm512_set1_epi64(-1);
            for (j, level) in levels.iter().enumerate() {
                let set = &table[j * n_levels + usize::from(level >> finer)];
                met = _mm512_and_si512(met, _mm512_loadu_si512(set.as_ptr().cast()));
            }
            _mm512_storeu_si512(words.as_mut_ptr().cast(), met);
            (words, _mm512_test_epi64_mask(met, met))
        }
    }
}

/// Used by `run_avx2` alone, which is called after detection: the safety of every block below.
struct Avx2;

impl Unit for Avx2 {
    type Bytes = [__m256i; 2];
    /// 0 or 255 for each row.
    type Mask = [__m256i; 2];

    #[inline(always)]
    fn load(bytes: &[u8; SET]) -> [__m256i; 2] {
        // SAFETY: AVX2 was detected; the array has 64 bytes.
        unsafe {
            let half = |start: usize| _mm256_loadu_si256(bytes.as_ptr().add(start).cast());
            [half(0), half(SET / 2)]
        }
    }

    #[inline(always)]
    fn store(bytes: [__m256i; 2], to: &mut [u8; SET]) {
        // SAFETY: AVX2 was detected; the array has 64 bytes.
        unsafe {
            _mm256_storeu_si256(to.as_mut_ptr().cast(), bytes[0]);
            _mm256_storeu_si256(to.as_mut_ptr().add(SET / 2).cast(), bytes[1]);
        }
    }

    #[inline(always)]
    fn splat(word: Word) -> [__m256i; 2] {
        // SAFETY: AVX2 was detected.
        [unsafe { _mm256_set1_epi32(word as i32) }; 2]
    }

    #[inline(always)]
    fn lane(bytes: [__m256i; 2], i: usize) -> [__m256i; 2] {
        let mut lanes = [0; SET];
        Self::store(bytes, &mut lanes);
        Self::splat(word(lanes[i]))
    }

    #[inline(always)]
    fn all() -> [__m256i; 2] {
        Self::splat(Word::MAX)
    }

    #[inline(always)]
    fn byte(bytes: [__m256i; 2], i: usize) -> u8 {
        let mut lanes = [0; SET];
        Self::store(bytes, &mut lanes);
        lanes[i]
    }

    #[inline(always)]
    fn none() -> [__m256i; 2] {
        Self::splat(0)
    }

    #[inline(always)]
    fn or(a: [__m256i; 2], b: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: AVX2 was detected.
        std::array::from_fn(|h| unsafe { _mm256_or_si256(a[h], b[h]) })
    }

    #[inline(always)]
    fn before(i: usize) -> [__m256i; 2] {
        Self::load(STEPS[SET - i..].first_chunk().expect("the steps are twice as many as the rows"))
    }

    #[inline(always)]
    fn after(i: usize) -> [__m256i; 2] {
        // SAFETY: AVX2 was detected.
        Self::before(i + 1).map(|half| unsafe { _mm256_xor_si256(half, _mm256_set1_epi8(-1)) })
    }

    #[inline(always)]
    fn at_most(mask: [__m256i; 2], a: [__m256i; 2], b: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: AVX2 was detected.
        std::array::from_fn(|h| unsafe {
            _mm256_and_si256(mask[h], _mm256_cmpeq_epi8(_mm256_min_epu8(a[h], b[h]), a[h]))
        })
    }

    #[inline(always)]
    fn less(mask: [__m256i; 2], a: [__m256i; 2], b: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: AVX2 was detected.
        std::array::from_fn(|h| unsafe {
            _mm256_andnot_si256(_mm256_cmpeq_epi8(_mm256_max_epu8(a[h], b[h]), a[h]), mask[h])
        })
    }

    #[inline(always)]
    fn equal(mask: [__m256i; 2], a: [__m256i; 2], b: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: AVX2 was detected.
        std::array::from_fn(|h| unsafe { _mm256_and_si256(mask[h], _mm256_cmpeq_epi8(a[h], b[h])) })
    }

    #[inline(always)]
    fn select(mask: [__m256i; 2], a: [__m256i; 2], b: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: AVX2 was detected.
        std::array::from_fn(|h| unsafe { _mm256_blendv_epi8(a[h], b[h], mask[h]) })
    }

    #[inline(always)]
    fn increment(bytes: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: AVX2 was detected.
        bytes.map(|half| unsafe { _mm256_adds_epu8(half, _mm256_set1_epi8(1)) })
    }

    #[inline(always)]
    fn bits(mask: [__m256i; 2]) -> u64 {
        // SAFETY: AVX2 was detected.
        let [low, high] = mask.map(|half| unsafe { _mm256_movemask_epi8(half) } as u32);
        u64::from(high) << 32 | u64::from(low)
    }

    #[inline(always)]
    fn is_below<const W: usize>(row: &[f64], other: &[f64]) -> bool {
        Plain::is_below::<W>(row, other)
    }

    #[inline(always)]
    fn settle(values: &[f64; STRIP], ranks: &mut [u32; STRIP], which: Settle) {
        Plain::settle(values, ranks, which);
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
    fn meet(table: &[[u64; LANES]], n_levels: usize, levels: &[u8], finer: u32) -> ([u64; LANES], u8) {
        Plain::meet(table, n_levels, levels, finer)
    }
}
