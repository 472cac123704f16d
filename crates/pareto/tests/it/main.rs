//! The integration tests of `pareto`: oracles with expected answers, and properties against slow, obvious code.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

mod bytes;
mod cases;
mod indicators;
mod large;
mod niching;
mod pnsga3;
mod reference_fronts;
mod selection;
mod slow;
mod sorting;
mod volumes;
