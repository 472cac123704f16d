//! The table: columns of numbers, one for each cell of the space. How it is read and stored is elsewhere, and
//! it does not know which of its numbers a search is after.

use space::NasBench201Cell;

use crate::error::TabularError;

/// What is known of the networks of NAS-Bench-201: named columns, each with a number for some or all cells.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub(crate) columns: Vec<Column>,
}

/// One column; `values` are by [`NasBench201Cell::number`], NaN where nothing is known.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) values: Vec<f64>,
}

impl PartialEq for Column {
    /// By bits: what is unknown equals what is unknown.
    fn eq(&self, other: &Self) -> bool {
        let bits = |column: &Self| column.values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        self.name == other.name && bits(self) == bits(other)
    }
}

impl Column {
    pub(crate) fn empty(name: &str) -> Self {
        Self { name: name.to_owned(), values: vec![f64::NAN; NasBench201Cell::COUNT] }
    }
}

impl Table {
    /// The names of the columns, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The number in a column for a cell, `None` where the table has none. Fails if there is no such column.
    pub fn value(&self, column: &str, cell: &NasBench201Cell) -> Result<Option<f64>, TabularError> {
        let value = self.column(column)?.values[cell.number()];
        Ok((!value.is_nan()).then_some(value))
    }

    /// The numbers of all cells, by [`NasBench201Cell::number`]. Fails if there is no such column, or if it
    /// lacks a cell: a search may ask for any.
    pub fn complete(&self, column: &str) -> Result<&[f64], TabularError> {
        let values = &self.column(column)?.values;
        let missing = values.iter().filter(|value| value.is_nan()).count();
        let first = NasBench201Cell::all().zip(values).find(|(_, value)| value.is_nan());
        match first {
            Some((first, _)) => Err(TabularError::Gaps { column: column.to_owned(), missing, first }),
            None => Ok(values),
        }
    }

    /// As [`Table::complete`], for a column of percentages.
    pub(crate) fn percentages(&self, column: &str) -> Result<&[f64], TabularError> {
        let values = self.complete(column)?;
        match values.iter().find(|value| !(0.0..=100.0).contains(*value)) {
            Some(&found) => Err(TabularError::NotPercent { column: column.to_owned(), found }),
            None => Ok(values),
        }
    }

    pub(crate) fn column(&self, name: &str) -> Result<&Column, TabularError> {
        self.columns.iter().find(|column| column.name == name).ok_or_else(|| TabularError::Column {
            name: name.to_owned(),
            found: self.names().collect::<Vec<_>>().join(", "),
        })
    }
}
