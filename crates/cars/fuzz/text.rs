//! The fuzz target of the readers of configs and journal lines. What it checks is in `tests/it/bytes.rs`, shared with the
//! ordinary tests.
#![no_main]

#[path = "../tests/it/bytes.rs"]
#[allow(dead_code)]
mod bytes;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bytes::check_text(data));
