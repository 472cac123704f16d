//! Everything that can be wrong with a latency table or a prediction, with the line, entry or layers it is
//! wrong at. This module finds nothing wrong itself.

use std::fmt;

use space::Style;
use thiserror::Error;

use crate::key::LayerKey;

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum LatencyError {
    /// A number is no time.
    #[error("{found} is no time in milliseconds; expected a finite number that is not negative")]
    NoTime {
        /// The number.
        found: f64,
    },
    /// A text is no layer key.
    #[error("`{found}` is no layer key: expected {expected}")]
    Key {
        /// The text.
        found: String,
        /// What it lacks.
        expected: &'static str,
    },
    /// The text does not begin as a latency table does.
    #[error("{place}: no latency table, expected the format `{}`, found `{found}`", crate::table::FORMAT)]
    Foreign {
        /// Where the format was looked for.
        place: Place,
        /// What stands there.
        found: String,
    },
    /// The table is of another version.
    #[error("{place}: the table has version `{found}`; this program reads version {}", crate::table::VERSION)]
    Version {
        /// Where the version stands.
        place: Place,
        /// The version.
        found: String,
    },
    /// The text ends too early.
    #[error("{place}: the table ends too early, {expected} is missing; copy or measure it again")]
    Truncated {
        /// The last place read.
        place: Place,
        /// What should have followed.
        expected: &'static str,
    },
    /// The text is no JSON, or a field is missing, unknown or of the wrong type.
    #[error("{place}: {message}")]
    Json {
        /// Where the reader stopped.
        place: Place,
        /// What it missed.
        message: String,
    },
    /// A row or value is not what belongs there.
    #[error("{place}: expected {expected}, found `{found}`")]
    Value {
        /// Where.
        place: Place,
        /// What belongs there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A layer has no proper name or time.
    #[error("{place}: {source}")]
    Layer {
        /// Where.
        place: Place,
        /// What is wrong.
        source: Box<LatencyError>,
    },
    /// A layer or network is listed twice.
    #[error("{place}: `{key}` is listed a second time; keep one of the two")]
    Duplicate {
        /// The second mention.
        place: Place,
        /// The layer or network.
        key: String,
    },
    /// A network of the table cannot be built.
    #[error(transparent)]
    Space(#[from] space::Error),
    /// A plan has layers that the table lacks.
    #[error(
        "the table of device `{device}` lacks {} layers of the plan: {}; measure them with \
         `cars profile --plan {plan} -o TABLE` on that device",
        missing.len(), listed(missing)
    )]
    Missing {
        /// The device.
        device: String,
        /// All layers that are missing, each once, ascending.
        missing: Vec<LayerKey>,
        /// The plan to measure.
        plan: &'static str,
    },
    /// There are too few measured networks for a model.
    #[error("{found} measured networks are too few for a model: it needs at least {needed}")]
    TooFew {
        /// How many there are.
        found: usize,
        /// How many it takes.
        needed: usize,
    },
    /// A network has another number of edges than its space.
    #[error("a network of this space has operations on {expected} edges, found {found}")]
    Edges {
        /// Edges of the space.
        expected: usize,
        /// Operations given.
        found: usize,
    },
    /// A network has an operation that its space lacks.
    #[error("edge {edge} has operation {found}; the space has {known}, counted from 0")]
    Operation {
        /// The edge.
        edge: usize,
        /// The operation.
        found: usize,
        /// Operations of the space.
        known: usize,
    },
    /// The table was measured on layers of the other style.
    #[error("the table is of {} layers, the plan of {}; measure a table for them", style_name(*table), style_name(*plan))]
    Network {
        /// The style of the table.
        table: Style,
        /// The style of the plan.
        plan: Style,
    },
}

/// A place in the text of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A line, counted from 1.
    Line(u64),
    /// A field of the JSON object.
    Field(&'static str),
    /// An entry of a JSON list, counted from 1.
    Entry(&'static str, usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Field(field) => write!(f, "field `{field}`"),
            Self::Entry(list, entry) => write!(f, "entry {entry} of `{list}`"),
        }
    }
}

/// The name of a style in tables and messages.
pub(crate) const fn style_name(style: Style) -> &'static str {
    match style {
        Style::StandAlone => "stand-alone",
        Style::Shared => "shared",
    }
}

fn listed(keys: &[LayerKey]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
