//! Instruction sets: detection, and the macro that compiles one kernel body for each of them and calls the right one.
//! Knows nothing of what the kernels compute.

/// Instruction sets that [`Cpu`](crate::Cpu) has code for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SimdLevel {
    /// What every processor of the target has.
    Portable,
    /// AVX2 with fused multiply-add (x86-64 only).
    Avx2,
    /// AVX-512 F, VL, BW and DQ (x86-64 only).
    Avx512,
}

impl SimdLevel {
    /// All levels, best first.
    pub const ALL: [Self; 3] = [Self::Avx512, Self::Avx2, Self::Portable];

    /// Whether this machine can run it.
    pub fn is_available(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = || std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma");
            let avx512 = || {
                std::is_x86_feature_detected!("avx512f")
                    && std::is_x86_feature_detected!("avx512vl")
                    && std::is_x86_feature_detected!("avx512bw")
                    && std::is_x86_feature_detected!("avx512dq")
            };
            match self {
                Self::Portable => true,
                Self::Avx2 => avx2(),
                Self::Avx512 => avx2() && avx512(),
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            self == Self::Portable
        }
    }
}

/// One compiled version of the kernels.
#[derive(Debug, Clone, Copy)]
pub(super) enum Version {
    /// Arrays of eight.
    Portable,
    /// Eight lanes, sixteen registers.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Eight lanes, thirty-two registers: for channel counts that would leave sixteen lanes half empty.
    #[cfg(target_arch = "x86_64")]
    Avx512Half,
    /// Sixteen lanes, thirty-two registers.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// A version that this machine can run; cannot be made for any other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Simd(Version);

impl Simd {
    /// The code of a level (the portable one where the machine lacks it), with sixteen lanes only where each of the
    /// channel counts `sizes` fills them about as well as eight.
    pub(super) fn new(level: SimdLevel, sizes: &[usize]) -> Self {
        #[cfg(target_arch = "x86_64")]
        if level.is_available() {
            let fills = |size: &usize| size.next_multiple_of(16) * 10 <= size.next_multiple_of(8) * 11;
            return Self(match level {
                SimdLevel::Portable => Version::Portable,
                SimdLevel::Avx2 => Version::Avx2,
                SimdLevel::Avx512 if sizes.iter().all(fills) => Version::Avx512,
                SimdLevel::Avx512 => Version::Avx512Half,
            });
        }
        let _ = (level, sizes);
        Self(Version::Portable)
    }

    /// The version to run.
    #[inline]
    pub(super) fn version(self) -> Version {
        self.0
    }

    /// The version whose vectors hold two of this one's, where there is one.
    pub(super) fn of_pairs(self) -> Option<Self> {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Version::Avx512Half => Some(Self(Version::Avx512)),
            _ => None,
        }
    }

    /// Lanes of a vector: scratch holds channels in blocks of so many.
    pub(super) fn lanes(self) -> usize {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Version::Avx512 => 16,
            _ => 8,
        }
    }
}

/// `kernel! { fn name(arguments) = body }` makes `name(simd, arguments)` from `body::<V, L>(arguments)`, an
/// `#[inline(always)]` function generic over the vector type and its number of lanes.
macro_rules! kernel {
    ($(#[$meta:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?) = $body:ident) => {
        $(#[$meta])*
        pub(in crate::cpu) fn $name(simd: $crate::cpu::simd::Simd, $($argument: $type),*) {
            use $crate::cpu::simd::Version;
            use $crate::cpu::vector::Lanes8;
            #[cfg(target_arch = "x86_64")]
            use $crate::cpu::vector::{Ymm, YmmOf32, Zmm};

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")]
            fn avx512($($argument: $type),*) {
                $body::<Zmm, 16>($($argument),*);
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")]
            fn avx512_half($($argument: $type),*) {
                $body::<YmmOf32, 8>($($argument),*);
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2($($argument: $type),*) {
                $body::<Ymm, 8>($($argument),*);
            }
            match simd.version() {
                Version::Portable => $body::<Lanes8, 8>($($argument),*),
                // SAFETY: a `Simd` holds a version only after its instruction set was detected.
                #[cfg(target_arch = "x86_64")]
                #[allow(unsafe_code, reason = "calls code compiled for a detected instruction set")]
                Version::Avx2 => unsafe { avx2($($argument),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                #[allow(unsafe_code, reason = "calls code compiled for a detected instruction set")]
                Version::Avx512Half => unsafe { avx512_half($($argument),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                #[allow(unsafe_code, reason = "calls code compiled for a detected instruction set")]
                Version::Avx512 => unsafe { avx512($($argument),*) },
            }
        }
    };
}
pub(super) use kernel;
