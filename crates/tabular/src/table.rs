//! The table: read once, every field checked, then looked up by cell. It does not know which of its numbers a
//! search is after.

use std::collections::BTreeMap;
use std::io::Read;

use csv::{Position, ReaderBuilder, StringRecord};
use space::NasBench201Cell;

use crate::error::TabularError;

/// What is known of one trained network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record {
    /// Accuracy on the validation images, in percent: what a search may look at.
    pub validation_accuracy: f64,
    /// Accuracy on the test images, in percent: what a search is judged by.
    pub test_accuracy: f64,
    /// Trainable numbers.
    pub parameters: u64,
    /// Multiply-adds for one image.
    pub multiply_adds: u64,
}

/// The names of the columns to read; a file may have others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns<'a> {
    /// The cell in the notation of the benchmark.
    pub cell: &'a str,
    /// See [`Record::validation_accuracy`].
    pub validation_accuracy: &'a str,
    /// See [`Record::test_accuracy`].
    pub test_accuracy: &'a str,
    /// See [`Record::parameters`].
    pub parameters: &'a str,
    /// See [`Record::multiply_adds`].
    pub multiply_adds: &'a str,
}

/// Trained networks by their cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    records: BTreeMap<NasBench201Cell, Record>,
}

impl Table {
    /// Reads comma-separated text with one line of column names, then one line for each network.
    ///
    /// Fails at the first line that is malformed, names no cell or one that was named before, or holds an
    /// accuracy outside 0 to 100 or a count that is no whole number; and if there is no network at all.
    pub fn read(text: impl Read, columns: &Columns<'_>) -> Result<Self, TabularError> {
        let mut reader = ReaderBuilder::new().from_reader(text);
        let headings = reader.headers().map_err(csv_error)?.clone();
        let cell = Column::find(&headings, columns.cell)?;
        let validation = Column::find(&headings, columns.validation_accuracy)?;
        let test = Column::find(&headings, columns.test_accuracy)?;
        let parameters = Column::find(&headings, columns.parameters)?;
        let multiply_adds = Column::find(&headings, columns.multiply_adds)?;
        let mut records = BTreeMap::new();
        for row in reader.into_records() {
            let row = row.map_err(csv_error)?;
            let line = row.position().map_or(0, Position::line);
            let key: NasBench201Cell =
                cell.of(&row).parse().map_err(|source| TabularError::Cell { line, source })?;
            let record = Record {
                validation_accuracy: validation.percent(&row, line)?,
                test_accuracy: test.percent(&row, line)?,
                parameters: parameters.count(&row, line)?,
                multiply_adds: multiply_adds.count(&row, line)?,
            };
            if records.insert(key, record).is_some() {
                return Err(TabularError::Duplicate { line, cell: key });
            }
        }
        if records.is_empty() {
            return Err(TabularError::Empty);
        }
        Ok(Self { records })
    }

    /// The record of a cell; fails if the table lacks it.
    pub fn look_up(&self, cell: &NasBench201Cell) -> Result<&Record, TabularError> {
        self.records.get(cell).ok_or(TabularError::Unknown { cell: *cell })
    }

    /// All cells with their records, ascending by cell.
    pub fn iter(&self) -> impl Iterator<Item = (&NasBench201Cell, &Record)> {
        self.records.iter()
    }

    /// The number of networks; at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a table is never empty")]
    pub fn len(&self) -> usize {
        self.records.len()
    }
}

/// A column by its place, with the name for errors.
struct Column<'a> {
    name: &'a str,
    index: usize,
}

impl<'a> Column<'a> {
    fn find(headings: &StringRecord, name: &'a str) -> Result<Self, TabularError> {
        let index = headings.iter().position(|heading| heading == name);
        index.map(|index| Self { name, index }).ok_or_else(|| TabularError::Column {
            name: name.to_owned(),
            found: headings.iter().collect::<Vec<_>>().join(", "),
        })
    }

    /// The field of a row; rows are as long as the headings.
    fn of<'r>(&self, row: &'r StringRecord) -> &'r str {
        row.get(self.index).unwrap_or_default()
    }

    fn percent(&self, row: &StringRecord, line: u64) -> Result<f64, TabularError> {
        let text = self.of(row);
        let value: Option<f64> = text.parse().ok().filter(|percent| (0.0..=100.0).contains(percent));
        value.ok_or_else(|| self.fault(text, line, "a percentage from 0 to 100"))
    }

    fn count(&self, row: &StringRecord, line: u64) -> Result<u64, TabularError> {
        let text = self.of(row);
        text.parse().map_err(|_| self.fault(text, line, "a whole number"))
    }

    fn fault(&self, found: &str, line: u64, expected: &'static str) -> TabularError {
        TabularError::Value { line, column: self.name.to_owned(), found: found.to_owned(), expected }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "handed to `map_err`")]
fn csv_error(error: csv::Error) -> TabularError {
    TabularError::Text { line: error.position().map_or(1, Position::line), message: error.to_string() }
}
