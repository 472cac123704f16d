//! Tables read, stored and refused, and searches over tables: a small made-up one always, the real one where it
//! is at hand.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod reading;
mod real;
mod searching;
mod storing;
