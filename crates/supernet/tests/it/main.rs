//! Tests of the supernet and of stand-alone networks, on the naive double-precision backend and on the fast one.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;
mod deferral;
mod gradients;
mod nas_bench_201;
mod network;
mod paths;
mod resume;
mod single_layer;
mod together;
