//! The inner loops of sorting for each vector unit, chosen at run time, and the only unsafe code of this crate.
//! Every unit gives the same ranks: comparisons and bit sets are exact, nothing is summed.
#![allow(unsafe_code, reason = "vector intrinsics; each block states what it relies on")]

/// Rows of a vector block.
pub(crate) const LANES: usize = 8;

/// Rows of a set that has a bit or a byte for each.
pub(crate) const SET: usize = 64;

/// A byte four times: vector units load a word into all lanes for nothing, but not a byte.
pub(crate) type Word = u32;

/// The word of a byte.
#[inline(always)]
pub(crate) const fn word(byte: u8) -> Word {
    byte as u32 * 0x0101_0101
}

/// The words of row numbers.
pub(crate) static NUMBERS: [Word; SET] = {
    let mut numbers = [0; SET];
    let mut i = 0;
    while i < SET {
        numbers[i] = word(i as u8);
        i += 1;
    }
    numbers
};

/// Rows that [`Unit::settle`] looks at together.
pub(crate) const BLOCK: usize = 16;

/// Which rows of a block lift others, and which are lifted: a bit each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settle {
    pub(crate) lifting: u16,
    pub(crate) lifted: u16,
}

impl Settle {
    /// Every row does both.
    pub(crate) const ALL: Self = Self { lifting: u16::MAX, lifted: u16::MAX };
}

/// What a vector unit must do.
pub(crate) trait Unit {
    /// A byte for each of 64 rows.
    type Bytes: Copy;
    /// Some of 64 rows.
    type Mask: Copy;

    fn load(bytes: &[u8; SET]) -> Self::Bytes;

    fn store(bytes: Self::Bytes, to: &mut [u8; SET]);

    /// The same byte for all rows, given as a [`Word`].
    fn splat(word: Word) -> Self::Bytes;

    /// The byte of row `i` for all rows.
    fn lane(bytes: Self::Bytes, i: usize) -> Self::Bytes;

    /// All rows.
    fn all() -> Self::Mask;

    /// No rows.
    fn none() -> Self::Mask;

    /// The rows of either mask.
    fn or(a: Self::Mask, b: Self::Mask) -> Self::Mask;

    /// The byte of row `i`.
    fn byte(bytes: Self::Bytes, i: usize) -> u8;

    /// The rows before row `i`.
    fn before(i: usize) -> Self::Mask;

    /// The rows behind row `i`.
    fn after(i: usize) -> Self::Mask;

    /// The rows of `mask` for which `a` is at most `b`.
    fn at_most(mask: Self::Mask, a: Self::Bytes, b: Self::Bytes) -> Self::Mask;

    /// The rows of `mask` for which `a` is less than `b`.
    fn less(mask: Self::Mask, a: Self::Bytes, b: Self::Bytes) -> Self::Mask;

    /// The rows of `mask` for which `a` is `b`.
    fn equal(mask: Self::Mask, a: Self::Bytes, b: Self::Bytes) -> Self::Mask;

    /// `b` for the rows of `mask`, `a` for the others.
    fn select(mask: Self::Mask, a: Self::Bytes, b: Self::Bytes) -> Self::Bytes;

    /// Each byte plus 1, but 255 at most.
    fn increment(bytes: Self::Bytes) -> Self::Bytes;

    /// A bit for each row.
    fn bits(mask: Self::Mask) -> u64;

    /// Whether `row` is nowhere greater than `other`; `W` is how many values they have, or 0 if that is not known.
    fn is_below<const W: usize>(row: &[f64], other: &[f64]) -> bool;

    /// Goes through the rows of a block in order: each one that lifts raises to above its own rank those behind it
    /// that may be lifted and whose value is not below its own.
    fn settle(values: &[f64; BLOCK], ranks: &mut [u32; BLOCK], which: Settle);

    /// How many of the values are at most `value`.
    fn count(values: &[f64; LANES], value: f64) -> usize;

    /// The intersection of one set of each objective's table (`n_levels` sets each): that of the row's level, of which
    /// the `finer` lowest bits do not count. And which words of the intersection are not 0.
    fn meet(table: &[[u64; LANES]], n_levels: usize, levels: &[u8], finer: u32) -> ([u64; LANES], u8);
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
    has_avx2()
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vbmi")
}

/// All rows of one mask, then none of another: a window of it is a mask of the first rows.
static STEPS: [u8; 2 * SET] = {
    let mut steps = [0; 2 * SET];
    let mut i = 0;
    while i < SET {
        steps[i] = u8::MAX;
        i += 1;
    }
    steps
};

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
        row.iter().zip(other).fold(true, |below, (x, y)| below & (x <= y))
    }

    #[inline(always)]
    fn settle(values: &[f64; BLOCK], ranks: &mut [u32; BLOCK], which: Settle) {
        let lifted: [bool; BLOCK] = std::array::from_fn(|lane| which.lifted >> lane & 1 != 0);
        for i in (0..BLOCK).filter(|i| which.lifting >> i & 1 != 0) {
            let (value, above) = (values[i], ranks[i] + 1);
            for j in i + 1..BLOCK {
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

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{BLOCK, LANES, NUMBERS, Plain, SET, STEPS, Settle, Task, Unit, Word, word};
    #[allow(clippy::wildcard_imports, reason = "a long list of intrinsics says nothing")]
    use std::arch::x86_64::*;

    #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512vbmi,bmi1,popcnt")]
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
            u64::MAX - 1 << i
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
        fn settle(values: &[f64; BLOCK], ranks: &mut [u32; BLOCK], which: Settle) {
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
                let half = bytes.as_ptr().cast::<__m256i>();
                [_mm256_loadu_si256(half), _mm256_loadu_si256(half.add(1))]
            }
        }

        #[inline(always)]
        fn store(bytes: [__m256i; 2], to: &mut [u8; SET]) {
            // SAFETY: AVX2 was detected; the array has 64 bytes.
            unsafe {
                let half = to.as_mut_ptr().cast::<__m256i>();
                _mm256_storeu_si256(half, bytes[0]);
                _mm256_storeu_si256(half.add(1), bytes[1]);
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
        fn settle(values: &[f64; BLOCK], ranks: &mut [u32; BLOCK], which: Settle) {
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
}
