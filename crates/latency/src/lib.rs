//! How long a network takes on a device, predicted from measured times: a [`Table`] of layers and some whole networks,
//! a [`LatencyModel`] that adds layers up over a plan and learns what that gets wrong (CARS-Lat, arXiv 1909.04977;
//! ProxylessNAS, arXiv 1812.00332), and a [`WholeNetworkModel`] for devices of which only whole networks are known.
//! Every model says how wrong it was on networks it had not seen ([`FitReport`]). This crate reads no clock and no
//! file: times come from a [`Probe`] or a table's text.
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
//!     repeats: 5,
//!     network: Style::StandAlone,
//!     frame: MacroPlan::search(),
//!     software: "example".to_owned(),
//!     date: "2026-11-25".to_owned(),
//! };
//! let mut table = Table::new(conditions, Milliseconds::new(0.5)?);
//! for (key, _) in distinct_layers([&plan]) {
//!     table.layers.insert(key, Milliseconds::new(0.25)?.into());
//! }
//! let read_again = Table::from_csv(&table.to_csv())?;
//! let predicted = LatencyModel::look_up(&read_again).predict(&plan)?;
//! assert_eq!(predicted.time.get(), 0.5 + 0.25 * plan.layers.len() as f64);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod milliseconds;

mod key;

mod table;

mod model;
mod probe;

mod edge_space;
mod whole;

mod report;
pub mod statistics;

mod error;

pub use edge_space::{EdgeSpace, Role};
pub use error::{LatencyError, Place};
pub use key::{LayerKey, distinct_layers};
pub use milliseconds::Milliseconds;
pub use model::{Additivity, Fit, HeldOut, LatencyModel, Prediction};
pub use probe::{Probe, measure};
pub use report::{COVERAGE, FitReport};
pub use table::{Conditions, MeasuredNetwork, Precision, Table, Time};
pub use whole::WholeNetworkModel;
