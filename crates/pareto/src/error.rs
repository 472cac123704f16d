//! What can be wrong with numbers handed to this crate. Written by hand, so that the crate stays free of
//! dependencies; nothing here knows where the numbers came from.

use std::error::Error;
use std::fmt;

/// Why a slice is not a matrix of objectives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectivesError {
    /// There must be at least one objective a row.
    NoObjectives,
    /// The values do not fill whole rows.
    Ragged {
        /// How many values were given.
        values: usize,
        /// How many objectives a row has.
        n_objectives: usize,
    },
    /// A value is not a number, so it cannot be compared.
    NotANumber {
        /// The row (individual), counted from 0.
        row: usize,
        /// The objective, counted from 0.
        objective: usize,
    },
    /// Ranks are 32-bit numbers, so there can be at most `u32::MAX - 1` rows.
    TooManyRows {
        /// How many rows were given.
        rows: usize,
    },
}

impl fmt::Display for ObjectivesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoObjectives => write!(f, "a row needs at least one objective, got 0"),
            Self::Ragged { values, n_objectives } => {
                write!(f, "{values} values do not fill whole rows of {n_objectives} objectives")
            }
            Self::NotANumber { row, objective } => write!(
                f,
                "row {row}, objective {objective} is NaN: replace it by a number (+inf for \"worst\") or drop the row"
            ),
            Self::TooManyRows { rows } => {
                write!(f, "{rows} rows are too many: at most {} can be ranked", u32::MAX - 1)
            }
        }
    }
}

impl Error for ObjectivesError {}

/// Why rows cannot serve as reference points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceError {
    /// There must be at least one point of at least one coordinate.
    Empty,
    /// The values do not fill whole points.
    Ragged {
        /// How many values were given.
        values: usize,
        /// How many coordinates a point has.
        n_objectives: usize,
    },
    /// A coordinate is negative, infinite or NaN.
    Coordinate {
        /// The point, counted from 0.
        point: usize,
        /// The objective, counted from 0.
        objective: usize,
    },
    /// A point at the origin has no direction.
    Origin {
        /// The point, counted from 0.
        point: usize,
    },
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "at least one reference point with one coordinate is needed"),
            Self::Ragged { values, n_objectives } => {
                write!(f, "{values} values do not fill whole reference points of {n_objectives} coordinates")
            }
            Self::Coordinate { point, objective } => write!(
                f,
                "reference point {point}, objective {objective} must be a finite number that is not negative"
            ),
            Self::Origin { point } => {
                write!(f, "reference point {point} is the origin: give it at least one positive coordinate")
            }
        }
    }
}

impl Error for ReferenceError {}

/// Why columns cannot be turned into the sorts of pNSGA-III.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnsError {
    /// pNSGA-III compares accuracy with at least one size-like objective.
    NoSizes,
    /// The named variant needs the speed of accuracy increase, and none was given.
    NoSpeed,
    /// A column is not as long as the error column.
    Length {
        /// Which column: `size 0`, `speed`, ...
        column: String,
        /// The length of the error column.
        expected: usize,
        /// The length of this column.
        got: usize,
    },
    /// A column holds a NaN.
    NotANumber {
        /// Which column: `error`, `size 0`, `speed`, ...
        column: String,
        /// The row (individual), counted from 0.
        row: usize,
    },
}

impl fmt::Display for ColumnsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSizes => write!(f, "at least one size column is needed beside the error"),
            Self::NoSpeed => {
                write!(f, "this variant sorts by the speed of accuracy increase: give the speed column")
            }
            Self::Length { column, expected, got } => {
                write!(f, "column `{column}` has {got} rows, the error column has {expected}")
            }
            Self::NotANumber { column, row } => {
                write!(f, "column `{column}`, row {row} is NaN: evaluate that individual again or drop it")
            }
        }
    }
}

impl Error for ColumnsError {}
