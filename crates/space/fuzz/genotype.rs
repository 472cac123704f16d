//! The fuzz target of the genotype readers. What it checks is in `tests/it/bytes.rs`, shared with the ordinary tests.
#![no_main]

#[path = "../tests/it/bytes.rs"]
mod bytes;

libfuzzer_sys::fuzz_target!(|data: &[u8]| bytes::check(data));
