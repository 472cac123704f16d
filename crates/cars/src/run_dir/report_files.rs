//! What a report is made from and where it is written, without the right to write anything else.

use std::path::PathBuf;

use super::disk::Disk;
use super::error::RunDirError;
use super::{JOURNAL, REPORT, TrainingDir, atomic, journal};
use crate::config::CheckedRecipe;
use crate::event::Event;
use crate::train::Evaluation;

/// The part of a run directory that a report is made from and written to. It belongs to the process that holds the
/// [`super::RunDir`].
#[derive(Debug, Clone)]
pub struct ReportFiles<C> {
    pub(super) disk: Disk,
    pub(super) path: PathBuf,
    pub(super) config: C,
}

impl ReportFiles<CheckedRecipe> {
    /// What the newest test of the network found, if it was tested.
    pub fn evaluation(&self) -> Result<Option<Evaluation>, RunDirError> {
        TrainingDir::stored_evaluation(&self.path)
    }
}

impl<C> ReportFiles<C> {
    /// The config of the run.
    pub fn config(&self) -> &C {
        &self.config
    }

    /// Where the report lies.
    pub fn report(&self) -> PathBuf {
        self.path.join(REPORT)
    }

    /// The journal so far.
    pub fn events(&self) -> Result<Vec<Event>, RunDirError> {
        journal::read(&self.path.join(JOURNAL))
    }

    /// Replaces `report.html`.
    pub fn write(&self, html: &str) -> Result<(), RunDirError> {
        atomic::write(&self.disk, &self.report(), html.as_bytes())
    }
}
