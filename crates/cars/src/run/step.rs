//! One training step: its paths, each on a batch of its own, and the mean of their gradients (CARS, equation 3). With several
//! ranks, each takes some of the paths.

use datasets::{DatasetError, Epoch, Share};
use space::AnyArchitecture;
use supernet::{Backend, Gallery, Sgd, StepReport, Supernet};

use super::RunError;
use super::supply;
use super::team::Team;

/// Which of a step's paths, and of its batches, are this rank's. Every rank takes a single one: to send it would take longer.
pub(super) fn share(team: Team<'_>, paths: usize) -> Share {
    let own = if paths == 1 { 0..1 } else { team.own(paths) };
    Share { of: paths, own }
}

/// Trains on the next batches of the epoch, one for each path of this rank's [`share`].
pub(super) fn step<B: Backend>(
    supernet: &mut Supernet<B>,
    paths: &[AnyArchitecture],
    batches: &mut Epoch<'_>,
    held: Option<&dyn Gallery<B>>,
    team: Team<'_>,
    sgd: &Sgd,
) -> Result<StepReport, RunError> {
    let mut contributions = Vec::new();
    for path in &paths[share(team, paths.len()).own] {
        let batch = batches.next_batch()?.ok_or(DatasetError::Empty { what: "the rest of an epoch" })?;
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
