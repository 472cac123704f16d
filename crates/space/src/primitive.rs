//! The operations an edge can carry: the eight primitives of the DARTS space in the order of their index
//! (arXiv 1806.09055, section 3.1), and the two that only published NASNet-like cells use. What a primitive
//! is made of is not said here but in the plan.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, closest};

/// One operation on an edge. The order is the index order of DARTS, then the two extra primitives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Primitive {
    /// No connection: contributes zero.
    None,
    /// 3x3 maximum, padding 1.
    MaxPool3x3,
    /// 3x3 mean over the pixels inside the image, padding 1.
    AvgPool3x3,
    /// Identity at stride 1, a factorized reduction at stride 2.
    SkipConnect,
    /// Two depthwise-separable 3x3 convolutions.
    SepConv3x3,
    /// Two depthwise-separable 5x5 convolutions.
    SepConv5x5,
    /// One depthwise-separable 3x3 convolution of dilation 2.
    DilConv3x3,
    /// One depthwise-separable 5x5 convolution of dilation 2.
    DilConv5x5,
    /// Two depthwise-separable 7x7 convolutions (NASNet-A, AmoebaNet-A, PNASNet-5).
    SepConv7x7,
    /// A dense 1x7 convolution followed by a dense 7x1 convolution (AmoebaNet-A).
    Conv7x1And1x7,
}

impl Primitive {
    /// The eight primitives of the DARTS space, at the position of their index.
    pub const DARTS: [Self; 8] = [
        Self::None,
        Self::MaxPool3x3,
        Self::AvgPool3x3,
        Self::SkipConnect,
        Self::SepConv3x3,
        Self::SepConv5x5,
        Self::DilConv3x3,
        Self::DilConv5x5,
    ];

    /// Every primitive; the first eight are [`Primitive::DARTS`].
    pub const ALL: [Self; 10] = [
        Self::None,
        Self::MaxPool3x3,
        Self::AvgPool3x3,
        Self::SkipConnect,
        Self::SepConv3x3,
        Self::SepConv5x5,
        Self::DilConv3x3,
        Self::DilConv5x5,
        Self::SepConv7x7,
        Self::Conv7x1And1x7,
    ];

    /// The name in the DARTS notation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::MaxPool3x3 => "max_pool_3x3",
            Self::AvgPool3x3 => "avg_pool_3x3",
            Self::SkipConnect => "skip_connect",
            Self::SepConv3x3 => "sep_conv_3x3",
            Self::SepConv5x5 => "sep_conv_5x5",
            Self::DilConv3x3 => "dil_conv_3x3",
            Self::DilConv5x5 => "dil_conv_5x5",
            Self::SepConv7x7 => "sep_conv_7x7",
            Self::Conv7x1And1x7 => "conv_7x1_1x7",
        }
    }

    /// The position in [`Primitive::ALL`]; below 8 it is the DARTS operation index.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Whether the primitive belongs to the eight of the DARTS space.
    pub const fn is_darts(self) -> bool {
        self.index() < Self::DARTS.len()
    }
}

impl fmt::Display for Primitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Primitive {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|primitive| primitive.name() == text).ok_or_else(|| {
            Error::UnknownPrimitive {
                found: text.to_owned(),
                suggestion: closest(text, Self::ALL.map(Self::name)),
            }
        })
    }
}

impl Serialize for Primitive {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Primitive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_indices_agree() {
        for (index, primitive) in Primitive::ALL.into_iter().enumerate() {
            assert_eq!(primitive.index(), index);
            assert_eq!(primitive.name().parse::<Primitive>(), Ok(primitive));
            assert_eq!(primitive.is_darts(), Primitive::DARTS.contains(&primitive));
        }
        assert_eq!(Primitive::ALL[..8], Primitive::DARTS);
    }

    #[test]
    fn a_misspelt_name_gets_a_suggestion() {
        let error = "sepconv_3x3".parse::<Primitive>().expect_err("misspelt");
        assert_eq!(error.to_string(), "unknown primitive `sepconv_3x3`; did you mean `sep_conv_3x3`?");
        let error = "transformer".parse::<Primitive>().expect_err("unknown");
        assert!(
            error
                .to_string()
                .starts_with("unknown primitive `transformer`; expected one of none, max_pool_3x3")
        );
    }
}
