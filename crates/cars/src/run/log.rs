//! A run's directory and those who look at the run: an event goes to both, and a stopped run is picked up at its newest whole
//! checkpoint. Shared by searching and training; what the state of a run is, its loop knows.

use datasets::{Batch, DatasetError, Epoch};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use supernet::State;

use super::RunError;
use super::saved::{Position, Saved};
use crate::config::{Checked, CheckedConfig};
use crate::event::{Event, Resumed, Work};
use crate::front::Front;
use crate::observe::{Observer, Supply};
use crate::run_dir::{Checkpoint, Directory};

/// How a run is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// At its beginning, in a new directory.
    Fresh,
    /// At its newest whole checkpoint, or at its beginning if there is none.
    Checkpoint,
}

/// Whom a run tells what happens.
pub(crate) struct Log<'a, C> {
    /// None on a rank that follows another.
    pub(crate) directory: Option<Directory<C>>,
    pub(crate) observers: &'a mut [Box<dyn Observer>],
}

/// What a stopped run goes on from.
pub(crate) struct Found<S> {
    /// None if it was stopped before its first.
    pub(crate) checkpoint: Option<Checkpoint<Saved<S>>>,
    warnings: Vec<String>,
}

impl<S> Default for Found<S> {
    fn default() -> Self {
        Self { checkpoint: None, warnings: Vec::new() }
    }
}

impl Log<'_, CheckedConfig> {
    /// Replaces the front in the directory.
    pub(crate) fn write_front(&self, front: &Front) -> Result<(), RunError> {
        match &self.directory {
            Some(directory) => Ok(directory.write_front(front)?),
            None => Ok(()),
        }
    }
}

impl<C: Checked> Log<'_, C> {
    /// Writes an event to the journal and tells the observers.
    pub(crate) fn tell(&mut self, event: &Event) -> Result<(), RunError> {
        if let Some(directory) = &mut self.directory {
            directory.append(event)?;
        }
        self.show(event);
        Ok(())
    }

    /// Tells the observers only.
    pub(crate) fn show(&mut self, event: &Event) {
        self.observers.iter_mut().for_each(|observer| observer.event(event));
    }

    /// The next batch of an epoch; the observers are told that it is waited for.
    pub(crate) fn next_batch<'b>(
        &mut self,
        batches: &'b mut Epoch<'_>,
    ) -> Result<Option<&'b Batch>, DatasetError> {
        let mut tell = |supply| self.observers.iter_mut().for_each(|observer| observer.supply(supply));
        tell(Supply::Awaited);
        let batch = batches.next_batch();
        tell(Supply::Arrived);
        batch
    }

    /// Stores a checkpoint and tells of it.
    pub(crate) fn save<S: Serialize>(&mut self, weights: &State, saved: &Saved<S>) -> Result<(), RunError> {
        let Some(directory) = &mut self.directory else { return Ok(()) };
        let file = directory.save_checkpoint(saved.position.checkpoint, weights, saved)?;
        self.tell(&Event::Checkpoint { file })
    }

    /// The newest whole checkpoint, which must be one of this origin; the journal is cut back to where it was then.
    pub(crate) fn latest<S: DeserializeOwned>(&mut self, origin: &[String; 2]) -> Result<Found<S>, RunError> {
        let Some(directory) = &mut self.directory else { return Ok(Found::default()) };
        let found = directory.resume_point::<Saved<S>>()?;
        let journal = found.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.journal);
        let complete = directory.rewind_journal(journal)?;
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
