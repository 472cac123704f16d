//! The fuzz target of the CIFAR readers. What it checks is in `tests/it/bytes.rs`, shared with the ordinary tests.
#![no_main]

#[path = "../tests/it/bytes.rs"]
mod bytes;

use std::sync::LazyLock;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a temporary folder"));

libfuzzer_sys::fuzz_target!(|data: &[u8]| bytes::check(FOLDER.path(), data));
