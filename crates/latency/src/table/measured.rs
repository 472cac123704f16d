//! Times measured elsewhere, as any runtime's benchmark tool can be made to give them: comma-separated rows with a column
//! `layer` and a column `ms`, and `spread_ms` if there is one. Other columns are left alone.

use csv::{ReaderBuilder, StringRecord};

use super::{Conditions, Table, value_error};
use crate::error::{LatencyError, Place};
use crate::milliseconds::Milliseconds;

impl Table {
    /// A table of the layers in the text. `cars profile --export-layers` writes an index of this form, with the column
    /// `ms` left to be filled in.
    pub fn from_measured(text: &str, conditions: Conditions) -> Result<Self, LatencyError> {
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let headings = reader.headers().map_err(|error| fault(1, "a heading", &error.to_string()))?.clone();
        let column = |name: &str| headings.iter().position(|heading| heading.trim() == name);
        let needed = |name: &str| {
            let found: Vec<&str> = headings.iter().collect();
            column(name).ok_or_else(|| fault(1, &format!("a column `{name}`"), &found.join(",")))
        };
        let (layer, ms, spread) = (needed("layer")?, needed("ms")?, column("spread_ms"));
        let mut table = Self::new(conditions, Milliseconds::ZERO);
        let mut line = 1;
        for record in reader.records() {
            let record = record.map_err(|error| fault(line + 1, "a row of text", &error.to_string()))?;
            line = record.position().map_or(line + 1, csv::Position::line);
            let spread = spread.map_or(Ok(0.0), |column| number(&record, column, line))?;
            let key = record.get(layer).unwrap_or_default();
            table.add_layer(Place::Line(line), key, [number(&record, ms, line)?, spread])?;
        }
        if table.layers.is_empty() {
            return Err(LatencyError::Truncated { place: Place::Line(line), expected: "a measured layer" });
        }
        Ok(table)
    }
}

fn number(record: &StringRecord, column: usize, line: u64) -> Result<f64, LatencyError> {
    let text = record.get(column).unwrap_or_default();
    text.trim().parse().map_err(|_| fault(line, "a number of milliseconds", text))
}

fn fault(line: u64, expected: &str, found: &str) -> LatencyError {
    value_error(Place::Line(line), expected, found)
}
