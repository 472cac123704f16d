//! THE loop of CARS (CVPR 2020, algorithm 1; arXiv 1909.04977): warm up, then train, breed, evaluate and select until the
//! epochs are done, weights and population both carried over. What is due next follows from counters alone, so a
//! resumed run does what an undisturbed one would. Prints nothing; observers are told.

mod begin;
mod error;
mod evolve;
pub(crate) mod guard;
mod hardware;
pub(crate) mod images;
mod latency;
pub(crate) mod log;
pub(crate) mod measure;
mod paths;
pub(crate) mod saved;
mod step;
pub(crate) mod supply;
pub(crate) mod team;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};

use evolution::{Search, Snapshot};
use space::{AnyArchitecture, AnySpace};
use supernet::{Backend, Supernet};

use crate::config::CheckedConfig;
use crate::event::{Epoch, Event, Finished, Generation, Phase, Started, Step, Work};
use crate::front::Front;

pub use begin::{follow, lead, resume, start};
pub use error::RunError;
use guard::{Good, Guard};
pub use hardware::Hardware;
use images::{LeftOut, SearchImages};
pub use kernels::cuda::CudaOptions;
use latency::Predictor;
pub use log::Entry;
use log::Log;
use measure::Measure;
use saved::{Position, Saved};
pub use team::{Reduction, Team};

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<T = Front> {
    /// All epochs are done.
    Finished(T),
    /// It was asked to stop; a checkpoint is on disk.
    Interrupted,
}

/// Whether a part of the run was completed or asked to stop.
#[derive(PartialEq, Eq)]
enum Progress {
    Done,
    Stopped,
}

struct Run<'a, B: Backend> {
    team: Team<'a>,
    config: CheckedConfig,
    log: Log<'a, CheckedConfig>,
    images: SearchImages<B>,
    left_out: LeftOut,
    supernet: Supernet<B>,
    search: Search<AnySpace>,
    measure: Measure,
    position: Position,
    guard: Guard<Snapshot<AnyArchitecture>>,
}

impl<'a, B: Backend> Run<'a, B> {
    fn new(
        backend: B,
        config: CheckedConfig,
        table: Option<&str>,
        log: Log<'a, CheckedConfig>,
        team: Team<'a>,
    ) -> Result<Self, RunError> {
        let supernet = Supernet::of(backend, &config.supernet()?, config.seed)?;
        Ok(Self {
            images: SearchImages::load(&config, &supernet)?,
            left_out: LeftOut::default(),
            search: Search::new(
                config.search_space().clone(),
                config.evolution_settings().clone(),
                config.seed,
            )?,
            measure: Measure::new(&config, Predictor::of(&config, table)?)?,
            supernet,
            position: Position::default(),
            guard: Guard::default(),
            log,
            team,
            config,
        })
    }

    fn enter(&mut self, entry: Entry, stop: &AtomicBool) -> Result<Outcome, RunError> {
        self.team.agree("images", self.images.description.as_bytes())?;
        match entry {
            Entry::Fresh => self.tell_started()?,
            Entry::Checkpoint => self.restore()?,
        }
        self.start_alike()?;
        self.keep()?;
        self.carry_on(stop)
    }

    fn carry_on(&mut self, stop: &AtomicBool) -> Result<Outcome, RunError> {
        while self.position.epoch < self.config.training.epochs || self.generation_is_due() {
            match self.advance(stop) {
                Ok(Progress::Done) => {}
                Ok(Progress::Stopped) => {
                    self.log.tell(&Event::Interrupted)?;
                    return Ok(Outcome::Interrupted);
                }
                Err(error) => self.roll_back(error)?,
            }
        }
        let front = self.write_measured_front()?;
        self.log.tell(&Event::Finished(Finished {
            front: front.members.len(),
            best_accuracy: front.best_accuracy(),
            hypervolume: front.hypervolume,
        }))?;
        Ok(Outcome::Finished(front))
    }

    /// One epoch or generation, and its checkpoint.
    fn advance(&mut self, stop: &AtomicBool) -> Result<Progress, RunError> {
        let progress = if self.generation_is_due() { self.evolve(stop)? } else { self.train_epoch(stop)? };
        self.checkpoint()?;
        Ok(progress)
    }

    /// After the warm-up, one generation follows every `interval` epochs of training.
    fn generation_is_due(&self) -> bool {
        let trained = self.position.epoch.saturating_sub(self.config.training.warm_up_epochs);
        (self.search.generation().0 as usize) < trained / self.config.evolution.interval
    }

    /// Trains the shared weights for one epoch: random paths while warming up, then paths of the population.
    fn train_epoch(&mut self, stop: &AtomicBool) -> Result<Progress, RunError> {
        let training = &self.config.training;
        let epoch = self.position.epoch;
        let phase = if epoch < training.warm_up_epochs { Phase::WarmUp } else { Phase::Evolution };
        let sgd = self.position.slowed(training.descent().sgd(epoch));
        let steps = self.steps_per_epoch();
        let first_batch = self.position.step * training.paths_per_step;
        let share = step::share(self.team, training.paths_per_step);
        let mut batches = self.images.train.share_of_epoch(epoch as u64, first_batch, &share)?;
        while self.position.step < steps {
            if self.team.any(stop.load(Ordering::Relaxed))? {
                return Ok(Progress::Stopped);
            }
            let paths = paths::choose(phase, &self.config, &self.search, epoch, self.position.step);
            let held = self.images.held.as_deref();
            let (supernet, log) = (&mut self.supernet, &mut self.log);
            let report = step::step(supernet, &paths, &mut batches, held, self.team, &sgd, log)?;
            self.position.step += 1;
            self.position.loss += report.loss;
            self.position.accuracy += report.accuracy;
            let done = self.position.step;
            let loss = self.position.loss / done as f64;
            let event = Event::Step(Step { phase, epoch: epoch + 1, step: done, steps, loss });
            self.log.show(&event);
        }
        drop(batches);
        let left_out = self.team.gather(&LeftOut::of(&self.images.set))?.concat();
        self.left_out.tell(left_out, &mut self.log)?;
        let Position { loss, accuracy, halvings, checkpoint, .. } = self.position;
        self.position = Position { epoch: epoch + 1, halvings, checkpoint, ..Position::default() };
        self.log.tell(&Event::Epoch(Epoch {
            phase,
            epoch: epoch + 1,
            epochs: self.config.training.epochs,
            learning_rate: sgd.learning_rate,
            loss: loss / steps as f64,
            accuracy: accuracy / steps as f64,
        }))?;
        Ok(Progress::Done)
    }

    fn write_front(&self) -> Result<Front, RunError> {
        let front = Front::new(&self.config, &self.current()?);
        self.log.write_front(&front)?;
        Ok(front)
    }

    /// The last front; if latency is an objective, with its networks timed on this machine.
    fn write_measured_front(&mut self) -> Result<Front, RunError> {
        let generation = self.current()?;
        if self.log.directory.is_none() {
            return self.write_front();
        }
        let Some(timed) = self.measure.timed(&self.config, &generation)? else { return self.write_front() };
        let front = Front::measured(&self.config, generation, &timed);
        self.log.write_front(&front)?;
        self.log.tell(&Event::Measured(timed))?;
        Ok(front)
    }

    fn current(&self) -> Result<Generation, RunError> {
        let evaluated = self.search.population().len();
        self.measure.generation(&self.config, &self.search, self.position.epoch, evaluated)
    }

    fn checkpoint(&mut self) -> Result<(), RunError> {
        let weights = self.supernet.state()?;
        guard::check(&weights)?;
        self.agree_on(&weights)?;
        self.position.checkpoint += 1;
        let saved = Saved { origin: self.origin(), position: self.position, rest: self.search.snapshot() };
        self.log.save(&weights, &saved)?;
        self.guard.keep(Good { weights, position: saved.position, rest: saved.rest });
        Ok(())
    }

    /// Takes the snapshot that the run goes back to if it diverges before its next checkpoint.
    fn keep(&mut self) -> Result<(), RunError> {
        let (weights, rest) = (self.supernet.state()?, self.search.snapshot());
        self.guard.keep(Good { weights, position: self.position, rest });
        Ok(())
    }

    /// Goes back to the last snapshot after a divergence; any other error comes back.
    fn roll_back(&mut self, error: RunError) -> Result<(), RunError> {
        let (good, event) = self.guard.catch(error, self.position)?;
        self.supernet.load(&good.weights)?;
        self.search = Search::restore(self.config.search_space().clone(), good.rest)?;
        self.position = good.position;
        self.log.tell(&event)
    }

    fn restore(&mut self) -> Result<(), RunError> {
        let found = self.log.latest::<Snapshot<AnyArchitecture>>(&self.origin())?;
        match &found.checkpoint {
            None => self.tell_started()?,
            Some(checkpoint) => {
                self.supernet.load(&checkpoint.weights)?;
                self.search =
                    Search::restore(self.config.search_space().clone(), checkpoint.state.rest.clone())?;
                self.position = checkpoint.state.position;
            }
        }
        let generation = self.search.generation().0 as usize;
        self.log.resumed(&found, self.position, generation, self.work())
    }

    fn tell_started(&mut self) -> Result<(), RunError> {
        let event = Event::Started(Started {
            name: self.config.name.clone(),
            config: self.config.digest(),
            seed: self.config.seed,
            data: self.images.description.clone(),
            train_images: self.images.train_images,
            validation_images: self.images.validation_images,
            objectives: self.config.objectives().to_vec(),
            work: self.work(),
        });
        self.log.tell(&event)
    }

    fn origin(&self) -> [String; 2] {
        [self.config.digest(), self.images.description.clone()]
    }

    /// Each step takes a batch for each of its paths.
    fn steps_per_epoch(&self) -> usize {
        self.images.train.steps() / self.config.training.paths_per_step
    }

    fn work(&self) -> Work {
        let evolution = self.config.evolution_settings();
        let recalibration = self.config.evaluation.recalibrated_on(self.images.train_images);
        Work {
            epochs: self.config.training.epochs,
            warm_up_epochs: self.config.training.warm_up_epochs,
            steps_per_epoch: self.steps_per_epoch(),
            images_per_step: self.config.training.batch_size * self.config.training.paths_per_step,
            generations: self.config.generations(),
            evaluations_per_generation: evolution.raw().population + evolution.offspring(),
            images_per_evaluation: self.images.validation_images + recalibration,
        }
    }
}
