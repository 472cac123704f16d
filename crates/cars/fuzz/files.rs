//! The fuzz target of the files of a run directory. What it checks is in `tests/it/bytes.rs`, shared with the ordinary tests.
#![no_main]

#[path = "../tests/it/bytes.rs"]
#[allow(dead_code)]
mod bytes;

use std::sync::LazyLock;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a temporary folder"));

libfuzzer_sys::fuzz_target!(|data: &[u8]| bytes::check_file(FOLDER.path(), data));
