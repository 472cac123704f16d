//! What the full search of the paper would take on this machine: counted work times measured times, not a run.

use anyhow::{Context, Result};
use cars::config::CheckedConfig;
use serde::Serialize;

use crate::evaluation::Evaluation;
use crate::search::Search;
use crate::step::Step;

const SECONDS_A_DAY: f64 = 86_400.0;

/// The paper's search in numbers, and its time in days of this device.
#[derive(Debug, Serialize)]
pub(crate) struct Projection {
    steps: usize,
    evaluations: usize,
    images_per_evaluation: usize,
    /// From the benchmarks of steps and evaluations: what the device itself takes.
    device_days: f64,
    training_share: f64,
    /// From the short search: with reading and varying images, selection and saving aside.
    search_days: f64,
}

impl Projection {
    /// Of the search that `paper` describes. Its batch size must be among the steps that were measured, or stands for them
    /// in proportion to the images.
    pub(crate) fn new(
        paper: &CheckedConfig,
        steps: &[Step],
        evaluations: &[Evaluation],
        search: &Search,
    ) -> Result<Self> {
        let evolution = paper.evolution_settings();
        let batch = paper.training.batch_size;
        let all_steps = paper.training.epochs * (paper.train_images() / batch);
        let networks = paper.generations() * (evolution.raw().population + evolution.offspring());
        let images = paper.validation_images();

        let own: Vec<&Step> = steps.iter().filter(|step| step.batch == batch).collect();
        let measured = if own.is_empty() { steps.iter().collect() } else { own };
        let a_step = mean(measured.iter().map(|step| batch as f64 / step.images_per_second));
        let evaluation =
            evaluations.iter().min_by(|a, b| a.seconds_for(images).total_cmp(&b.seconds_for(images)));
        let an_evaluation = evaluation.context("nothing was evaluated")?.seconds_for(images);
        let (training, scoring) = (all_steps as f64 * a_step, networks as f64 * an_evaluation);

        let as_it_went = |seconds: f64, done: usize, each: usize| seconds / (done * each).max(1) as f64;
        let step_image = as_it_went(search.step_seconds, search.steps, search.images_per_step);
        let scored_image =
            as_it_went(search.evaluation_seconds, search.evaluations, search.images_per_evaluation);
        let searching = step_image * (all_steps * batch) as f64 + scored_image * (networks * images) as f64;
        Ok(Self {
            steps: all_steps,
            evaluations: networks,
            images_per_evaluation: images,
            device_days: (training + scoring) / SECONDS_A_DAY,
            training_share: training / (training + scoring),
            search_days: searching / SECONDS_A_DAY,
        })
    }

    /// For people.
    pub(crate) fn print(&self) {
        println!(
            "\nthe paper's search, {} steps and {} evaluations on {} images: {:.4} days of this device as measured apart \
             ({:.0} % training), {:.4} as the short search went",
            self.steps,
            self.evaluations,
            self.images_per_evaluation,
            self.device_days,
            100.0 * self.training_share,
            self.search_days
        );
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1) as f64;
    values.sum::<f64>() / count
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::sizes::paper;

    #[test]
    fn the_work_of_the_paper_times_measured_times() {
        let step = |architecture, batch, milliseconds| Step::timed(architecture, batch, milliseconds);
        // The second batch size is not the paper's.
        let steps = [step(0, 128, 3.0), step(1, 128, 5.0), step(0, 256, 70.0)];
        let evaluations = [Evaluation::timed(1, 1000, 100.0, 10.0), Evaluation::timed(1, 1000, 50.0, 10.0)];
        let search = Search::timed([10, 128], 1.28, [4, 25_000], 2.0);
        let projection = Projection::new(&paper().unwrap(), &steps, &evaluations, &search).unwrap();
        assert_eq!((projection.steps, projection.evaluations), (500 * 195, 45 * 256));
        assert_eq!(projection.images_per_evaluation, 25_000);
        let (training, scoring) = (97_500.0 * 0.004, 11_520.0 * (25.0 * 0.050 + 0.010));
        assert!((projection.device_days - (training + scoring) / 86_400.0).abs() < 1e-9);
        assert!((projection.training_share - training / (training + scoring)).abs() < 1e-9);
        let searching = 97_500.0 * 128.0 * 0.001 + 11_520.0 * 0.5;
        assert!((projection.search_days - searching / 86_400.0).abs() < 1e-9);
    }
}
