//! How two kinds of value are stored in JSON: a genotype as its text, and a number that may be NaN, which JSON has no
//! word for, as null. Nothing else is stored in an unusual way.

use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

pub(super) fn serialize<S: Serializer>(genotype: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(genotype)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>, G: FromStr<Err: Display>>(
    deserializer: D,
) -> Result<G, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

pub(super) fn nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}
