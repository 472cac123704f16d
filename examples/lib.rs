//! Compiles and runs the examples on front pages, as documentation tests: an example that no longer works fails `cargo test`.
//! The programs of this package lie beside this file.

/// The front page of `cars-pareto`.
#[cfg(doctest)]
#[doc = include_str!("../crates/pareto/README.md")]
pub struct Pareto;
