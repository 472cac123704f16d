//! A short search through the library `cars`, as its users run it: what its parts took, and what came of it.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};
use cars::clock::Clock;
use cars::config::{Checked as _, CheckedConfig, Config};
use cars::event::Event;
use cars::observe::{Observer, Spent, Supply};
use cars::run::{self, Hardware, Outcome};
use cars::run_dir::RunDir;
use serde::Serialize;

use crate::site::Place;

/// What a search took.
#[derive(Debug, Serialize)]
pub(crate) struct Search {
    data: String,
    seconds: f64,
    /// Training, reading and varying images included.
    pub(crate) steps: usize,
    pub(crate) images_per_step: usize,
    pub(crate) step_seconds: f64,
    /// Scoring of architectures, recalibration included.
    pub(crate) evaluations: usize,
    pub(crate) images_per_evaluation: usize,
    pub(crate) evaluation_seconds: f64,
    front: usize,
    best_accuracy: f64,
}

/// Runs it in a new folder.
pub(crate) fn run(config: &CheckedConfig, place: &Place, folder: &Path) -> Result<Search> {
    let clock = Clock::start();
    let seen = Arc::new(Mutex::new(Seen::default()));
    let mut observers: Vec<Box<dyn Observer>> = vec![Box::new(Watch { clock, seen: Arc::clone(&seen) })];
    let hardware = Hardware { device: Some(place.device), cuda: place.cuda.clone() };
    let raw = config.raw().clone();
    let config = &Config { device: place.device, precision: place.cuda.precision, ..raw }.check()?;
    let run_dir = RunDir::create(folder, config)?;
    let Outcome::Finished(front) = run::start(run_dir, &hardware, &mut observers, &AtomicBool::new(false))?
    else {
        bail!("the search stopped before its end");
    };
    let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    let search = Search {
        data: seen.data.clone(),
        seconds: clock.elapsed().as_secs_f64(),
        steps: seen.steps,
        images_per_step: config.training.batch_size * config.training.paths_per_step,
        step_seconds: seen.spent.training().as_secs_f64(),
        evaluations: seen.evaluations,
        images_per_evaluation: config.validation_images(),
        evaluation_seconds: seen.spent.evaluation().as_secs_f64(),
        front: front.members.len(),
        best_accuracy: front.best_accuracy(),
    };
    println!("\nshort search on {}: {:.1} s; {}", search.data, search.seconds, seen.spent);
    println!(
        "{} networks in the front, the best classifies {:.1} % rightly",
        search.front,
        100.0 * search.best_accuracy
    );
    Ok(search)
}

/// What an observer has seen.
#[derive(Default)]
struct Seen {
    data: String,
    spent: Spent,
    steps: usize,
    evaluations: usize,
}

/// Notes when events come.
struct Watch {
    clock: Clock,
    seen: Arc<Mutex<Seen>>,
}

impl Observer for Watch {
    fn supply(&mut self, supply: Supply) {
        let now = self.clock.elapsed();
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).spent.supply(supply, now);
    }

    fn event(&mut self, event: &Event) {
        let now: Duration = self.clock.elapsed();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.spent.event(event, now);
        match event {
            Event::Started(started) => seen.data.clone_from(&started.data),
            Event::Step(_) => seen.steps += 1,
            Event::Generation(generation) => seen.evaluations += generation.evaluated,
            _ => {}
        }
    }
}

#[cfg(test)]
impl Search {
    /// Steps and evaluations, each with its images, and the seconds of all.
    pub(crate) fn timed(
        [steps, images_per_step]: [usize; 2],
        step_seconds: f64,
        [evaluations, images_per_evaluation]: [usize; 2],
        evaluation_seconds: f64,
    ) -> Self {
        Self {
            data: String::new(),
            seconds: step_seconds + evaluation_seconds,
            steps,
            images_per_step,
            step_seconds,
            evaluations,
            images_per_evaluation,
            evaluation_seconds,
            front: 0,
            best_accuracy: 0.0,
        }
    }
}
