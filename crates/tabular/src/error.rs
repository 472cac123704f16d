//! Everything that can be wrong with a table or a look-up, with the line and column it is wrong at. This
//! module finds nothing wrong itself.

use evolution::EvolutionError;
use space::NasBench201Cell;
use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TabularError {
    /// The text cannot be read, is not UTF-8, or a line has more or fewer fields than the first.
    #[error("line {line}: {message}")]
    Text {
        /// Where.
        line: u64,
        /// What is wrong.
        message: String,
    },
    /// No column names cells.
    #[error(
        "no column names cells as `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`, and there is no column `index` to join by; the file has {found}"
    )]
    NoCell {
        /// The columns there are.
        found: String,
    },
    /// A line names no cell.
    #[error("line {line}: {source}")]
    Cell {
        /// Where.
        line: u64,
        /// What is wrong with the cell.
        source: space::Error,
    },
    /// A field is not what it has to be.
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
    /// Two files have a column of the same name.
    #[error("column `{name}` is there twice; rename one of them")]
    Repeated {
        /// The column.
        name: String,
    },
    /// There is no network below the line of column names.
    #[error("the table lists no network")]
    Empty,
    /// The file is of another kind.
    #[error("not a table; `cars tabular import FILE.csv -o TABLE` makes one")]
    NotATable,
    /// The file was cut or changed.
    #[error("the table is damaged: its checksum does not fit; import it again")]
    Damaged,
    /// A newer program wrote the file.
    #[error("the table is of version {found}, this program reads up to {known}")]
    Newer {
        /// Its version.
        found: u32,
        /// The newest known.
        known: u32,
    },
    /// A column is missing.
    #[error("the table has no column `{name}`; it has {found}")]
    Column {
        /// The column.
        name: String,
        /// The columns there are.
        found: String,
    },
    /// A column does not have a number for every cell.
    #[error(
        "column `{column}` lacks {missing} of {} cells, the first is {first}; a search needs all",
        NasBench201Cell::COUNT
    )]
    Gaps {
        /// The column.
        column: String,
        /// How many.
        missing: usize,
        /// The first of them.
        first: NasBench201Cell,
    },
    /// A column that should hold accuracies does not.
    #[error("column `{column}` holds {found}, which is no accuracy in percent")]
    NotPercent {
        /// The column.
        column: String,
        /// The first such number.
        found: f64,
    },
    /// The objectives cannot be searched for.
    #[error(
        "objectives `{found}`: expected accuracy or error, then one or more of parameters, macs, and columns of the table, each once"
    )]
    Objectives {
        /// What was asked for.
        found: String,
    },
    /// There are fewer cells than evaluations, or none to be made.
    #[error(
        "a budget of {found} evaluations: expected 1 to {}, the cells of the space",
        NasBench201Cell::COUNT
    )]
    Budget {
        /// What was asked for.
        found: usize,
    },
    /// A setting of the evolution lies outside its range.
    #[error(transparent)]
    Evolution(#[from] EvolutionError),
}
