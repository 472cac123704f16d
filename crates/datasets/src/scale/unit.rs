//! Vectors of sixteen whole numbers for scaling, chosen at run time. Every unit gives the same bits.

use wide::{i16x8, u8x16, u16x8};

/// Rows that are worked on side by side, and numbers of a vector.
pub(super) const LANES: usize = 16;

/// Numbers of half a vector: as many as rows of it are turned on their side at once.
pub(super) const HALF: usize = LANES / 2;

/// What a vector unit must do. A value of it says that this machine has it.
pub(super) trait Unit: Copy {
    /// Sixteen whole numbers of 16 bits.
    type Vector: Copy;

    fn load(self, numbers: &[u16; LANES]) -> Self::Vector;

    fn store(self, vector: Self::Vector) -> [u16; LANES];

    fn splat(self, number: u16) -> Self::Vector;

    /// Two halves, the lower lanes first.
    fn join(self, low: &[u16; HALF], high: &[u16; HALF]) -> Self::Vector;

    /// 256 times a byte for each lane.
    fn bytes(self, bytes: &[u8; LANES]) -> Self::Vector;

    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// The upper 16 bits of each product.
    fn multiply_high(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// Each number without its lowest bits.
    fn drop_bits<const BITS: i32>(self, vector: Self::Vector) -> Self::Vector;

    /// Lane `i` of vector `j` becomes lane `j` of vector `i`, in the lower halves and in the upper ones.
    fn transpose(self, vectors: [Self::Vector; HALF]) -> [Self::Vector; HALF];

    /// Bytes of two vectors, 255 for what is more: the lower half of each, then the upper half of each.
    fn narrow(self, a: Self::Vector, b: Self::Vector) -> [u8; 2 * LANES];
}

/// Something to do with a vector unit.
pub(super) trait Task {
    /// Does it. Must be inlined, to be compiled for the unit.
    fn run(self, unit: impl Unit);
}

/// Runs a task with the widest unit that this machine has.
pub(super) fn run(task: impl Task) {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = super::x86::Avx2::detect() {
        return avx2.run(task);
    }
    task.run(Portable);
}

/// What the compiler may assume of the target: SSE2 on x86-64, NEON on AArch64.
#[derive(Debug, Clone, Copy)]
pub(super) struct Portable;

#[allow(clippy::inline_always, reason = "bodies of hot loops")]
impl Unit for Portable {
    type Vector = [u16x8; 2];

    #[inline(always)]
    fn load(self, numbers: &[u16; LANES]) -> Self::Vector {
        bytemuck::cast(*numbers)
    }

    #[inline(always)]
    fn store(self, vector: Self::Vector) -> [u16; LANES] {
        bytemuck::cast(vector)
    }

    #[inline(always)]
    fn splat(self, number: u16) -> Self::Vector {
        [u16x8::splat(number); 2]
    }

    #[inline(always)]
    fn join(self, low: &[u16; HALF], high: &[u16; HALF]) -> Self::Vector {
        [u16x8::from(*low), u16x8::from(*high)]
    }

    #[inline(always)]
    fn bytes(self, bytes: &[u8; LANES]) -> Self::Vector {
        let bytes = u8x16::from(*bytes);
        [u8x16::unpack_low(u8x16::ZERO, bytes), u8x16::unpack_high(u8x16::ZERO, bytes)].map(bytemuck::cast)
    }

    #[inline(always)]
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        [a[0] + b[0], a[1] + b[1]]
    }

    #[inline(always)]
    fn multiply_high(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        [a[0].mul_keep_high(b[0]), a[1].mul_keep_high(b[1])]
    }

    #[inline(always)]
    fn drop_bits<const BITS: i32>(self, vector: Self::Vector) -> Self::Vector {
        vector.map(|half| half >> BITS)
    }

    #[inline(always)]
    fn transpose(self, vectors: [Self::Vector; HALF]) -> [Self::Vector; HALF] {
        let [low, high] = [0, 1].map(|half| u16x8::transpose(vectors.map(|vector| vector[half])));
        std::array::from_fn(|i| [low[i], high[i]])
    }

    #[inline(always)]
    fn narrow(self, a: Self::Vector, b: Self::Vector) -> [u8; 2 * LANES] {
        let signed = bytemuck::cast::<u16x8, i16x8>;
        bytemuck::cast([0, 1].map(|half| u8x16::narrow_i16x8(signed(a[half]), signed(b[half]))))
    }
}
