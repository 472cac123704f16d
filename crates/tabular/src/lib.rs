//! Tabular benchmarks: spaces so small that every network in them has been trained, so a search can be tried
//! in milliseconds and compared with the truth. Here NAS-Bench-201 (arXiv 2001.00326) on CIFAR-10, read from
//! comma-separated text. No table is built in, no file is opened, and nothing is searched.
//!
//! ```
//! use space::NasBench201Cell;
//! use tabular::{Columns, Table};
//!
//! let text = "\
//! cell,valid,test,size,work
//! |none~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|,9.5,10,73306,7783050
//! |nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|,85.5,90.25,316346,43172490
//! ";
//! let columns = Columns {
//!     cell: "cell",
//!     validation_accuracy: "valid",
//!     test_accuracy: "test",
//!     parameters: "size",
//!     multiply_adds: "work",
//! };
//! let table = Table::read(text.as_bytes(), &columns)?;
//! let cell: NasBench201Cell = "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|".parse()?;
//! assert_eq!(table.look_up(&cell)?.test_accuracy, 90.25);
//! assert_eq!(table.look_up(&cell)?.parameters, cell.parameters());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod table;

mod error;

pub use error::TabularError;
pub use table::{Columns, Record, Table};
