//! A run's directory and those who look at the run: an event goes to both, and a stopped run is picked up at its newest whole
//! checkpoint. Shared by searching and training; what the state of a run is, its loop knows.

use serde::de::DeserializeOwned;

use super::RunError;
use super::saved::{Position, Saved};
use crate::config::Checked;
use crate::event::{Event, Resumed, Work};
use crate::observe::Observer;
use crate::run_dir::{Checkpoint, Directory};

/// How a run is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// At its beginning, in a new directory.
    Fresh,
    /// At its newest whole checkpoint, or at its beginning if there is none.
    Checkpoint,
}

/// Whom a run tells what happens.
pub(crate) struct Log<'a, C> {
    pub(crate) directory: Directory<C>,
    pub(crate) observers: &'a mut [Box<dyn Observer>],
}

/// What a stopped run goes on from.
pub(crate) struct Found<S> {
    /// None if it was stopped before its first.
    pub(crate) checkpoint: Option<Checkpoint<Saved<S>>>,
    warnings: Vec<String>,
}

impl<C: Checked> Log<'_, C> {
    /// Writes an event to the journal and tells the observers.
    pub(crate) fn tell(&mut self, event: &Event) -> Result<(), RunError> {
        self.directory.append(event)?;
        self.show(event);
        Ok(())
    }

    /// Tells the observers only.
    pub(crate) fn show(&mut self, event: &Event) {
        self.observers.iter_mut().for_each(|observer| observer.event(event));
    }

    /// The newest whole checkpoint, which must be one of this origin; the journal is cut back to where it was then.
    pub(crate) fn latest<S: DeserializeOwned>(&mut self, origin: &[String; 2]) -> Result<Found<S>, RunError> {
        let found = self.directory.resume_point::<Saved<S>>()?;
        let journal = found.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.journal);
        let complete = self.directory.rewind_journal(journal)?;
        if let Some(checkpoint) = &found.checkpoint {
            RunError::check_origin(&checkpoint.file, &checkpoint.state.origin, origin)?;
        }
        let mut warnings: Vec<String> =
            found.skipped.iter().map(|skipped| format!("skipped {skipped}")).collect();
        if !complete {
            let lost = "the journal lost events that the checkpoint had seen; the report will lack them";
            warnings.push(lost.to_owned());
        }
        Ok(Found { checkpoint: found.checkpoint, warnings })
    }

    /// Tells where the run goes on, and what was wrong with what it goes on from.
    pub(crate) fn resumed<S>(
        &mut self,
        found: &Found<S>,
        position: Position,
        generation: usize,
        work: Work,
    ) -> Result<(), RunError> {
        for message in &found.warnings {
            self.tell(&Event::Warning { message: message.clone() })?;
        }
        let from = found.checkpoint.as_ref().map(|checkpoint| checkpoint.file.clone());
        let Position { epoch, step, .. } = position;
        self.tell(&Event::Resumed(Resumed { from, epoch, step, generation, work }))
    }
}
