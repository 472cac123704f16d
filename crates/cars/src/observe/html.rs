//! Keeps `report.html` up to date: after each generation, at the end, and now and then between. What is in it is made from
//! config and journal by `report`.

use std::time::Duration;

use super::{Observer, note};
use crate::clock::Clock;
use crate::event::Event;
use crate::report::Reported;
use crate::run_dir::{ReportFiles, RunDirError};

/// Rewrites the report of a run. The run appends an event to its journal before it tells observers.
#[derive(Debug)]
pub struct Html<C> {
    files: ReportFiles<C>,
    clock: Clock,
    written: Option<Duration>,
    failed: bool,
}

/// The least time between reports that bring only epochs.
const PAUSE: Duration = Duration::from_secs(30);

impl<C: Reported> Html<C> {
    /// Keeps the report of these files.
    pub fn new(files: ReportFiles<C>) -> Self {
        Self { files, clock: Clock::start(), written: None, failed: false }
    }
}

impl<C: Reported> Observer for Html<C> {
    fn event(&mut self, event: &Event) {
        let due = match event {
            Event::Started(_)
            | Event::TrainingStarted(_)
            | Event::Generation(_)
            | Event::Measured(_)
            | Event::Interrupted
            | Event::Finished(_)
            | Event::Trained(_) => true,
            Event::Epoch(_) => {
                self.written.is_none_or(|written| self.clock.elapsed().saturating_sub(written) >= PAUSE)
            }
            _ => false,
        };
        if !due {
            return;
        }
        self.written = Some(self.clock.elapsed());
        match write(&self.files) {
            // A full disk says so once, not every generation.
            Err(error) if !self.failed => {
                self.failed = true;
                note(&format!("warning: the report is out of date: {error}"));
            }
            Err(_) => {}
            Ok(()) => self.failed = false,
        }
    }
}

/// Makes the report anew from config and journal.
fn write<C: Reported>(files: &ReportFiles<C>) -> Result<(), RunDirError> {
    files.write(&C::report(files)?)
}
