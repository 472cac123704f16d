//! One training step: its paths, each on a batch of its own, and the mean of their gradients (CARS, equation 3). With several
//! ranks, each takes some of the paths.

use std::ops::Range;

use datasets::{DatasetError, Epoch, Share};
use space::AnyArchitecture;
use supernet::{Backend, Gallery, Sgd, StepReport, Supernet};

use super::RunError;
use super::log::Log;
use super::supply;
use super::team::Team;
use crate::config::CheckedConfig;

/// Which of a step's paths are this rank's. Every rank takes a single one: to send it would take longer.
fn own(team: Team<'_>, paths: usize) -> Range<usize> {
    if paths == 1 { 0..1 } else { team.own(paths) }
}

/// The batches of this rank's paths.
pub(super) fn share(team: Team<'_>, paths: usize) -> Share {
    Share::of_rows(paths, own(team, paths))
}

/// Trains on the next batches of this rank's [`share`], one for each of its paths.
pub(super) fn step<B: Backend>(
    supernet: &mut Supernet<B>,
    paths: &[AnyArchitecture],
    batches: &mut Epoch<'_>,
    held: Option<&dyn Gallery<B>>,
    team: Team<'_>,
    sgd: &Sgd,
    log: &mut Log<'_, CheckedConfig>,
) -> Result<StepReport, RunError> {
    let mut contributions = Vec::new();
    for path in &paths[own(team, paths.len())] {
        let batch = log.next_batch(batches)?.ok_or(DatasetError::Empty { what: "the rest of an epoch" })?;
        let draws = supply::draws(batch);
        let images = supply::pixels(held, batch, &draws);
        if paths.len() == 1 {
            return Ok(supernet.train_step(&[path], images, &batch.labels, sgd)?);
        }
        contributions.push(supernet.contribute(path, &images, &batch.labels, paths.len())?);
    }
    let paths: Vec<&AnyArchitecture> = paths.iter().collect();
    Ok(supernet.step(&paths, &team.exchange(contributions)?, sgd)?)
}
