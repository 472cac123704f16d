//! End-to-end tests: they run the real `cars` on small searches, kill it, damage its files and feed it bad input. Cargo builds
//! the binary for them because this program is a test target of `cars-cli`.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "tests may panic and write files"
)]

mod bad_input;
mod common;
mod damage;
mod data;
mod describe;
mod device;
mod doctor;
mod dry_run;
mod export;
mod latency;
mod onnx_runtime;
mod plan;
#[cfg(feature = "mpi")]
mod ranks;
mod reproduce;
mod survive;
mod tabular;
mod torture;
mod train;
mod watch;
