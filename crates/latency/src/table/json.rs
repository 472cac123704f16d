//! A latency table as JSON: one object with the conditions, the layers, the networks, and what a model makes of them.
//! Everything read is checked; unknown fields are errors.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use space::{Genotype, MacroPlan};

use super::{Conditions, FORMAT, Table, Time, VERSION, count, frame, milliseconds, network, precision};
use crate::error::{LatencyError, Place, style_name};
use crate::key::LayerKey;
use crate::model::LatencyModel;

/// `fit` is written for people and programs that only want to look. A model always learns from `networks` itself,
/// so that what it says of its errors cannot be out of date; what stands in `fit` is therefore not read.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record<F> {
    format: String,
    version: u32,
    device: String,
    threads: u32,
    batch: u32,
    precision: String,
    warm_up: u32,
    repeats: u32,
    network: String,
    software: String,
    date: String,
    frame: MacroPlan,
    fit: Option<F>,
    overhead_ms: f64,
    networks: Vec<NetworkEntry>,
    layers: Vec<LayerEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LayerEntry {
    layer: String,
    ms: f64,
    spread_ms: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkEntry {
    name: String,
    genotype: String,
    ms: f64,
    spread_ms: f64,
}

impl Table {
    /// The table as a JSON object, indented, one final line break. Its `fit` is that of [`LatencyModel::fit`], if there
    /// are networks enough.
    pub fn to_json(&self) -> String {
        let conditions = &self.conditions;
        let layer = |(key, time): (&LayerKey, &Time)| LayerEntry {
            layer: key.to_string(),
            ms: time.median.get(),
            spread_ms: time.spread.get(),
        };
        let networks = self.networks.iter().map(|network| NetworkEntry {
            name: network.name.clone(),
            genotype: network.genotype.to_string(),
            ms: network.time.median.get(),
            spread_ms: network.time.spread.get(),
        });
        let model = LatencyModel::fit(self).ok();
        let record = Record {
            format: FORMAT.to_owned(),
            version: VERSION,
            device: conditions.device.clone(),
            threads: conditions.threads,
            batch: conditions.batch,
            precision: conditions.precision.to_string(),
            warm_up: conditions.warm_up,
            repeats: conditions.repeats,
            network: style_name(conditions.network).to_owned(),
            software: conditions.software.clone(),
            date: conditions.date.clone(),
            frame: conditions.frame.clone(),
            fit: model.as_ref().and_then(LatencyModel::fitted),
            overhead_ms: self.overhead.get(),
            networks: networks.collect(),
            layers: self.layers.iter().map(layer).collect(),
        };
        let text = serde_json::to_string_pretty(&record).expect("text and finite numbers are JSON");
        text + "\n"
    }

    /// Reads what [`Table::to_json`] writes; fields may come in any order.
    pub fn from_json(text: &str) -> Result<Self, LatencyError> {
        // The version first: a table of another one may have other fields.
        let value: Value = serde_json::from_str(text).map_err(json_error)?;
        check_version(&value)?;
        let record: Record<IgnoredAny> = serde_json::from_str(text).map_err(json_error)?;
        let conditions = Conditions {
            device: record.device,
            threads: count(Place::Field("threads"), record.threads)?,
            batch: count(Place::Field("batch"), record.batch)?,
            precision: precision(Place::Field("precision"), &record.precision)?,
            warm_up: record.warm_up,
            repeats: count(Place::Field("repeats"), record.repeats)?,
            network: network(Place::Field("network"), &record.network)?,
            software: record.software,
            date: record.date,
            frame: frame(Place::Field("frame"), record.frame)?,
        };
        let overhead = milliseconds(Place::Field("overhead_ms"), record.overhead_ms)?;
        let mut table = Self::new(conditions, overhead);
        for (position, entry) in record.layers.iter().enumerate() {
            let place = Place::Entry("layers", position + 1);
            table.add_layer(place, &entry.layer, [entry.ms, entry.spread_ms])?;
        }
        for (position, entry) in record.networks.iter().enumerate() {
            let place = Place::Entry("networks", position + 1);
            let genotype: Genotype = entry
                .genotype
                .parse()
                .map_err(|error: space::Error| LatencyError::Json { place, message: error.to_string() })?;
            table.add_network(place, &entry.name, genotype, [entry.ms, entry.spread_ms])?;
        }
        Ok(table)
    }
}

fn check_version(value: &Value) -> Result<(), LatencyError> {
    let shown = |field| value.get(field).map_or("nothing".to_owned(), Value::to_string);
    if value.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(LatencyError::Foreign { place: Place::Field("format"), found: shown("format") });
    }
    if value.get("version").and_then(Value::as_u64) != Some(u64::from(VERSION)) {
        return Err(LatencyError::Version { place: Place::Field("version"), found: shown("version") });
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "handed to `map_err`")]
fn json_error(error: serde_json::Error) -> LatencyError {
    let place = Place::Line(error.line().max(1) as u64);
    if error.is_eof() {
        return LatencyError::Truncated { place, expected: "the closing brace" };
    }
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(head, _)| head).to_owned();
    LatencyError::Json { place, message }
}
