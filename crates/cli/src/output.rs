//! Results on standard output, notes on standard error. A reader that has gone away, as `head` does, is no failure.

use std::io::{self, ErrorKind, Write};

use anyhow::{Context, Result};

/// Whether anybody still reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    Listening,
    Gone,
}

/// Writes text to standard output at once.
pub(crate) fn write(text: &str) -> Result<Reader> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(Reader::Listening),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(error).context("cannot write to standard output"),
    }
}

/// Tells a person something on standard error.
pub(crate) fn note(line: &str) {
    // If nobody can be told, nobody can be told that either.
    let _ = writeln!(io::stderr().lock(), "{line}");
}
