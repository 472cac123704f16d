//! One training step and one evaluation, warmed up, for a profiler that counts what their kernels do.

use anyhow::{Context, Result};
use kernels::Cuda;
use supernet::{BatchNormStatistics, Supernet};

use crate::architectures::{architectures, images};
use crate::sizes::Sizes;
use crate::step::SGD;

/// Steps before the one that counts.
const WARM_UP: usize = 3;

/// Runs them with the first batch size of each.
pub(crate) fn run(cuda: Cuda, sizes: &Sizes, architecture: usize) -> Result<()> {
    let path = architectures().into_iter().nth(architecture).context("there are fewer architectures")?;
    let mut supernet = Supernet::new(cuda, &sizes.plan, 1)?;
    let (pixels, labels) = images(sizes.steps[0], &sizes.plan);
    for _ in 0..WARM_UP {
        supernet.train_step(&[&path], &pixels, &labels, &SGD)?;
    }
    let (pixels_scored, labels_scored) = images(sizes.evaluations[0], &sizes.plan);
    // Launches of an evaluation's first batch are made one by one; from the second on they are a graph, which profilers see as a whole.
    let mut scored = [supernet.batch(&pixels_scored, &labels_scored)?];
    supernet.evaluate(&path, &mut scored, BatchNormStatistics::Running)?;
    supernet.backend().machine().start_profiler()?;
    let report = supernet.train_step(&[&path], &pixels, &labels, &SGD)?;
    let score = supernet.evaluate(&path, &mut scored, BatchNormStatistics::Running)?;
    supernet.backend().machine().stop_profiler()?;
    println!(
        "architecture {architecture}: loss {:.3} in training, {:.3} in evaluation",
        report.loss, score.loss
    );
    Ok(())
}
