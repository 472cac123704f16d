//! The registers of AVX2 and AVX-512 as vectors.

#![allow(
    unsafe_code,
    reason = "vector instructions; the types are named only by code compiled for a detected set"
)]

use core::arch::x86_64 as x86;
use core::mem::transmute;

use super::Vector;

/// Asks for a cache line, which need not exist.
#[inline(always)]
pub(super) fn prefetch(at: *const f32) {
    // SAFETY: a prefetch never faults, and the pointer is not used otherwise.
    unsafe {
        x86::_mm_prefetch::<{ x86::_MM_HINT_T0 }>(at.cast());
    }
}

/// `blend(mask, yes, no)` for each register type.
///
/// # Safety
/// As for the instructions.
#[inline(always)]
unsafe fn blend_avx2(mask: x86::__m256, yes: x86::__m256, no: x86::__m256) -> x86::__m256 {
    // SAFETY: the caller's.
    unsafe { x86::_mm256_blendv_ps(no, yes, mask) }
}

/// # Safety
/// As for the instruction.
#[inline(always)]
unsafe fn blend_half(mask: x86::__mmask8, yes: x86::__m256, no: x86::__m256) -> x86::__m256 {
    // SAFETY: the caller's.
    unsafe { x86::_mm256_mask_blend_ps(mask, no, yes) }
}

/// # Safety
/// As for the instruction.
#[inline(always)]
unsafe fn blend_avx512(mask: x86::__mmask16, yes: x86::__m512, no: x86::__m512) -> x86::__m512 {
    // SAFETY: the caller's.
    unsafe { x86::_mm512_mask_blend_ps(mask, no, yes) }
}

/// Two arrays in one register.
///
/// # Safety
/// As for the instructions.
#[inline(always)]
unsafe fn join_256(low: &[f32; 4], high: &[f32; 4]) -> x86::__m256 {
    // SAFETY: the arrays are as long as half a register; otherwise the caller's.
    unsafe { x86::_mm256_set_m128(x86::_mm_loadu_ps(high.as_ptr()), x86::_mm_loadu_ps(low.as_ptr())) }
}

/// # Safety
/// As for the instructions.
#[inline(always)]
unsafe fn join_512(low: &[f32; 8], high: &[f32; 8]) -> x86::__m512 {
    // SAFETY: the arrays are as long as half a register; otherwise the caller's.
    unsafe {
        let low = x86::_mm512_castps256_ps512(x86::_mm256_loadu_ps(low.as_ptr()));
        x86::_mm512_insertf32x8::<1>(low, x86::_mm256_loadu_ps(high.as_ptr()))
    }
}

/// A register in two arrays.
///
/// # Safety
/// As for the instructions.
#[inline(always)]
unsafe fn split_256(from: x86::__m256, low: &mut [f32; 4], high: &mut [f32; 4]) {
    // SAFETY: the arrays are as long as half a register; otherwise the caller's.
    unsafe {
        x86::_mm_storeu_ps(low.as_mut_ptr(), x86::_mm256_castps256_ps128(from));
        x86::_mm_storeu_ps(high.as_mut_ptr(), x86::_mm256_extractf128_ps::<1>(from));
    }
}

/// # Safety
/// As for the instructions.
#[inline(always)]
unsafe fn split_512(from: x86::__m512, low: &mut [f32; 8], high: &mut [f32; 8]) {
    // SAFETY: the arrays are as long as half a register; otherwise the caller's.
    unsafe {
        x86::_mm256_storeu_ps(low.as_mut_ptr(), x86::_mm512_castps512_ps256(from));
        x86::_mm256_storeu_ps(high.as_mut_ptr(), x86::_mm512_extractf32x8_ps::<1>(from));
    }
}

/// The first elements of a slice, of which it has enough.
#[inline(always)]
fn half<const H: usize>(from: &[f32]) -> &[f32; H] {
    from.first_chunk().expect("half a vector")
}

/// As `half`, to be written.
#[inline(always)]
fn half_mut<const H: usize>(to: &mut [f32]) -> &mut [f32; H] {
    to.first_chunk_mut().expect("half a vector")
}

/// Implements [`Vector`] on a register type from the names of its instructions.
macro_rules! registers {
    ($(#[$meta:meta])* $name:ident, $lanes:literal, $register:ty, $mask:ty, $registers:literal,
     $splat:ident, $zero:ident, $add:ident, $sub:ident, $mul:ident, $fused:ident, $max:ident,
     $compare:ident, $both:ident, $blend:ident, $join:ident, $split:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy)]
        pub(in crate::cpu) struct $name($register);

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
            #[inline(always)]
            fn load_halves(low: &[f32], high: &[f32]) -> Self {
                let (low, high) = (half(low), half(high));
                // SAFETY: the types are named under their instruction set only.
                Self(unsafe { $join(low, high) })
            }
            #[inline(always)]
            fn store_halves(self, low: &mut [f32], high: &mut [f32]) {
                let (low, high) = (half_mut(low), half_mut(high));
                // SAFETY: the types are named under their instruction set only.
                unsafe { $split(self.0, low, high) }
            }
        }
    };
}

registers! {
    /// Eight lanes of AVX2.
    Ymm, 8, x86::__m256, x86::__m256, 16, _mm256_set1_ps, _mm256_setzero_ps, _mm256_add_ps, _mm256_sub_ps,
    _mm256_mul_ps, _mm256_fmadd_ps, _mm256_max_ps, _mm256_cmp_ps, _mm256_and_ps, blend_avx2, join_256,
    split_256
}

registers! {
    /// Eight lanes where AVX-512 doubles the registers.
    YmmOf32, 8, x86::__m256, x86::__mmask8, 32, _mm256_set1_ps, _mm256_setzero_ps, _mm256_add_ps, _mm256_sub_ps,
    _mm256_mul_ps, _mm256_fmadd_ps, _mm256_max_ps, _mm256_cmp_ps_mask, _kand_mask8, blend_half,
    join_256, split_256
}

registers! {
    /// Sixteen lanes of AVX-512.
    Zmm, 16, x86::__m512, x86::__mmask16, 32, _mm512_set1_ps, _mm512_setzero_ps, _mm512_add_ps, _mm512_sub_ps,
    _mm512_mul_ps, _mm512_fmadd_ps, _mm512_max_ps, _mm512_cmp_ps_mask, _kand_mask16, blend_avx512,
    join_512, split_512
}
