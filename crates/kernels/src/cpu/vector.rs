//! Vectors of 8 or 16 single-precision lanes: AVX-512, AVX2 and plain arrays behind one trait. Loops over plain arrays
//! alone are too fragile here: the compiler vectorises the same tile along the right or the wrong axis depending on its
//! shape (118 or 2.7 GFLOP/s measured), so each instruction that matters is named.

#![allow(
    unsafe_code,
    reason = "vector instructions; the types are named only by code compiled for a detected set"
)]

#[cfg(target_arch = "x86_64")]
use core::arch::x86_64 as x86;
#[cfg(target_arch = "x86_64")]
use core::mem::transmute;

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
    // SAFETY: a prefetch never faults, and the pointer is not used otherwise.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        x86::_mm_prefetch::<{ x86::_MM_HINT_T0 }>(from.as_ptr().wrapping_add(at).cast());
    }
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

/// `blend(mask, yes, no)` for each register type.
///
/// # Safety
/// As for the instructions.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn blend_avx2(mask: x86::__m256, yes: x86::__m256, no: x86::__m256) -> x86::__m256 {
    // SAFETY: the caller's.
    unsafe { x86::_mm256_blendv_ps(no, yes, mask) }
}

/// # Safety
/// As for the instruction.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn blend_half(mask: x86::__mmask8, yes: x86::__m256, no: x86::__m256) -> x86::__m256 {
    // SAFETY: the caller's.
    unsafe { x86::_mm256_mask_blend_ps(mask, no, yes) }
}

/// # Safety
/// As for the instruction.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn blend_avx512(mask: x86::__mmask16, yes: x86::__m512, no: x86::__m512) -> x86::__m512 {
    // SAFETY: the caller's.
    unsafe { x86::_mm512_mask_blend_ps(mask, no, yes) }
}

/// Implements [`Vector`] on a register type from the names of its instructions.
#[cfg(target_arch = "x86_64")]
macro_rules! registers {
    ($(#[$meta:meta])* $name:ident, $lanes:literal, $register:ty, $mask:ty, $registers:literal,
     $splat:ident, $zero:ident, $add:ident, $sub:ident, $mul:ident, $fused:ident, $max:ident,
     $compare:ident, $both:ident, $blend:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy)]
        pub(super) struct $name($register);

        // `kernel!` alone names this type, in functions compiled for its instruction set, which it calls only after
        // detection; arrays and registers of equal size hold any bits.
        impl Vector<$lanes> for $name {
            type Mask = $mask;
            const REGISTERS: usize = $registers;

            #[inline(always)]
            fn from_array(from: [f32; $lanes]) -> Self {
                // SAFETY: the types are named under their instruction set only.
                Self(unsafe { transmute::<[f32; $lanes], $register>(from) })
            }
            #[inline(always)]
            fn to_array(self) -> [f32; $lanes] {
                // SAFETY: the types are named under their instruction set only.
                unsafe { transmute::<$register, [f32; $lanes]>(self.0) }
            }
            #[inline(always)]
            fn splat(value: f32) -> Self {
                // SAFETY: the types are named under their instruction set only.
                Self(unsafe { x86::$splat(value) })
            }
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                // SAFETY: the types are named under their instruction set only.
                Self(unsafe { x86::$add(self.0, other.0) })
            }
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                // SAFETY: the types are named under their instruction set only.
                Self(unsafe { x86::$sub(self.0, other.0) })
            }
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                // SAFETY: the types are named under their instruction set only.
                Self(unsafe { x86::$mul(self.0, other.0) })
            }
            #[inline(always)]
            fn mul_add(self, factor: Self, term: Self) -> Self {
                // SAFETY: the types are named under their instruction set only.
                Self(unsafe { x86::$fused(self.0, factor.0, term.0) })
            }
            #[inline(always)]
            fn relu(self) -> Self {
                // The second operand is the result when either is NaN.
                // SAFETY: the types are named under their instruction set only.
                Self(unsafe { x86::$max(x86::$zero(), self.0) })
            }
            #[inline(always)]
            fn where_positive(self, at: Self) -> Self {
                // SAFETY: the types are named under their instruction set only.
                let zero = unsafe { x86::$zero() };
                // SAFETY: the types are named under their instruction set only.
                let positive = unsafe { x86::$compare::<{ x86::_CMP_NLE_UQ }>(at.0, zero) };
                Self::select(positive, self, Self(zero))
            }
            #[inline(always)]
            fn beats(self, best: Self) -> $mask {
                // SAFETY: the types are named under their instruction set only.
                let larger = unsafe { x86::$compare::<{ x86::_CMP_NLE_UQ }>(self.0, best.0) };
                // SAFETY: the types are named under their instruction set only.
                let number = unsafe { x86::$compare::<{ x86::_CMP_ORD_Q }>(best.0, best.0) };
                // SAFETY: the types are named under their instruction set only.
                unsafe { x86::$both(larger, number) }
            }
            #[inline(always)]
            fn equals(self, other: Self) -> $mask {
                // SAFETY: the types are named under their instruction set only.
                unsafe { x86::$compare::<{ x86::_CMP_EQ_OQ }>(self.0, other.0) }
            }
            #[inline(always)]
            fn select(mask: $mask, yes: Self, no: Self) -> Self {
                // SAFETY: the types are named under their instruction set only.
                Self(unsafe { $blend(mask, yes.0, no.0) })
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
registers! {
    /// Eight lanes of AVX2.
    Ymm, 8, x86::__m256, x86::__m256, 16, _mm256_set1_ps, _mm256_setzero_ps, _mm256_add_ps, _mm256_sub_ps,
    _mm256_mul_ps, _mm256_fmadd_ps, _mm256_max_ps, _mm256_cmp_ps, _mm256_and_ps, blend_avx2
}

#[cfg(target_arch = "x86_64")]
registers! {
    /// Eight lanes where AVX-512 doubles the registers.
    YmmOf32, 8, x86::__m256, x86::__mmask8, 32, _mm256_set1_ps, _mm256_setzero_ps, _mm256_add_ps, _mm256_sub_ps,
    _mm256_mul_ps, _mm256_fmadd_ps, _mm256_max_ps, _mm256_cmp_ps_mask, _kand_mask8, blend_half
}

#[cfg(target_arch = "x86_64")]
registers! {
    /// Sixteen lanes of AVX-512.
    Zmm, 16, x86::__m512, x86::__mmask16, 32, _mm512_set1_ps, _mm512_setzero_ps, _mm512_add_ps, _mm512_sub_ps,
    _mm512_mul_ps, _mm512_fmadd_ps, _mm512_max_ps, _mm512_cmp_ps_mask, _kand_mask16, blend_avx512
}
