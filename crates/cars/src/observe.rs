//! Whoever looks at a run: observers are told every event and never change anything. Progress goes to standard error,
//! results and events asked for as JSON to standard output.

mod console;
mod forecast;
mod html;
mod json_lines;
mod progress;
mod spent;
mod table;

use std::io::{self, Write};

use crate::event::Event;

pub use console::Console;
pub use forecast::{Forecast, TimeLeft};
pub use html::Html;
pub use json_lines::JsonLines;
pub use progress::Progress;
pub use spent::Spent;
pub use table::front_table;

/// Something that looks at a run.
pub trait Observer {
    /// Takes note of an event. Trouble of an observer is its own: it must not stop the run.
    fn event(&mut self, event: &Event);

    /// Takes note of how training fares with its images. Comes between events, twice a step or more often.
    fn supply(&mut self, _supply: Supply) {}
}

/// How training fares with its images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supply {
    /// It begins to wait for a batch.
    Awaited,
    /// The batch is there.
    Arrived,
}

/// Tells a person something on standard error. Nobody may be there to read it, and that is no failure.
fn note(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
