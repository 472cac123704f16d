//! One training step: its paths, each on a batch of its own, and the mean of their gradients (CARS, equation 3). With several
//! ranks, each takes some of the paths.

use datasets::{DatasetError, Epoch};
use space::AnyArchitecture;
use supernet::{Backend, Gallery, Sgd, StepReport, Supernet};

use super::RunError;
use super::supply;
use super::team::Team;

/// Trains on the next batches of the epoch, one for each path.
pub(super) fn step<B: Backend>(
    supernet: &mut Supernet<B>,
    paths: &[AnyArchitecture],
    batches: &mut Epoch<'_>,
    held: Option<&dyn Gallery<B>>,
    team: Team<'_>,
    sgd: &Sgd,
) -> Result<StepReport, RunError> {
    let own = team.own(paths.len());
    let mut contributions = Vec::new();
    for (number, path) in paths.iter().enumerate() {
        let batch = batches.next_batch()?.ok_or(DatasetError::Empty { what: "the rest of an epoch" })?;
        let draws = supply::draws(batch);
        let images = supply::pixels(held, batch, &draws);
        if paths.len() == 1 {
            // Every rank takes it: to send it would take longer.
            return Ok(supernet.train_step(&[path], images, &batch.labels, sgd)?);
        }
        if own.contains(&number) {
            contributions.push(supernet.contribute(path, &images, &batch.labels, paths.len())?);
        }
    }
    let paths: Vec<&AnyArchitecture> = paths.iter().collect();
    Ok(supernet.step(&paths, &team.exchange(contributions)?, sgd)?)
}
