//! Tables from comma-separated text: one line of column names, then one for each network. Every field is
//! checked; faults are named with line and column.

use std::io::Read;

use csv::{Position, ReaderBuilder, StringRecord};
use space::NasBench201Cell;

use crate::error::TabularError;
use crate::table::{Column, Table};

/// The column that a second file may be joined by, if it does not name the cells.
const INDEX: &str = "index";

impl Table {
    /// Reads a table whose cells are named in the notation of the benchmark, in whichever column that is. Columns that
    /// hold numbers (or nothing) are taken, others are left.
    ///
    /// Fails at the first line that is malformed, names no cell or one that was named before, or has text in a
    /// column that began with a number; and if there is no network at all.
    pub fn read(text: impl Read) -> Result<Self, TabularError> {
        let mut table = Self { columns: Vec::new() };
        table.add(text)?;
        Ok(table)
    }

    /// Adds the columns of another text, which names its cells or has the column `index` that this table has,
    /// too. It need not list every cell.
    ///
    /// Fails as [`Table::read`] does, and if a column is there already or an index is unknown.
    pub fn add(&mut self, text: impl Read) -> Result<(), TabularError> {
        let mut reader = ReaderBuilder::new().from_reader(text);
        let headings = reader.headers().map_err(csv_error)?.clone();
        let mut rows = reader.into_records();
        let Some(first) = rows.next().transpose().map_err(csv_error)? else {
            return Err(TabularError::Empty);
        };
        let key = self.key(&headings, &first)?;
        let is_number = |text: &str| text.is_empty() || text.parse::<f64>().is_ok();
        let wanted: Vec<(usize, &str)> = headings
            .iter()
            .enumerate()
            .filter(|&(at, name)| at != key.at() && is_number(&first[at]) && !key.repeats(name))
            .collect();
        let mut columns: Vec<Column> = wanted.iter().map(|(_, name)| Column::empty(name)).collect();
        if let Some(twice) = self.names().find(|name| wanted.iter().any(|(_, new)| new == name)) {
            return Err(TabularError::Repeated { name: twice.to_owned() });
        }
        let mut seen = vec![false; NasBench201Cell::COUNT];
        for row in std::iter::once(Ok(first.clone())).chain(rows) {
            let row = row.map_err(csv_error)?;
            let line = row.position().map_or(0, Position::line);
            let cell = key.cell(&row, line)?;
            if std::mem::replace(&mut seen[cell.number()], true) {
                return Err(TabularError::Duplicate { line, cell });
            }
            for (&(at, name), column) in wanted.iter().zip(&mut columns) {
                column.values[cell.number()] = number(&row[at], line, name)?;
            }
        }
        self.columns.append(&mut columns);
        Ok(())
    }

    /// How the rows of a text say which cell they are of.
    fn key(&self, headings: &StringRecord, first: &StringRecord) -> Result<Key, TabularError> {
        if let Some(at) = first.iter().position(|field| field.starts_with('|')) {
            return Ok(Key::Cell { at });
        }
        let at = headings.iter().position(|name| name == INDEX);
        match (at, self.column(INDEX)) {
            (Some(at), Ok(known)) => {
                let cells = NasBench201Cell::all().collect::<Vec<_>>();
                let mut by_index: Vec<(u64, NasBench201Cell)> =
                    known.values.iter().zip(cells).map(|(&index, cell)| (index.to_bits(), cell)).collect();
                by_index.sort_unstable();
                Ok(Key::Index { at, by_index })
            }
            _ => Err(TabularError::NoCell { found: headings.iter().collect::<Vec<_>>().join(", ") }),
        }
    }
}

/// Which column names the cell of a row.
enum Key {
    /// The cell itself.
    Cell { at: usize },
    /// Its index; the cells of the table by the bits of theirs, ascending.
    Index { at: usize, by_index: Vec<(u64, NasBench201Cell)> },
}

impl Key {
    const fn at(&self) -> usize {
        match self {
            Self::Cell { at } | Self::Index { at, .. } => *at,
        }
    }

    /// Whether a column says again what the table has been joined by.
    fn repeats(&self, name: &str) -> bool {
        matches!(self, Self::Index { .. }) && name == INDEX
    }

    fn cell(&self, row: &StringRecord, line: u64) -> Result<NasBench201Cell, TabularError> {
        let field = &row[self.at()];
        match self {
            Self::Cell { .. } => field.parse().map_err(|source| TabularError::Cell { line, source }),
            Self::Index { by_index, .. } => {
                let bits = number(field, line, INDEX)?.to_bits();
                let place = by_index.binary_search_by_key(&bits, |(index, _)| *index);
                place
                    .map(|place| by_index[place].1)
                    .map_err(|_| fault(field, line, INDEX, "an index of the table"))
            }
        }
    }
}

/// A finite number, or NaN for an empty field.
fn number(text: &str, line: u64, column: &str) -> Result<f64, TabularError> {
    if text.is_empty() {
        return Ok(f64::NAN);
    }
    let value: Option<f64> = text.parse().ok().filter(|value: &f64| value.is_finite());
    value.ok_or_else(|| fault(text, line, column, "a finite number or nothing"))
}

fn fault(found: &str, line: u64, column: &str, expected: &'static str) -> TabularError {
    TabularError::Value { line, column: column.to_owned(), found: found.to_owned(), expected }
}

#[expect(clippy::needless_pass_by_value, reason = "handed to `map_err`")]
fn csv_error(error: csv::Error) -> TabularError {
    TabularError::Text { line: error.position().map_or(1, Position::line), message: error.to_string() }
}
