//! A latency table as JSON: one object with the conditions and a list of layers. Everything read is checked;
//! unknown fields are errors.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Conditions, FORMAT, Table, VERSION, count, network, precision};
use crate::error::{LatencyError, Place, style_name};
use crate::milliseconds::Milliseconds;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    format: String,
    version: u32,
    device: String,
    threads: u32,
    batch: u32,
    precision: String,
    warm_up: u32,
    network: String,
    overhead_ms: f64,
    layers: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    layer: String,
    ms: f64,
}

impl Table {
    /// The table as a JSON object, indented, one final line break.
    pub fn to_json(&self) -> String {
        let Conditions { device, threads, batch, precision, warm_up, network } = &self.conditions;
        let entry =
            |(key, time): (&_, &Milliseconds)| Entry { layer: ToString::to_string(key), ms: time.get() };
        let record = Record {
            format: FORMAT.to_owned(),
            version: VERSION,
            device: device.clone(),
            threads: *threads,
            batch: *batch,
            precision: precision.to_string(),
            warm_up: *warm_up,
            network: style_name(*network).to_owned(),
            overhead_ms: self.overhead.get(),
            layers: self.layers.iter().map(entry).collect(),
        };
        let text = serde_json::to_string_pretty(&record).expect("text and finite numbers are JSON");
        text + "\n"
    }

    /// Reads what [`Table::to_json`] writes; fields may come in any order.
    pub fn from_json(text: &str) -> Result<Self, LatencyError> {
        // The version first: a table of another one may have other fields.
        let value: Value = serde_json::from_str(text).map_err(json_error)?;
        check_version(&value)?;
        let record: Record = serde_json::from_str(text).map_err(json_error)?;
        let conditions = Conditions {
            device: record.device,
            threads: count(Place::Field("threads"), record.threads)?,
            batch: count(Place::Field("batch"), record.batch)?,
            precision: precision(Place::Field("precision"), &record.precision)?,
            warm_up: record.warm_up,
            network: network(Place::Field("network"), &record.network)?,
        };
        let overhead = Milliseconds::new(record.overhead_ms).map_err(|source| LatencyError::Layer {
            place: Place::Field("overhead_ms"),
            source: Box::new(source),
        })?;
        let mut table = Self::new(conditions, overhead);
        for (position, entry) in record.layers.iter().enumerate() {
            table.add(Place::Entry(position + 1), &entry.layer, entry.ms)?;
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
