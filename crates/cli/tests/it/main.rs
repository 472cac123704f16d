//! The program as a user meets it: what it writes where, and how it ends. Whole searches are in the top-level tests.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::disallowed_methods)]

mod describe;
mod settings;

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Runs the program with these arguments and this standard input.
pub fn cars_with(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cars"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The program may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

pub fn cars(arguments: &[&str]) -> Output {
    cars_with(arguments, "")
}

/// Checks that the program ended with this code and this one line of error.
#[track_caller]
pub fn fails(output: &Output, code: i32, message: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{error}");
    assert_eq!(error.trim_end(), format!("error: {message}"));
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
