//! The precision of feature maps, as a value that people write: `f32`, `bf16`.

use std::fmt;
use std::str::FromStr;

use half::bf16;

/// How a backend keeps feature maps and the gradients by them, and multiplies them. Weights, their gradients, statistics and sums
/// are in single precision always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Precision {
    /// Single precision: 24 bits of significand.
    #[default]
    F32,
    /// bfloat16: the exponents of single precision, 8 bits of significand. Half the memory, and products of convolutions on tensor cores,
    /// whose factors (weights and the outputs of depthwise convolutions, too) are rounded likewise.
    Bf16,
}

/// A text that names no precision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected f32 or bf16, got `{0}`")]
pub struct UnknownPrecision(pub String);

impl Precision {
    /// Bytes of a number in memory.
    pub const fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::Bf16 => 2,
        }
    }

    /// The nearest number that can be kept; of two the one whose last bit is 0.
    pub fn round(self, value: f32) -> f32 {
        match self {
            Self::F32 => value,
            Self::Bf16 => bf16::from_f32(value).to_f32(),
        }
    }
}

impl FromStr for Precision {
    type Err = UnknownPrecision;

    fn from_str(text: &str) -> Result<Self, UnknownPrecision> {
        match text {
            "f32" => Ok(Self::F32),
            "bf16" => Ok(Self::Bf16),
            _ => Err(UnknownPrecision(text.to_owned())),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        for precision in [Precision::F32, Precision::Bf16] {
            assert_eq!(precision.to_string().parse(), Ok(precision));
        }
        let error = "fp16".parse::<Precision>().unwrap_err();
        assert_eq!(error.to_string(), "expected f32 or bf16, got `fp16`");
    }

    #[test]
    fn numbers_are_rounded_to_the_nearest_that_can_be_kept() {
        // Neighbours in [1, 2) are 1/128 apart.
        for (steps, rounded) in [(0.0, 0.0), (0.4, 0.0), (0.5, 0.0), (0.6, 1.0), (1.5, 2.0), (-0.6, -1.0)] {
            let [value, rounded] = [steps, rounded].map(|steps: f32| 1.5 + steps / 128.0);
            assert_eq!(Precision::Bf16.round(value), rounded);
            assert_eq!(Precision::F32.round(value), value);
        }
        assert!(Precision::Bf16.round(f32::NAN).is_nan());
    }
}
