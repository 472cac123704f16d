//! All tests of the kernels in one program: every backend against the naive reference, the reference against finite
//! differences, and what a caller may rely on (thread counts, NaN, errors).
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

mod agreement;
mod candle;
mod classifier;
mod cuda;
mod differences;
mod errors;
mod optimiser;
mod promises;
