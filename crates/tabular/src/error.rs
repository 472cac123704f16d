//! Everything that can be wrong with a table or a look-up, with the line and column it is wrong at. This
//! module finds nothing wrong itself.

use space::NasBench201Cell;
use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TabularError {
    /// A column is missing.
    #[error("line 1: no column `{name}`; the table has {found}")]
    Column {
        /// The column.
        name: String,
        /// The columns there are.
        found: String,
    },
    /// The text cannot be read, is not UTF-8, or a line has more or fewer fields than the first.
    #[error("line {line}: {message}")]
    Text {
        /// Where.
        line: u64,
        /// What is wrong.
        message: String,
    },
    /// A line names no cell.
    #[error("line {line}: {source}")]
    Cell {
        /// Where.
        line: u64,
        /// What is wrong with the cell.
        source: space::Error,
    },
    /// A number is none, or outside its range.
    #[error("line {line}, column `{column}`: expected {expected}, found `{found}`")]
    Value {
        /// Where.
        line: u64,
        /// The column.
        column: String,
        /// What stands there.
        found: String,
        /// What belongs there.
        expected: &'static str,
    },
    /// A cell is listed twice.
    #[error("line {line}: cell `{cell}` is listed a second time")]
    Duplicate {
        /// The second mention.
        line: u64,
        /// The cell.
        cell: NasBench201Cell,
    },
    /// There is no network below the line of column names.
    #[error("the table lists no network")]
    Empty,
    /// The table does not know a cell.
    #[error(
        "the table has no cell `{cell}`; a search over the whole space needs all {}",
        NasBench201Cell::COUNT
    )]
    Unknown {
        /// The cell.
        cell: NasBench201Cell,
    },
}
