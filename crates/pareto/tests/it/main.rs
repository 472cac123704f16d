//! The integration tests of `pareto`: oracles with expected answers, and properties against slow, obvious code.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

mod bytes;
mod cases;
mod indicators;
mod niching;
