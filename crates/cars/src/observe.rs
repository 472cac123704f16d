//! Whoever looks at a run: observers are told every event and never change anything. Progress goes to standard error,
//! events asked for as JSON to standard output.

use crate::event::Event;

/// Something that looks at a run.
pub trait Observer {
    /// Takes note of an event. Trouble of an observer is its own: it must not stop the run.
    fn event(&mut self, event: &Event);
}
