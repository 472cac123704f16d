//! Vectors of 8 or 16 single-precision lanes: AVX-512, AVX2 and plain arrays behind one trait. Loops over plain arrays
//! alone are too fragile here: the compiler vectorises the same tile along the right or the wrong axis depending on its
//! shape (118 or 2.7 GFLOP/s measured), so each instruction that matters is named.

#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(target_arch = "x86_64")]
pub(super) use x86::{Ymm, YmmOf32, Zmm};

/// `L` lanes. Comparisons treat NaN as PyTorch does: it passes through a ReLU and wins a maximum.
pub(super) trait Vector<const L: usize>: Copy {
    /// One truth value per lane.
    type Mask: Copy;

    /// Vector registers, which bound the tiles.
    const REGISTERS: usize;

    fn from_array(from: [f32; L]) -> Self;
    fn to_array(self) -> [f32; L];
    fn splat(value: f32) -> Self;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    /// `self * factor + term`, fused where the instruction set can.
    fn mul_add(self, factor: Self, term: Self) -> Self;
    /// `max(self, 0)`.
    fn relu(self) -> Self;
    /// Lanes of `self` where `at` is not `<= 0`, else 0.
    fn where_positive(self, at: Self) -> Self;
    /// Where `self` is larger than `best`, or NaN while `best` is not.
    fn beats(self, best: Self) -> Self::Mask;
    /// Where both are equal.
    fn equals(self, other: Self) -> Self::Mask;
    /// Lanes of `yes` where the mask holds, else of `no`.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// `L` elements from `at` on.
    #[inline(always)]
    fn load(from: &[f32], at: usize) -> Self {
        let mut lanes = [0.0; L];
        lanes.copy_from_slice(&from[at..at + L]);
        Self::from_array(lanes)
    }

    /// Like `load`, with zeros behind the end of the slice.
    #[inline(always)]
    fn load_up_to(from: &[f32], at: usize) -> Self {
        if at + L <= from.len() {
            return Self::load(from, at);
        }
        let mut lanes = [0.0; L];
        for (lane, value) in lanes.iter_mut().zip(&from[at.min(from.len())..]) {
            *lane = *value;
        }
        Self::from_array(lanes)
    }

    /// The first `L / 2` elements of each, side by side.
    #[inline(always)]
    fn load_halves(low: &[f32], high: &[f32]) -> Self {
        let mut lanes = [0.0; L];
        lanes[..L / 2].copy_from_slice(&low[..L / 2]);
        lanes[L / 2..].copy_from_slice(&high[..L / 2]);
        Self::from_array(lanes)
    }

    /// Stores the lower half of the lanes at the start of one, the upper half at the start of the other.
    #[inline(always)]
    fn store_halves(self, low: &mut [f32], high: &mut [f32]) {
        let lanes = self.to_array();
        low[..L / 2].copy_from_slice(&lanes[..L / 2]);
        high[..L / 2].copy_from_slice(&lanes[L / 2..]);
    }

    /// Stores all lanes at `at`.
    #[inline(always)]
    fn store(self, to: &mut [f32], at: usize) {
        to[at..at + L].copy_from_slice(&self.to_array());
    }

    /// Stores the first `count` lanes.
    #[inline(always)]
    fn store_some(self, to: &mut [f32], at: usize, count: usize) {
        if count >= L {
            return self.store(to, at);
        }
        let lanes = self.to_array();
        let mut done = 0;
        for width in [8, 4, 2, 1] {
            if count & width != 0 {
                to[at + done..at + done + width].copy_from_slice(&lanes[done..done + width]);
                done += width;
            }
        }
    }
}

/// Asks for the cache line of an element (which need not exist) ahead of its use.
#[inline(always)]
pub(super) fn prefetch(from: &[f32], at: usize) {
    #[cfg(target_arch = "x86_64")]
    x86::prefetch(from.as_ptr().wrapping_add(at));
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (from, at);
}

/// Eight lanes without any special instruction.
#[derive(Clone, Copy)]
pub(super) struct Lanes8([f32; 8]);

/// Hardware multiply-add without a library call: baseline on 64-bit Arm, unknown elsewhere.
const FUSED: bool = cfg!(target_arch = "aarch64");

impl Lanes8 {
    #[inline(always)]
    fn each(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        let mut lanes = self.0;
        for (lane, other) in lanes.iter_mut().zip(other.0) {
            *lane = f(*lane, other);
        }
        Self(lanes)
    }
}

impl Vector<8> for Lanes8 {
    type Mask = [bool; 8];
    const REGISTERS: usize = 16;

    #[inline(always)]
    fn from_array(from: [f32; 8]) -> Self {
        Self(from)
    }
    #[inline(always)]
    fn to_array(self) -> [f32; 8] {
        self.0
    }
    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self([value; 8])
    }
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.each(other, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.each(other, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.each(other, |a, b| a * b)
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        let mut lanes = term.0;
        for ((lane, a), b) in lanes.iter_mut().zip(self.0).zip(factor.0) {
            *lane = if FUSED { a.mul_add(b, *lane) } else { a * b + *lane };
        }
        Self(lanes)
    }
    #[inline(always)]
    fn relu(self) -> Self {
        self.each(self, |a, _| if a < 0.0 { 0.0 } else { a })
    }
    #[inline(always)]
    fn where_positive(self, at: Self) -> Self {
        self.each(at, |a, x| if x <= 0.0 { 0.0 } else { a })
    }
    #[inline(always)]
    fn beats(self, best: Self) -> [bool; 8] {
        core::array::from_fn(|l| self.0[l] > best.0[l] || (self.0[l].is_nan() && !best.0[l].is_nan()))
    }
    #[inline(always)]
    fn equals(self, other: Self) -> [bool; 8] {
        core::array::from_fn(|l| self.0[l] == other.0[l])
    }
    #[inline(always)]
    fn select(mask: [bool; 8], yes: Self, no: Self) -> Self {
        Self(core::array::from_fn(|l| if mask[l] { yes.0[l] } else { no.0[l] }))
    }
}
