//! Times of training steps and evaluations of sampled architectures: the least of as many as fit the budget.

use std::time::Instant;

use anyhow::Result;
use kernels::Backend;
use random::{Purpose, stream};
use serde::Serialize;
use space::{DartsSpace, Genotype, MacroPlan, Plan, Primitive, SearchSpace};
use supernet::{BatchNormStatistics, Sgd, Supernet};

/// Sampled architectures; the same that `tests/peers/torch_step.py` reads from the JSON.
const ARCHITECTURES: u64 = 8;

/// Networks, batches and images a batch of the evaluation.
const NETWORKS: usize = 16;
const EVALUATED_BATCHES: usize = 4;
const EVALUATED_IMAGES: usize = 500;

/// Steps or evaluations that are always timed, and those before them that are not.
const LEAST: usize = 5;
const WARM_UP: usize = 2;

/// How to ask a backend what the trait does not know.
pub(crate) struct Site<B> {
    /// Waits until all work is done.
    pub(crate) wait: fn(&B) -> Result<()>,
    /// Kernels launched so far.
    pub(crate) launches: fn(&B) -> u64,
}

/// An architecture, and what tells whether another program built the same one.
#[derive(Debug, Serialize)]
pub(crate) struct Architecture {
    genotype: String,
    parameters: u64,
}

/// Training steps of one architecture at one batch size.
#[derive(Debug, Serialize)]
pub(crate) struct Step {
    architecture: usize,
    batch: usize,
    milliseconds: f64,
    median_milliseconds: f64,
    images_per_second: f64,
    launches: u64,
    loss: f64,
}

/// Evaluations of several networks.
#[derive(Debug, Serialize)]
pub(crate) struct Evaluation {
    networks: usize,
    images: usize,
    batch: usize,
    milliseconds: f64,
    images_per_second: f64,
    launches: u64,
}

#[allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The architectures that are measured.
fn architectures() -> Vec<Genotype> {
    // As a search does by default: no edge is `none`.
    let space = DartsSpace { primitives: Primitive::DARTS[1..].to_vec(), ..DartsSpace::new() };
    let sample = |index| space.sample(&mut stream(1, Purpose::Test, 1, index));
    (0..ARCHITECTURES).map(sample).collect()
}

/// The same for other programs.
pub(crate) fn described(plan: &MacroPlan) -> Result<Vec<Architecture>> {
    let describe = |path: Genotype| {
        let parameters = Plan::path(&path, plan)?.parameters();
        Ok(Architecture { genotype: path.to_string(), parameters })
    };
    architectures().into_iter().map(describe).collect()
}

/// Normalised images of noise, and labels.
fn images(samples: usize, plan: &MacroPlan) -> (Vec<f32>, Vec<u32>) {
    let len = samples * plan.height * plan.width * 3;
    let pixels = (0..len).map(|at| (at.wrapping_mul(2_654_435_761) % 65_536) as f32 / 32_768.0 - 1.0);
    (pixels.collect(), (0..samples).map(|sample| (sample % plan.classes) as u32).collect())
}

/// Training steps of every architecture at every batch size.
pub(crate) fn steps<B: Backend>(
    backend: impl Fn() -> Result<B>,
    site: &Site<B>,
    plan: &MacroPlan,
    batches: &[usize],
    budget: f64,
) -> Result<Vec<Step>> {
    let sgd = Sgd { learning_rate: 0.025, momentum: 0.9, weight_decay: 3e-4, gradient_clip: 5.0 };
    let mut steps = Vec::new();
    println!("\ntraining step, {} channels, {} cells", plan.channels, plan.cells);
    println!("architecture  batch     ms  median   images/s  launches");
    for &batch in batches {
        let mut supernet = Supernet::new(backend()?, plan, 1)?;
        let (pixels, labels) = images(batch, plan);
        for (architecture, path) in architectures().iter().enumerate() {
            let mut loss = 0.0;
            let mut launches = 0;
            let times = time(budget, || {
                let before = (site.launches)(supernet.backend());
                loss = supernet.train_step(&[path], &pixels, &labels, &sgd)?.loss;
                launches = (site.launches)(supernet.backend()) - before;
                (site.wait)(supernet.backend())
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

/// Evaluations with running statistics, of as many networks as a small generation has, one after the other.
pub(crate) fn evaluations<B: Backend>(
    backend: impl Fn() -> Result<B>,
    site: &Site<B>,
    plan: &MacroPlan,
    budget: f64,
) -> Result<Vec<Evaluation>> {
    let mut supernet = Supernet::new(backend()?, plan, 1)?;
    let (pixels, labels) = images(EVALUATED_IMAGES, plan);
    let mut batches =
        (0..EVALUATED_BATCHES).map(|_| supernet.batch(&pixels, &labels)).collect::<Result<Vec<_>, _>>()?;
    let paths = architectures();
    let mut launches = 0;
    let times = time(budget, || {
        let before = (site.launches)(supernet.backend());
        for network in 0..NETWORKS {
            let path = &paths[network % paths.len()];
            supernet.evaluate(path, &mut batches, BatchNormStatistics::Running)?;
        }
        launches = (site.launches)(supernet.backend()) - before;
        Ok(())
    })?;
    let images = EVALUATED_BATCHES * EVALUATED_IMAGES;
    let evaluation = Evaluation {
        networks: NETWORKS,
        images,
        batch: EVALUATED_IMAGES,
        milliseconds: times.least,
        images_per_second: 1e3 * (NETWORKS * images) as f64 / times.least,
        launches,
    };
    println!(
        "\nevaluation of {NETWORKS} networks on {images} images each: {:.1} ms, {:.0} images/s, {launches} launches",
        evaluation.milliseconds, evaluation.images_per_second
    );
    Ok(vec![evaluation])
}

/// Milliseconds.
struct Times {
    least: f64,
    median: f64,
}

fn time(budget: f64, mut run: impl FnMut() -> Result<()>) -> Result<Times> {
    for _ in 0..WARM_UP {
        run()?;
    }
    let start = now();
    let mut times = Vec::new();
    while times.len() < LEAST || start.elapsed().as_secs_f64() < budget {
        let begin = now();
        run()?;
        times.push(1e3 * begin.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(Times { least: times[0], median: times[times.len() / 2] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernels::Cpu;

    #[test]
    fn every_architecture_is_measured_at_every_batch_size() {
        let plan = MacroPlan { height: 8, width: 8, ..MacroPlan::custom(4, 3) };
        let site = Site { wait: |_: &Cpu| Ok(()), launches: |_: &Cpu| 0 };
        let steps = steps(|| Ok(Cpu::new()), &site, &plan, &[4, 6], 0.0).unwrap();
        assert_eq!(steps.len(), 16);
        assert!(steps.iter().all(|step| step.milliseconds > 0.0 && step.loss.is_finite()));
        let evaluations = evaluations(|| Ok(Cpu::new()), &site, &plan, 0.0).unwrap();
        assert!(evaluations[0].images_per_second > 0.0);
    }
}
