//! Evaluations of as many networks as a small generation has, with running and with measured statistics.

use anyhow::Result;
use serde::Serialize;
use supernet::{Batch, BatchNormStatistics, Supernet};

use crate::architectures::{architectures, images};
use crate::site::{Place, Site};
use crate::sizes::Sizes;
use crate::time::time;

/// Evaluations of several networks at one batch size.
#[derive(Debug, Serialize)]
pub(crate) struct Evaluation {
    networks: usize,
    /// Images that each network is scored on.
    images: usize,
    batch: usize,
    /// All networks, with running statistics.
    milliseconds: f64,
    images_per_second: f64,
    /// Of one network and batch, as its share of those of the networks that are scored at once.
    launches_per_batch: u64,
    /// Images that a network's own statistics are measured on, and what that adds to the evaluation of one network.
    recalibration_images: usize,
    recalibration_milliseconds: f64,
    recalibration_launches: u64,
}

/// Measures them, each for `budget` seconds.
pub(crate) fn evaluations<B: Site>(place: &Place, sizes: &Sizes, budget: f64) -> Result<Vec<Evaluation>> {
    println!(
        "\nevaluation of {} networks, {} at once, on {} images each",
        sizes.networks,
        sizes.networks.min(architectures().len()),
        sizes.images
    );
    println!("batch       ms   images/s  launches/batch  recalibration ms/network  launches");
    sizes.evaluations.iter().map(|&batch| evaluate::<B>(place, sizes, batch, budget)).collect()
}

fn evaluate<B: Site>(place: &Place, sizes: &Sizes, batch: usize, budget: f64) -> Result<Evaluation> {
    let mut supernet = Supernet::new(B::open(place)?, &sizes.plan, 1)?;
    let mut scored = batches(&supernet, sizes, sizes.images, batch)?;
    let mut own = batches(&supernet, sizes, sizes.recalibration, batch)?;
    let (running, running_launches) = run(&mut supernet, sizes, &mut scored, None, budget)?;
    let (all, all_launches) = run(&mut supernet, sizes, &mut scored, Some(&mut own), budget)?;
    let networks = sizes.networks;
    let evaluation = Evaluation {
        networks,
        images: sizes.images,
        batch,
        milliseconds: running,
        images_per_second: 1e3 * (networks * sizes.images) as f64 / running,
        launches_per_batch: running_launches / (networks * scored.len()) as u64,
        recalibration_images: sizes.recalibration,
        recalibration_milliseconds: (all - running).max(0.0) / networks as f64,
        recalibration_launches: (all_launches - running_launches) / networks as u64,
    };
    println!(
        "{batch:5}  {:7.1}  {:9.0}  {:14}  {:24.2}  {:8}",
        evaluation.milliseconds,
        evaluation.images_per_second,
        evaluation.launches_per_batch,
        evaluation.recalibration_milliseconds,
        evaluation.recalibration_launches
    );
    Ok(evaluation)
}

/// Milliseconds and launches of the evaluation of all networks.
fn run<B: Site>(
    supernet: &mut Supernet<B>,
    sizes: &Sizes,
    scored: &mut [Batch<B>],
    mut own: Option<&mut [Batch<B>]>,
    budget: f64,
) -> Result<(f64, u64)> {
    let paths = architectures();
    let mut launches = 0;
    let times = time(budget, || {
        let before = supernet.backend().launches();
        let mut left = sizes.networks;
        while left > 0 {
            // Equal ones are never scored at once: they would be computed once.
            let at_once = &paths[..left.min(paths.len())];
            let statistics = match &mut own {
                Some(own) => BatchNormStatistics::Recalibrated(own),
                None => BatchNormStatistics::Running,
            };
            supernet.evaluate_all(&at_once.iter().collect::<Vec<_>>(), scored, statistics)?;
            left -= at_once.len();
        }
        launches = supernet.backend().launches() - before;
        Ok(())
    })?;
    Ok((times.least, launches))
}

/// Images of noise in batches, the last one possibly short.
fn batches<B: Site>(
    supernet: &Supernet<B>,
    sizes: &Sizes,
    count: usize,
    batch: usize,
) -> Result<Vec<Batch<B>>> {
    let sizes_of = (0..count).step_by(batch).map(|at| batch.min(count - at));
    sizes_of
        .map(|samples| {
            let (pixels, labels) = images(samples, &sizes.plan);
            Ok(supernet.batch(&pixels, &labels)?)
        })
        .collect()
}

impl Evaluation {
    /// What the evaluation of one network on this many images takes, with statistics of its own.
    pub(crate) fn seconds_for(&self, images: usize) -> f64 {
        images as f64 / self.images_per_second + self.recalibration_milliseconds / 1e3
    }
}

#[cfg(test)]
impl Evaluation {
    /// One network; times in milliseconds.
    pub(crate) fn timed(
        networks: usize,
        images: usize,
        milliseconds: f64,
        recalibration_milliseconds: f64,
    ) -> Self {
        Self {
            networks,
            images,
            batch: images,
            milliseconds,
            images_per_second: 1e3 * (networks * images) as f64 / milliseconds,
            launches_per_batch: 0,
            recalibration_images: 0,
            recalibration_milliseconds,
            recalibration_launches: 0,
        }
    }
}
