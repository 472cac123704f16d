//! Events for programs: the lines of the journal and those of progress between, on standard output, as they happen.

use std::io::{self, ErrorKind, Write};

use super::{Observer, note};
use crate::event::Event;

/// Writes each event to standard output. When the reader is gone, the run goes on without it.
#[derive(Debug, Default)]
pub struct JsonLines {
    closed: bool,
}

impl JsonLines {
    /// Writes to standard output.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Observer for JsonLines {
    fn event(&mut self, event: &Event) {
        if self.closed {
            return;
        }
        let mut out = io::stdout().lock();
        if let Err(error) = writeln!(out, "{}", event.to_line()).and_then(|()| out.flush()) {
            self.closed = true;
            if error.kind() != ErrorKind::BrokenPipe {
                note(&format!("warning: events can no longer be written to standard output: {error}"));
            }
        }
    }
}
