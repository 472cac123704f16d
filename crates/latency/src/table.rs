//! A latency table: the times of layers and of some whole networks on one device, and under which conditions they
//! hold. Reading and writing its two text forms is in `table/`; files are the caller's.

mod csv;
mod json;
mod measured;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use space::{Genotype, MacroPlan, Style};

use crate::error::{LatencyError, Place, style_name};
use crate::key::LayerKey;
use crate::milliseconds::Milliseconds;

/// The first words of both text forms.
pub(crate) const FORMAT: &str = "cars-latency-table";
/// The version of both text forms that is written, and the only one that is read.
pub(crate) const VERSION: u32 = 2;

/// The times of layers and networks on one device.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Under which conditions the times hold.
    pub conditions: Conditions,
    /// What a network takes beside its layers, where that is known without whole networks.
    pub overhead: Milliseconds,
    /// The time of each layer, for the whole batch.
    pub layers: BTreeMap<LayerKey, Time>,
    /// Whole networks, to learn from what adding up layers gets wrong, and to judge predictions by.
    pub networks: Vec<MeasuredNetwork>,
}

/// A time measured several times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Time {
    /// The middle one.
    pub median: Milliseconds,
    /// The distance between the quartiles: what the device's own noise was.
    pub spread: Milliseconds,
}

/// A whole network that was measured, in the frame of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredNetwork {
    /// What to call it.
    pub name: String,
    /// The network.
    pub genotype: Genotype,
    /// Its time, for the whole batch.
    pub time: Time,
}

/// How the times of a table were measured. A number under other conditions is another number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conditions {
    /// The device, in words.
    pub device: String,
    /// Threads that computed one layer; at least 1.
    pub threads: u32,
    /// Images a batch; at least 1.
    pub batch: u32,
    /// The arithmetic.
    pub precision: Precision,
    /// Untimed runs before the timed ones.
    pub warm_up: u32,
    /// Times each layer or network was timed; at least 1.
    pub repeats: u32,
    /// The style of the layers: it decides whether pools are followed by a batch-norm.
    pub network: Style,
    /// The frame of the measured networks.
    pub frame: MacroPlan,
    /// What computed the layers: names and versions, in words.
    pub software: String,
    /// The day of the measurement, in words.
    pub date: String,
}

/// The arithmetic of a measured network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floating point.
    F32,
    /// 16-bit floating point.
    F16,
    /// 16-bit floating point with 8 exponent bits.
    Bf16,
    /// 8-bit integers.
    I8,
}

impl Precision {
    /// All precisions.
    pub const ALL: [Self; 4] = [Self::F32, Self::F16, Self::Bf16, Self::I8];

    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::I8 => "i8",
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl From<Milliseconds> for Time {
    /// A time whose spread is not known.
    fn from(median: Milliseconds) -> Self {
        Self { median, spread: Milliseconds::ZERO }
    }
}

impl Table {
    /// A table without layers and networks yet.
    pub const fn new(conditions: Conditions, overhead: Milliseconds) -> Self {
        Self { conditions, overhead, layers: BTreeMap::new(), networks: Vec::new() }
    }

    /// Reads either text form.
    pub fn read(text: &str) -> Result<Self, LatencyError> {
        if text.trim_start().starts_with('{') { Self::from_json(text) } else { Self::from_csv(text) }
    }

    /// Adds the next layer that was read; a second mention is an error.
    fn add_layer(&mut self, place: Place, key: &str, times: [f64; 2]) -> Result<(), LatencyError> {
        let at = |source| LatencyError::Layer { place, source: Box::new(source) };
        let key: LayerKey = key.parse().map_err(at)?;
        match self.layers.insert(key, time(place, times)?) {
            None => Ok(()),
            Some(_) => Err(LatencyError::Duplicate { place, key: key.to_string() }),
        }
    }

    /// Adds the next network that was read; a second mention is an error, and so is one that fits no frame.
    fn add_network(
        &mut self,
        place: Place,
        name: &str,
        genotype: Genotype,
        times: [f64; 2],
    ) -> Result<(), LatencyError> {
        if self.networks.iter().any(|known| known.genotype == genotype) {
            return Err(LatencyError::Duplicate { place, key: genotype.to_string() });
        }
        self.networks.push(MeasuredNetwork { name: name.to_owned(), genotype, time: time(place, times)? });
        Ok(())
    }
}

/// Values that both text forms share: each checked, with the place to name in an error.
fn time(place: Place, [median, spread]: [f64; 2]) -> Result<Time, LatencyError> {
    Ok(Time { median: milliseconds(place, median)?, spread: milliseconds(place, spread)? })
}

fn milliseconds(place: Place, value: f64) -> Result<Milliseconds, LatencyError> {
    Milliseconds::new(value).map_err(|source| LatencyError::Layer { place, source: Box::new(source) })
}

fn count(place: Place, value: u32) -> Result<u32, LatencyError> {
    if value == 0 {
        return Err(value_error(place, "a number of at least 1", "0"));
    }
    Ok(value)
}

fn precision(place: Place, name: &str) -> Result<Precision, LatencyError> {
    let names = Precision::ALL.map(Precision::name).join(", ");
    let found = Precision::ALL.into_iter().find(|precision| precision.name() == name);
    found.ok_or_else(|| value_error(place, &format!("one of {names}"), name))
}

fn network(place: Place, name: &str) -> Result<Style, LatencyError> {
    let styles = [Style::StandAlone, Style::Shared];
    let found = styles.into_iter().find(|&style| style_name(style) == name);
    found.ok_or_else(|| value_error(place, &format!("one of {}", styles.map(style_name).join(", ")), name))
}

fn frame(place: Place, frame: MacroPlan) -> Result<MacroPlan, LatencyError> {
    match frame.check() {
        Ok(()) => Ok(frame),
        Err(error) => Err(LatencyError::Json { place, message: error.to_string() }),
    }
}

fn value_error(place: Place, expected: &str, found: &str) -> LatencyError {
    LatencyError::Value { place, expected: expected.to_owned(), found: found.to_owned() }
}
