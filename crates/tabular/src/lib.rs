//! Tabular benchmarks: spaces so small that every network in them has been trained, so a search can be tried
//! in milliseconds and compared with the truth. Here NAS-Bench-201 (arXiv 2001.00326), read from
//! comma-separated text or from its compact form. No table is built in, and no file is opened.
//!
//! ```
//! use tabular::{Method, Problem, Settings, Table};
//!
//! // A made-up table of the whole space: each cell with an accuracy that follows its parameters.
//! let mut text = String::from("cell,valid,test\n");
//! for cell in space::NasBench201Cell::all() {
//!     let accuracy = 10.0 + cell.parameters() as f64 / 20_000.0;
//!     text += &format!("{cell},{accuracy},{accuracy}\n");
//! }
//! let table = Table::read(text.as_bytes())?;
//! let problem = Problem::new(&table, &["accuracy", "parameters"], ["valid", "test"])?;
//! let found = tabular::run(Method::Evolution, &problem, &Settings::default(), 200, 1)?;
//! assert_eq!(found.cells.len(), 200);
//! assert!(problem.judge(&found).share > 0.5);
//! # Ok::<(), tabular::TabularError>(())
//! ```

mod read;
mod table;

mod stored;

mod problem;

mod method;

mod study;

mod error;

pub use error::TabularError;
pub use method::{Found, Method, Settings, run};
pub use problem::{Problem, Verdict};
pub use study::{Quartiles, Study, study};
pub use table::Table;
