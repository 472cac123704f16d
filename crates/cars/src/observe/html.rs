//! Keeps `report.html` up to date: after each generation, at the end, and now and then between. What is in it is made from
//! config and journal by `report`, and from where the time went, which is noted here; of a run under way it also says how long it
//! will take, which is foretold here.

use std::time::Duration;

use super::{Forecast, Observer, Spent, Supply, note};
use crate::clock::Clock;
use crate::event::Event;
use crate::report::Reported;
use crate::run_dir::{ReportFiles, RunDirError};

/// Rewrites the report of a run. The run appends an event to its journal before it tells observers.
#[derive(Debug)]
pub struct Html<C> {
    files: ReportFiles<C>,
    clock: Clock,
    forecast: Forecast,
    spent: Spent,
    /// When the next report is due that brings no more than an epoch or a forecast.
    due: Duration,
    failed: bool,
}

/// The least time between such reports.
const PAUSE: Duration = Duration::from_secs(30);

/// The least of that time for each second that writing one takes: a long journal is not read again and again.
const REST: u32 = 50;

impl<C: Reported> Html<C> {
    /// Keeps the report of these files.
    pub fn new(files: ReportFiles<C>) -> Self {
        let (clock, forecast) = (Clock::start(), Forecast::default());
        let spent = files.spent().unwrap_or_default();
        Self { files, clock, forecast, spent, due: Duration::ZERO, failed: false }
    }

    /// Makes the report anew from config, journal and times.
    fn write(&self) -> Result<(), RunDirError> {
        self.files.keep_spent(&self.spent)?;
        self.files.write(&C::report(&self.files, self.forecast.left())?)
    }
}

impl<C: Reported> Observer for Html<C> {
    fn supply(&mut self, supply: Supply) {
        self.spent.supply(supply, self.clock.elapsed());
    }

    fn event(&mut self, event: &Event) {
        let began = self.clock.elapsed();
        self.forecast.event(event, began);
        self.spent.event(event, began);
        let due = match event {
            Event::Started(_)
            | Event::TrainingStarted(_)
            | Event::Generation(_)
            | Event::Measured(_)
            | Event::Interrupted
            | Event::Finished(_)
            | Event::Trained(_) => true,
            Event::Epoch(_) | Event::Step(_) | Event::Evaluating(_) => began >= self.due,
            Event::Device { .. }
            | Event::Checkpoint { .. }
            | Event::Resumed(_)
            | Event::RolledBack(_)
            | Event::Warning { .. } => false,
        };
        if !due {
            return;
        }
        match self.write() {
            // A full disk says so once, not every generation.
            Err(error) if !self.failed => {
                self.failed = true;
                note(&format!("warning: the report is out of date: {error}"));
            }
            Err(_) => {}
            Ok(()) => self.failed = false,
        }
        let ended = self.clock.elapsed();
        self.due = ended + PAUSE.max(ended.saturating_sub(began) * REST);
    }
}
