//! How long a network takes on a device, predicted from the times of its layers: a table of measured layers,
//! and a model that adds them up over a plan, as latency-aware searches do (CARS-Lat, arXiv 1909.04977;
//! ProxylessNAS, arXiv 1812.00332). This crate reads no clock and no file: times come from a [`Probe`] or a
//! table's text.
//!
//! ```
//! use latency::{Conditions, LatencyModel, Milliseconds, Precision, Table, distinct_layers};
//! use space::{MacroPlan, Plan, Style, named};
//!
//! let plan = Plan::stand_alone(&named::find("cars-a").expect("a named genotype").genotype, &MacroPlan::search())?;
//! let conditions = Conditions {
//!     device: "example".to_owned(),
//!     threads: 1,
//!     batch: 1,
//!     precision: Precision::F32,
//!     warm_up: 10,
//!     network: Style::StandAlone,
//! };
//! let mut table = Table::new(conditions, Milliseconds::new(0.5)?);
//! for (key, _) in distinct_layers([&plan]) {
//!     table.layers.insert(key, Milliseconds::new(0.25)?);
//! }
//! let read_again = Table::from_csv(&table.to_csv())?;
//! let predicted = LatencyModel::look_up(&read_again).predict(&plan)?;
//! assert_eq!(predicted.get(), 0.5 + 0.25 * plan.layers.len() as f64);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod milliseconds;

mod key;

mod table;

mod model;
mod probe;

mod error;

pub use error::{LatencyError, Place};
pub use key::{LayerKey, distinct_layers};
pub use milliseconds::Milliseconds;
pub use model::LatencyModel;
pub use probe::{Probe, measure};
pub use table::{Conditions, Precision, Table};
