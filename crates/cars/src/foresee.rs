//! What a run will take before it is begun: a shortened run of the same config, in which every kind of work occurs, is timed,
//! and its paces are multiplied by the work of the whole. Observes; the shortened run is the caller's to start.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use crate::clock::Clock;
use crate::config::{Checked as _, CheckedConfig, CheckedRecipe, Config, Recipe};
use crate::event::{Event, Phase};
use crate::observe::Observer;

/// Steps of an epoch in a shortened run; the first of each kind also pays for memory and caches and does not count.
const STEPS: usize = 8;

/// Individuals of a shortened search, beside their offspring. A larger population has more in common, so an evaluation in it takes
/// rather less than is foretold.
const POPULATION: usize = 8;

/// How much of each kind of work there is in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// Steps on random paths.
    pub warm_up: usize,
    /// Steps on paths of the population, or on the one network.
    pub training: usize,
    /// Networks evaluated.
    pub evaluations: usize,
    /// Epochs and generations, each with its checkpoint.
    pub checkpoints: usize,
}

/// The mean times of a shortened run, by kind of work.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Paces {
    warm_up: Pace,
    training: Pace,
    evaluation: Pace,
    checkpoint: Pace,
    /// Until the images are there and the network is made.
    start: Duration,
}

/// Seconds by kind of work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Times {
    /// Until the images are there and the network is made.
    pub start: f64,
    /// Training steps.
    pub steps: f64,
    /// Evaluations.
    pub evaluations: f64,
    /// Checkpoints.
    pub checkpoints: f64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Pace {
    seconds: f64,
    pieces: usize,
}

/// Times a shortened run; what it has found can be read through its copies.
#[derive(Debug, Clone)]
pub struct Timer {
    clock: Clock,
    state: Rc<RefCell<State>>,
}

#[derive(Debug, Default)]
struct State {
    paces: Paces,
    last: Duration,
    /// Networks of this generation, so far.
    evaluated: usize,
}

impl Amount {
    /// Of a whole search.
    pub fn of_search(config: &CheckedConfig) -> Self {
        let (training, evolution) = (&config.training, config.evolution_settings());
        let steps = config.train_images() / (training.batch_size * training.paths_per_step);
        let generations = config.generations();
        Self {
            warm_up: training.warm_up_epochs * steps,
            training: (training.epochs - training.warm_up_epochs) * steps,
            evaluations: generations * (evolution.raw().population + evolution.offspring()),
            checkpoints: training.epochs + generations,
        }
    }

    /// Of the whole training of a network.
    pub fn of_training(recipe: &CheckedRecipe) -> Self {
        let epochs = recipe.training.epochs;
        let steps = recipe.train_images() / recipe.training.batch_size;
        Self { warm_up: 0, training: epochs * steps, evaluations: 0, checkpoints: epochs }
    }
}

impl Paces {
    /// How long so much work takes.
    pub fn time(&self, amount: Amount) -> Duration {
        let Times { start, steps, evaluations, checkpoints } = self.times(amount);
        Duration::try_from_secs_f64(start + steps + evaluations + checkpoints).unwrap_or(Duration::MAX)
    }

    /// The same by kind of work.
    pub fn times(&self, amount: Amount) -> Times {
        let time = |pace: Pace, pieces: usize| pace.mean() * pieces as f64;
        Times {
            start: self.start.as_secs_f64(),
            steps: time(self.warm_up, amount.warm_up) + time(self.training, amount.training),
            evaluations: time(self.evaluation, amount.evaluations),
            checkpoints: time(self.checkpoint, amount.checkpoints),
        }
    }
}

impl Pace {
    fn measure(&mut self, time: Duration, pieces: usize) {
        self.seconds += time.as_secs_f64();
        self.pieces += pieces;
    }

    fn mean(self) -> f64 {
        self.seconds / self.pieces.max(1) as f64
    }
}

impl Timer {
    /// Starts to time.
    pub fn start() -> Self {
        Self { clock: Clock::start(), state: Rc::default() }
    }

    /// What was found so far.
    pub fn paces(&self) -> Paces {
        self.state.borrow().paces
    }
}

impl Observer for Timer {
    fn event(&mut self, event: &Event) {
        let now = self.clock.elapsed();
        self.state.borrow_mut().event(event, now);
    }
}

impl State {
    fn event(&mut self, event: &Event, now: Duration) {
        let since = now.saturating_sub(std::mem::replace(&mut self.last, now));
        let paces = &mut self.paces;
        match event {
            Event::Started(_) | Event::TrainingStarted(_) => paces.start = now,
            Event::Step(step) if step.step == 1 => {}
            Event::Step(step) if step.phase == Phase::WarmUp => paces.warm_up.measure(since, 1),
            Event::Step(_) => paces.training.measure(since, 1),
            Event::Evaluating(evaluating) => {
                let before = std::mem::replace(&mut self.evaluated, evaluating.done);
                paces.evaluation.measure(since, evaluating.done.saturating_sub(before));
            }
            Event::Generation(_) => {
                self.evaluated = 0;
                paces.checkpoint.measure(since, 0);
            }
            Event::Checkpoint { .. } => paces.checkpoint.measure(since, 1),
            _ => paces.checkpoint.measure(since, 0),
        }
    }
}

/// The shortened search of a config: a warm-up epoch, an epoch of evolution, one generation; batches, paths, networks and
/// validation images as in the whole.
pub fn shortened_search(config: &CheckedConfig) -> Config {
    let mut short = config.raw().clone();
    short.training.warm_up_epochs = short.training.warm_up_epochs.min(1);
    // A search has two epochs at least.
    short.training.epochs = (short.training.warm_up_epochs + 1).max(2);
    short.evolution.interval = 1;
    short.evolution.population =
        short.evolution.population.min(POPULATION.max(short.training.paths_per_step));
    // Recalibration takes its images from the training images.
    let images_per_step = short.training.batch_size * short.training.paths_per_step;
    let least = steps_of(config.train_images(), images_per_step);
    short.data.train = least.max(short.evaluation.recalibration_images.min(config.train_images()));
    short.data.validation = config.validation_images();
    short
}

/// The shortened training of a recipe: one epoch.
pub fn shortened_training(recipe: &CheckedRecipe) -> Recipe {
    let mut short = recipe.raw().clone();
    short.training.epochs = 1;
    short.data.train = steps_of(recipe.train_images(), short.training.batch_size);
    short
}

/// Bytes that the training images of a search take in memory.
pub fn images_of_search(config: &CheckedConfig) -> usize {
    config.data.images().memory(config.train_images())
}

/// Bytes that the images of a training take in memory.
pub fn images_of_training(recipe: &CheckedRecipe) -> usize {
    recipe.data.images().memory(recipe.train_images())
}

fn steps_of(images: usize, batch: usize) -> usize {
    images.min(STEPS * batch)
}

#[cfg(test)]
impl Paces {
    /// Seconds of a warm-up step, another step, an evaluation, a checkpoint; and of the start.
    pub(crate) fn of_seconds(each: [f64; 4], start: f64) -> Self {
        let [warm_up, training, evaluation, checkpoint] = each.map(|seconds| Pace { seconds, pieces: 1 });
        Self { warm_up, training, evaluation, checkpoint, start: Duration::from_secs_f64(start) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Evaluating, Generation, Step};

    #[test]
    fn paces_are_multiplied_by_the_work_and_first_steps_are_left_out() {
        let mut state = State::default();
        let mut now = 0.0;
        let mut tell = |event: Event, seconds: f64| {
            now += seconds;
            state.event(&event, Duration::from_secs_f64(now));
        };
        let step = |phase, step| Event::Step(Step { phase, epoch: 1, step, steps: 3, loss: 1.0 });
        let evaluating = |done| Event::Evaluating(Evaluating { done, total: 3 });
        for (phase, seconds) in [(Phase::WarmUp, 1.0), (Phase::Evolution, 2.0)] {
            tell(step(phase, 1), 50.0);
            tell(step(phase, 2), seconds);
            tell(step(phase, 3), seconds);
            tell(Event::Checkpoint { file: String::new() }, 0.5);
        }
        let generation = Generation {
            generation: 1,
            generations: 2,
            epoch: 1,
            evaluated: 3,
            individuals: Vec::new(),
            front: Vec::new(),
            hypervolume: 0.0,
            reference: Vec::new(),
        };
        for seconds in [9.0, 6.0] {
            tell(evaluating(2), seconds);
            tell(evaluating(3), 4.5);
            tell(Event::Generation(generation.clone()), 0.0);
        }
        let amount = Amount { warm_up: 10, training: 100, evaluations: 1000, checkpoints: 2 };
        assert_eq!(state.paces.time(amount), Duration::from_secs(10 + 200 + 4000 + 1));
    }

    #[test]
    fn a_search_without_warm_up_can_be_shortened() {
        let mut config = Config::default();
        config.training.warm_up_epochs = 0;
        let short = shortened_search(&config.check().unwrap()).check().unwrap();
        assert_eq!((short.training.warm_up_epochs, short.generations()), (0, 2));
    }
}
