//! Oracles and properties of the search space, one program.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod bytes;
mod counts;
mod damaged;
mod nas_bench_201;
mod notation;
mod plans;
mod public_data;
mod spaces;
mod strategies;
