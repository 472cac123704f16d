//! A latency table as comma-separated text, two fields a row: the conditions under fixed names, then the
//! layers, then a row `end` with their number, so that a table cut short anywhere is noticed. Quoting is that
//! of RFC 4180.

use csv::{ReaderBuilder, StringRecordsIntoIter, Writer};

use super::{Conditions, FORMAT, Table, VERSION, count, network, precision, value_error};
use crate::error::{LatencyError, Place, style_name};
use crate::milliseconds::Milliseconds;

impl Table {
    /// The table as rows of two fields.
    pub fn to_csv(&self) -> String {
        let Conditions { device, threads, batch, precision, warm_up, network } = &self.conditions;
        let mut rows = vec![
            [FORMAT.to_owned(), VERSION.to_string()],
            ["device".to_owned(), device.clone()],
            ["threads".to_owned(), threads.to_string()],
            ["batch".to_owned(), batch.to_string()],
            ["precision".to_owned(), precision.to_string()],
            ["warm_up".to_owned(), warm_up.to_string()],
            ["network".to_owned(), style_name(*network).to_owned()],
            ["overhead_ms".to_owned(), self.overhead.get().to_string()],
            ["layer".to_owned(), "ms".to_owned()],
        ];
        rows.extend(self.layers.iter().map(|(key, time)| [key.to_string(), time.get().to_string()]));
        rows.push(["end".to_owned(), self.layers.len().to_string()]);
        let mut writer = Writer::from_writer(Vec::new());
        for row in rows {
            writer.write_record(row).expect("rows of two fields go into memory");
        }
        let bytes = writer.into_inner().expect("memory takes what is flushed");
        String::from_utf8(bytes).expect("rows of text are text")
    }

    /// Reads what [`Table::to_csv`] writes: the conditions in that order, the layers in any.
    pub fn from_csv(text: &str) -> Result<Self, LatencyError> {
        let mut rows = Rows { text, records: reader(text), line: 1 };
        let (place, [format, version]) = rows.next("the format")?;
        if format != FORMAT {
            return Err(LatencyError::Foreign { place, found: format });
        }
        if version != VERSION.to_string() {
            return Err(LatencyError::Version { place, found: version });
        }
        let (_, device) = rows.named("device")?;
        let (place, threads) = rows.named("threads")?;
        let threads = count(place, whole(place, &threads)?)?;
        let (place, batch) = rows.named("batch")?;
        let batch = count(place, whole(place, &batch)?)?;
        let (place, name) = rows.named("precision")?;
        let precision = precision(place, &name)?;
        let (place, warm_up) = rows.named("warm_up")?;
        let warm_up = whole(place, &warm_up)?;
        let (place, name) = rows.named("network")?;
        let network = network(place, &name)?;
        let (place, overhead) = rows.named("overhead_ms")?;
        let overhead = Milliseconds::new(number(place, &overhead)?)
            .map_err(|source| LatencyError::Layer { place, source: Box::new(source) })?;
        let (place, heading) = rows.named("layer")?;
        if heading != "ms" {
            return Err(value_error(place, "the heading `ms`", &heading));
        }
        let mut table =
            Self::new(Conditions { device, threads, batch, precision, warm_up, network }, overhead);
        loop {
            let (place, [key, value]) = rows.next("the row `end`")?;
            if key == "end" {
                return rows.end(place, &value, table);
            }
            table.add(place, &key, number(place, &value)?)?;
        }
    }
}

/// The rows of a text, each with its line.
struct Rows<'a> {
    text: &'a str,
    records: StringRecordsIntoIter<&'a [u8]>,
    line: u64,
}

fn reader(text: &str) -> StringRecordsIntoIter<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes()).into_records()
}

impl Rows<'_> {
    /// The next row, which has two fields.
    fn next(&mut self, expected: &'static str) -> Result<(Place, [String; 2]), LatencyError> {
        let truncated = || LatencyError::Truncated {
            place: Place::Line(self.text.lines().count().max(1) as u64),
            expected,
        };
        let record = self.records.next().ok_or_else(truncated)?;
        let record = record
            .map_err(|error| value_error(Place::Line(self.line + 1), "a row of text", &error.to_string()))?;
        self.line = record.position().map_or(self.line + 1, csv::Position::line);
        let place = Place::Line(self.line);
        match record.iter().collect::<Vec<_>>()[..] {
            [first, second] => Ok((place, [first.to_owned(), second.to_owned()])),
            ref fields => Err(value_error(place, "two fields", &fields.join(","))),
        }
    }

    /// The value of the next row, whose name is known.
    fn named(&mut self, name: &'static str) -> Result<(Place, String), LatencyError> {
        let (place, [found, value]) = self.next(name)?;
        if found == name {
            Ok((place, value))
        } else {
            Err(value_error(place, &format!("the row `{name}`"), &found))
        }
    }

    /// Checks the last row and that nothing follows it.
    fn end(mut self, place: Place, value: &str, table: Table) -> Result<Table, LatencyError> {
        let layers = table.layers.len();
        if value != layers.to_string() {
            return Err(value_error(place, &format!("{layers}, the number of layers above"), value));
        }
        match self.records.next() {
            None => Ok(table),
            Some(_) => Err(value_error(place, "the last row of the text", "further rows")),
        }
    }
}

fn whole(place: Place, text: &str) -> Result<u32, LatencyError> {
    text.parse().map_err(|_| value_error(place, "a whole number", text))
}

fn number(place: Place, text: &str) -> Result<f64, LatencyError> {
    text.parse().map_err(|_| value_error(place, "a number of milliseconds", text))
}
