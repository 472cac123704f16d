//! The vector unit of x86-64 with AVX2.

use super::unit::{HALF, LANES, Task, Unit};
use pulp::{NullaryFnOnce, x86::V3};
use std::arch::x86_64::{__m128i, __m256i};

/// Moves a byte to the upper half of each lane. Bytes that are shifted there compile to four times as many instructions, since
/// the compiler takes the shift for a part of the multiplication that follows.
const UPPER: [u8; 2 * LANES] = {
    let mut from = [0x80; 2 * LANES];
    let mut lane = 0;
    while lane < LANES {
        from[2 * lane + 1] = lane as u8;
        lane += 1;
    }
    from
};

/// AVX2, found on this machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2(V3);

impl Avx2 {
    /// AVX2, if it is there.
    pub(super) fn detect() -> Option<Self> {
        V3::try_new().map(Self)
    }

    /// Runs a task, compiled for this unit.
    pub(super) fn run(self, task: impl Task) {
        self.0.vectorize(Call { task, unit: self });
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a body of a hot loop")]
    fn half(numbers: &[u16; HALF]) -> __m128i {
        bytemuck::cast(*numbers)
    }
}

struct Call<T> {
    task: T,
    unit: Avx2,
}

impl<T: Task> NullaryFnOnce for Call<T> {
    type Output = ();

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "only what is inlined is compiled for the unit")]
    fn call(self) {
        self.task.run(self.unit);
    }
}

#[allow(clippy::inline_always, reason = "bodies of hot loops")]
impl Unit for Avx2 {
    type Vector = __m256i;

    #[inline(always)]
    fn load(self, numbers: &[u16; LANES]) -> __m256i {
        bytemuck::cast(*numbers)
    }

    #[inline(always)]
    fn store(self, vector: __m256i) -> [u16; LANES] {
        bytemuck::cast(vector)
    }

    #[inline(always)]
    fn splat(self, number: u16) -> __m256i {
        self.0.avx._mm256_set1_epi16(number as i16)
    }

    #[inline(always)]
    fn join(self, low: &[u16; HALF], high: &[u16; HALF]) -> __m256i {
        self.0.avx._mm256_set_m128i(Self::half(high), Self::half(low))
    }

    #[inline(always)]
    fn bytes(self, bytes: &[u8; LANES]) -> __m256i {
        let twice = self.0.avx2._mm256_broadcastsi128_si256(bytemuck::cast(*bytes));
        self.0.avx2._mm256_shuffle_epi8(twice, bytemuck::cast(UPPER))
    }

    #[inline(always)]
    fn add(self, a: __m256i, b: __m256i) -> __m256i {
        self.0.avx2._mm256_add_epi16(a, b)
    }

    #[inline(always)]
    fn multiply_high(self, a: __m256i, b: __m256i) -> __m256i {
        self.0.avx2._mm256_mulhi_epu16(a, b)
    }

    #[inline(always)]
    fn drop_bits<const BITS: i32>(self, vector: __m256i) -> __m256i {
        self.0.avx2._mm256_srli_epi16::<BITS>(vector)
    }

    #[inline(always)]
    fn transpose(self, vectors: [__m256i; HALF]) -> [__m256i; HALF] {
        // Neighbours for lanes of 16, 32 and 64 bits in turn; vectors that belong together lie four, two and one apart.
        let [a, b, c, d, e, f, g, h] = vectors;
        let avx2 = self.0.avx2;
        let pair = |a, b| [avx2._mm256_unpacklo_epi16(a, b), avx2._mm256_unpackhi_epi16(a, b)];
        let [[a, b], [c, d], [e, f], [g, h]] = [pair(a, e), pair(b, f), pair(c, g), pair(d, h)];
        let [[a, b], [c, d], [e, f], [g, h]] = [pair(a, e), pair(b, f), pair(c, g), pair(d, h)];
        let [[a, b], [c, d], [e, f], [g, h]] = [pair(a, e), pair(b, f), pair(c, g), pair(d, h)];
        [a, b, c, d, e, f, g, h]
    }

    #[inline(always)]
    fn narrow(self, a: __m256i, b: __m256i) -> [u8; 2 * LANES] {
        bytemuck::cast(self.0.avx2._mm256_packus_epi16(a, b))
    }
}
