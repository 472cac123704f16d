//! What a report is made from and where it is written, with the times that it shows, without the right to write anything else.

use std::path::PathBuf;

use super::disk::Disk;
use super::error::RunDirError;
use super::{JOURNAL, REPORT, TIMES, TrainingDir, atomic, journal};
use crate::config::CheckedRecipe;
use crate::event::Event;
use crate::observe::Spent;
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

    /// Where the time of the run went, all its stretches together. A file that is not there or cannot be read is as good as none:
    /// nothing but the report depends on it.
    pub fn spent(&self) -> Option<Spent> {
        serde_json::from_slice(&std::fs::read(self.path.join(TIMES)).ok()?).ok()
    }

    /// Replaces `times.json`.
    pub fn keep_spent(&self, spent: &Spent) -> Result<(), RunDirError> {
        match serde_json::to_vec(spent) {
            Ok(json) => atomic::write(&self.disk, &self.path.join(TIMES), &json),
            Err(error) => unreachable!("times are no JSON: {error}"),
        }
    }

    /// Replaces `report.html`.
    pub fn write(&self, html: &str) -> Result<(), RunDirError> {
        atomic::write(&self.disk, &self.report(), html.as_bytes())
    }
}
