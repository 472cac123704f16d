//! A latency table as comma-separated text: the conditions, two fields a row under fixed names; then the layers, three
//! fields a row; then the networks, four; then a row `end` with the number of both, so that a table cut short anywhere
//! is noticed. Quoting is that of RFC 4180.

use csv::{ReaderBuilder, StringRecordsIntoIter, WriterBuilder};
use space::Genotype;

use super::{
    Conditions, FORMAT, Table, VERSION, count, frame, milliseconds, network, precision, value_error,
};
use crate::error::{LatencyError, Place, style_name};

const LAYERS: [&str; 3] = ["layer", "ms", "spread_ms"];
const NETWORKS: [&str; 4] = ["name", "genotype", "ms", "spread_ms"];

impl Table {
    /// The table as rows.
    pub fn to_csv(&self) -> String {
        let conditions = &self.conditions;
        let frame = serde_json::to_string(&conditions.frame).expect("a frame is JSON");
        let mut rows: Vec<Vec<String>> = [
            (FORMAT, VERSION.to_string()),
            ("device", conditions.device.clone()),
            ("threads", conditions.threads.to_string()),
            ("batch", conditions.batch.to_string()),
            ("precision", conditions.precision.to_string()),
            ("warm_up", conditions.warm_up.to_string()),
            ("repeats", conditions.repeats.to_string()),
            ("network", style_name(conditions.network).to_owned()),
            ("software", conditions.software.clone()),
            ("date", conditions.date.clone()),
            ("frame", frame),
            ("overhead_ms", self.overhead.get().to_string()),
        ]
        .map(|(name, value)| vec![name.to_owned(), value])
        .to_vec();
        rows.push(LAYERS.map(str::to_owned).to_vec());
        rows.extend(self.layers.iter().map(|(key, time)| {
            vec![key.to_string(), time.median.get().to_string(), time.spread.get().to_string()]
        }));
        rows.push(NETWORKS.map(str::to_owned).to_vec());
        rows.extend(self.networks.iter().map(|network| {
            let [median, spread] =
                [network.time.median, network.time.spread].map(|time| time.get().to_string());
            vec![network.name.clone(), network.genotype.to_string(), median, spread]
        }));
        rows.push(vec!["end".to_owned(), (self.layers.len() + self.networks.len()).to_string()]);
        let mut writer = WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in rows {
            writer.write_record(row).expect("rows go into memory");
        }
        let bytes = writer.into_inner().expect("memory takes what is flushed");
        String::from_utf8(bytes).expect("rows of text are text")
    }

    /// Reads what [`Table::to_csv`] writes: the conditions in that order, the layers and the networks in any.
    pub fn from_csv(text: &str) -> Result<Self, LatencyError> {
        let mut rows = Rows { text, records: reader(text), line: 1 };
        let (place, [format, version]) = rows.next("the format")?.fields()?;
        if format != FORMAT {
            return Err(LatencyError::Foreign { place, found: format });
        }
        if version != VERSION.to_string() {
            return Err(LatencyError::Version { place, found: version });
        }
        let (_, device) = rows.named("device")?;
        let threads = rows.count("threads")?;
        let batch = rows.count("batch")?;
        let (place, name) = rows.named("precision")?;
        let precision = precision(place, &name)?;
        let (place, warm_up) = rows.named("warm_up")?;
        let warm_up = whole(place, &warm_up)?;
        let repeats = rows.count("repeats")?;
        let (place, name) = rows.named("network")?;
        let network = network(place, &name)?;
        let (_, software) = rows.named("software")?;
        let (_, date) = rows.named("date")?;
        let (place, text) = rows.named("frame")?;
        let read = serde_json::from_str(&text)
            .map_err(|error| LatencyError::Json { place, message: error.to_string() })?;
        let frame = frame(place, read)?;
        let (place, overhead) = rows.named("overhead_ms")?;
        let overhead = milliseconds(place, number(place, &overhead)?)?;
        rows.heading(&LAYERS)?;
        let conditions = Conditions {
            device,
            threads,
            batch,
            precision,
            warm_up,
            repeats,
            network,
            frame,
            software,
            date,
        };
        rows.body(Self::new(conditions, overhead))
    }
}

/// The rows of a text, each with its line.
struct Rows<'a> {
    text: &'a str,
    records: StringRecordsIntoIter<&'a [u8]>,
    line: u64,
}

/// One row and where it stands.
struct Row {
    place: Place,
    fields: Vec<String>,
}

fn reader(text: &str) -> StringRecordsIntoIter<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes()).into_records()
}

impl Row {
    /// The fields, if there are as many as expected.
    fn fields<const N: usize>(self) -> Result<(Place, [String; N]), LatencyError> {
        let Self { place, fields } = self;
        let words = ["no field", "one field", "two fields", "three fields", "four fields"];
        fields.try_into().map(|fields| (place, fields)).map_err(|fields: Vec<String>| {
            value_error(place, words.get(N).unwrap_or(&"other fields"), &fields.join(","))
        })
    }
}

impl Rows<'_> {
    fn next(&mut self, expected: &'static str) -> Result<Row, LatencyError> {
        let truncated = || LatencyError::Truncated {
            place: Place::Line(self.text.lines().count().max(1) as u64),
            expected,
        };
        let record = self.records.next().ok_or_else(truncated)?;
        let record = record
            .map_err(|error| value_error(Place::Line(self.line + 1), "a row of text", &error.to_string()))?;
        self.line = record.position().map_or(self.line + 1, csv::Position::line);
        Ok(Row { place: Place::Line(self.line), fields: record.iter().map(str::to_owned).collect() })
    }

    /// The value of the next row, whose name is known.
    fn named(&mut self, name: &'static str) -> Result<(Place, String), LatencyError> {
        let (place, [found, value]) = self.next(name)?.fields()?;
        if found == name {
            Ok((place, value))
        } else {
            Err(value_error(place, &format!("the row `{name}`"), &found))
        }
    }

    fn count(&mut self, name: &'static str) -> Result<u32, LatencyError> {
        let (place, value) = self.named(name)?;
        count(place, whole(place, &value)?)
    }

    fn heading(&mut self, names: &[&str]) -> Result<(), LatencyError> {
        let Row { place, fields } = self.next("the heading of the layers")?;
        if fields == names {
            return Ok(());
        }
        Err(value_error(place, &format!("the heading `{}`", names.join(",")), &fields.join(",")))
    }

    /// Layers, the heading of the networks, networks, the end.
    fn body(mut self, mut table: Table) -> Result<Table, LatencyError> {
        loop {
            let row = self.next("the heading of the networks")?;
            if row.fields == NETWORKS {
                break;
            }
            let (place, [key, ms, spread]) = row.fields()?;
            table.add_layer(place, &key, [number(place, &ms)?, number(place, &spread)?])?;
        }
        loop {
            let row = self.next("the row `end`")?;
            if row.fields.first().is_some_and(|first| first == "end") && row.fields.len() == 2 {
                return self.end(row, table);
            }
            let (place, [name, genotype, ms, spread]) = row.fields()?;
            let genotype: Genotype = genotype
                .parse()
                .map_err(|error: space::Error| LatencyError::Json { place, message: error.to_string() })?;
            table.add_network(place, &name, genotype, [number(place, &ms)?, number(place, &spread)?])?;
        }
    }

    /// Checks the last row and that nothing follows it.
    fn end(mut self, row: Row, table: Table) -> Result<Table, LatencyError> {
        let (place, [_, value]) = row.fields()?;
        let entries = table.layers.len() + table.networks.len();
        if value != entries.to_string() {
            let expected = format!("{entries}, the number of layers and networks above");
            return Err(value_error(place, &expected, &value));
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
