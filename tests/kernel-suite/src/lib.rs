//! The numerical tests that every backend passes, each a function of the backend: the kernels' own tests, the emulation of
//! CUDA on the host and `cargo xtask gpu-check` all run these. A check returns the largest relative error it saw, or says
//! what differs.
#![allow(clippy::unwrap_used, reason = "test code: a call that fails here is a failed test")]

pub mod agreement;
pub mod cases;
pub mod classifier;
pub mod compare;
pub mod deferral_errors;
pub mod deferred;
pub mod errors;
pub mod gallery;
pub mod optimiser;
pub mod promises;
pub mod run;
