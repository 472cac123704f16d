//! The fuzz target of the IDX reader. What it checks is in `tests/it/idx_bytes.rs`, shared with the ordinary tests.
#![no_main]

#[path = "../tests/it/idx_bytes.rs"]
mod idx_bytes;

use std::sync::LazyLock;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a temporary folder"));

libfuzzer_sys::fuzz_target!(|data: &[u8]| idx_bytes::check(FOLDER.path(), data));
