//! What a user of the library meets, from outside: configs good and bad, run directories that were killed, damaged or
//! taken, and the report. One program, one module a topic.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr
)]

mod browser;
mod bytes;
mod comparison;
mod config;
mod damaged;
mod faults;
mod formats;
mod observers;
mod page;
mod report;
mod retrained;
mod run_dir;
mod sample;
