//! Training steps of every architecture at every batch size.

use anyhow::Result;
use serde::Serialize;
use supernet::{Sgd, Supernet};

use crate::architectures::{architectures, images};
use crate::site::{Place, Site};
use crate::sizes::Sizes;
use crate::time::time;

/// Training steps of one architecture at one batch size.
#[derive(Debug, Serialize)]
pub(crate) struct Step {
    architecture: usize,
    pub(crate) batch: usize,
    milliseconds: f64,
    median_milliseconds: f64,
    pub(crate) images_per_second: f64,
    launches: u64,
    loss: f64,
}

/// The optimiser of all steps that are measured.
pub(crate) const SGD: Sgd =
    Sgd { learning_rate: 0.025, momentum: 0.9, weight_decay: 3e-4, gradient_clip: 5.0 };

/// Measures them, each for `budget` seconds.
pub(crate) fn steps<B: Site>(place: &Place, sizes: &Sizes, budget: f64) -> Result<Vec<Step>> {
    let plan = &sizes.plan;
    let mut steps = Vec::new();
    println!("\ntraining step, {} channels, {} cells", plan.channels, plan.cells);
    println!("architecture  batch     ms  median   images/s  launches");
    for &batch in &sizes.steps {
        let mut supernet = Supernet::new(B::open(place)?, plan, 1)?;
        let (pixels, labels) = images(batch, plan);
        for (architecture, path) in architectures().iter().enumerate() {
            let mut loss = 0.0;
            let mut launches = 0;
            let times = time(budget, || {
                let before = supernet.backend().launches();
                loss = supernet.train_step(&[path], &pixels, &labels, &SGD)?.loss;
                launches = supernet.backend().launches() - before;
                supernet.backend().wait()
            })?;
            let step = Step {
                architecture,
                batch,
                milliseconds: times.least,
                median_milliseconds: times.median,
                images_per_second: 1e3 * batch as f64 / times.least,
                launches,
                loss,
            };
            println!(
                "{architecture:12}  {batch:5}  {:5.2}  {:6.2}  {:9.0}  {launches:8}",
                step.milliseconds, step.median_milliseconds, step.images_per_second
            );
            steps.push(step);
        }
    }
    Ok(steps)
}

#[cfg(test)]
impl Step {
    pub(crate) fn timed(architecture: usize, batch: usize, milliseconds: f64) -> Self {
        let images_per_second = 1e3 * batch as f64 / milliseconds;
        let median_milliseconds = milliseconds;
        Self {
            architecture,
            batch,
            milliseconds,
            median_milliseconds,
            images_per_second,
            launches: 0,
            loss: 0.0,
        }
    }
}
