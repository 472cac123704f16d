//! The loop that trains one network, from scratch or from the weights of a supernet: the recipe of DARTS (arXiv
//! 1806.09055, section 3.2) with cut-out, rising drop-path and an auxiliary head. What is due next follows from counters
//! alone, so a resumed run does what an undisturbed one would. Never looks at test images; prints nothing.

mod evaluate;
mod inherit;

use std::sync::atomic::{AtomicBool, Ordering};

use datasets::{Images, LastBatch, Loader, LoaderConfig, Order};
use kernels::Opened;
use space::Plan;
use supernet::{Backend, DropPath, Network};

use crate::config::CheckedRecipe;
use crate::event::{Epoch, Event, Phase, Step, Trained, TrainingStarted, Work};
use crate::observe::Observer;
use crate::run::guard::{self, Good, Guard};
use crate::run::images::{LeftOut, image_set, normalisation};
use crate::run::log::{Entry, Log};
use crate::run::saved::{Position, Saved};
use crate::run::supply::{self, Held};
use crate::run::{Hardware, Outcome, RunError};
use crate::run_dir::TrainingDir;

pub use evaluate::{ClassResult, Evaluation, evaluate};

/// Starts training in a new directory. It stops at the next step once `stop` is set.
pub fn start(
    directory: TrainingDir,
    hardware: &Hardware,
    observers: &mut [Box<dyn Observer>],
    stop: &AtomicBool,
) -> Result<Outcome<Trained>, RunError> {
    begin(directory, hardware, observers, stop, Entry::Fresh)
}

/// Continues training from the newest whole checkpoint, or from the beginning if there is none.
pub fn resume(
    directory: TrainingDir,
    hardware: &Hardware,
    observers: &mut [Box<dyn Observer>],
    stop: &AtomicBool,
) -> Result<Outcome<Trained>, RunError> {
    begin(directory, hardware, observers, stop, Entry::Checkpoint)
}

fn begin(
    directory: TrainingDir,
    hardware: &Hardware,
    observers: &mut [Box<dyn Observer>],
    stop: &AtomicBool,
    entry: Entry,
) -> Result<Outcome<Trained>, RunError> {
    match hardware.open_for(directory.config().device, directory.config().precision, observers)? {
        Opened::Cpu(cpu) => Training::new(cpu, directory, observers)?.enter(entry, stop),
        Opened::Cuda(cuda) => Training::new(cuda, directory, observers)?.enter(entry, stop),
    }
}

struct Training<'a, B: Backend> {
    recipe: CheckedRecipe,
    log: Log<'a, CheckedRecipe>,
    images: Loader,
    /// The set, which knows what files were left out.
    set: Images,
    left_out: LeftOut,
    /// The set on the backend, where that makes the batches.
    held: Held<B>,
    /// Name and fingerprint of the images.
    description: String,
    network: Network<B>,
    position: Position,
    /// Of the last whole epoch.
    last: Trained,
    guard: Guard<Trained>,
}

impl<'a, B: Backend> Training<'a, B> {
    fn new(
        backend: B,
        directory: TrainingDir,
        observers: &'a mut [Box<dyn Observer>],
    ) -> Result<Self, RunError> {
        let recipe = directory.config().clone();
        let set = image_set(&recipe.data.images(), &recipe.plan(), recipe.train_images())?;
        let description = set.description();
        let indices: Vec<usize> = (0..set.len()).collect();
        let config = LoaderConfig {
            batch: recipe.training.batch_size,
            order: Order::Shuffled,
            last: LastBatch::Drop,
            augmentation: recipe.augmentation(),
            normalisation: normalisation(recipe.data.source, &set, &indices)?,
            seed: recipe.seed,
        };
        let mut network = Network::new(backend, recipe.genotype(), &recipe.plan(), recipe.seed)?;
        network.set_auxiliary_weight(recipe.training.auxiliary_weight);
        network.set_label_smoothing(recipe.training.label_smoothing);
        let (images, held) = supply::open(set.clone(), indices, config, |images| network.gallery(images))?;
        Ok(Self {
            images,
            set,
            left_out: LeftOut::default(),
            held,
            description,
            network,
            position: Position::default(),
            last: Trained { loss: f64::NAN, accuracy: 0.0 },
            guard: Guard::default(),
            log: Log { directory: Some(directory), observers },
            recipe,
        })
    }

    fn enter(&mut self, entry: Entry, stop: &AtomicBool) -> Result<Outcome<Trained>, RunError> {
        match entry {
            Entry::Fresh => self.set_out()?,
            Entry::Checkpoint => self.restore()?,
        }
        self.carry_on(stop)
    }

    fn carry_on(&mut self, stop: &AtomicBool) -> Result<Outcome<Trained>, RunError> {
        self.guard.keep(Good { weights: self.network.state()?, position: self.position, rest: self.last });
        while self.position.epoch < self.recipe.training.epochs {
            match self.advance(stop) {
                Ok(true) => {}
                Ok(false) => {
                    self.log.tell(&Event::Interrupted)?;
                    return Ok(Outcome::Interrupted);
                }
                Err(error) => self.roll_back(error)?,
            }
        }
        self.log.tell(&Event::Trained(self.last))?;
        Ok(Outcome::Finished(self.last))
    }

    /// One epoch and its checkpoint; false if it was asked to stop in the middle.
    fn advance(&mut self, stop: &AtomicBool) -> Result<bool, RunError> {
        let is_whole = self.train_epoch(stop)?;
        self.checkpoint()?;
        Ok(is_whole)
    }

    /// Goes back to the last snapshot after a divergence; any other error comes back.
    fn roll_back(&mut self, error: RunError) -> Result<(), RunError> {
        let (good, event) = self.guard.catch(error, self.position)?;
        self.network.load(&good.weights)?;
        (self.position, self.last) = (good.position, good.rest);
        self.log.tell(&event)
    }

    /// Trains for one epoch; false if it was asked to stop in the middle.
    fn train_epoch(&mut self, stop: &AtomicBool) -> Result<bool, RunError> {
        let (training, epoch) = (&self.recipe.training, self.position.epoch);
        let sgd = self.position.slowed(training.descent().sgd(epoch));
        let probability = (training.drop_path * epoch as f64 / training.epochs as f64) as f32;
        let steps = self.images.steps();
        let mut batches = self.images.epoch(epoch as u64, self.position.step)?;
        while let Some(batch) = self.log.next_batch(&mut batches)? {
            if stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let step = self.position.step as u64;
            let drop_path = (probability > 0.0).then_some(DropPath {
                probability,
                seed: self.recipe.seed,
                epoch: epoch as u64,
                step,
            });
            let draws = supply::draws(batch);
            let images = supply::pixels(self.held.as_deref(), batch, &draws);
            let report = self.network.train_step(images, &batch.labels, &sgd, drop_path)?;
            self.position.step += 1;
            self.position.loss += report.loss;
            self.position.accuracy += report.accuracy;
            let step = self.position.step;
            let loss = self.position.loss / step as f64;
            let event = Event::Step(Step { phase: Phase::Training, epoch: epoch + 1, step, steps, loss });
            self.log.show(&event);
        }
        drop(batches);
        self.left_out.tell(LeftOut::of(&self.set), &mut self.log)?;
        let Position { loss, accuracy, halvings, checkpoint, .. } = self.position;
        self.last = Trained { loss: loss / steps as f64, accuracy: accuracy / steps as f64 };
        self.position = Position { epoch: epoch + 1, halvings, checkpoint, ..Position::default() };
        self.log.tell(&Event::Epoch(Epoch {
            phase: Phase::Training,
            epoch: epoch + 1,
            epochs: self.recipe.training.epochs,
            learning_rate: sgd.learning_rate,
            loss: self.last.loss,
            accuracy: self.last.accuracy,
        }))?;
        Ok(true)
    }

    fn checkpoint(&mut self) -> Result<(), RunError> {
        let weights = self.network.state()?;
        guard::check(&weights)?;
        self.position.checkpoint += 1;
        let last = [self.last.loss, self.last.accuracy];
        let saved = Saved { origin: self.origin(), position: self.position, rest: last };
        self.log.save(&weights, &saved)?;
        self.guard.keep(Good { weights, position: self.position, rest: self.last });
        Ok(())
    }

    fn restore(&mut self) -> Result<(), RunError> {
        let found = self.log.latest::<[f64; 2]>(&self.origin())?;
        match &found.checkpoint {
            None => self.set_out()?,
            Some(checkpoint) => {
                self.network.load(&checkpoint.weights)?;
                self.position = checkpoint.state.position;
                let [loss, accuracy] = checkpoint.state.rest;
                self.last = Trained { loss, accuracy };
            }
        }
        self.log.resumed(&found, self.position, 0, self.work())
    }

    /// Begins with fresh weights, or with inherited ones: those are kept at once, for the search may go on.
    fn set_out(&mut self) -> Result<(), RunError> {
        let inherited = match &self.recipe.inherit {
            Some(search) => Some(inherit::weights(search, &self.recipe, self.network.state()?)?),
            None => None,
        };
        let plan = Plan::stand_alone(self.recipe.genotype(), &self.recipe.plan())?;
        self.log.tell(&Event::TrainingStarted(TrainingStarted {
            name: self.recipe.name.clone(),
            config: self.recipe.digest(),
            seed: self.recipe.seed,
            data: self.description.clone(),
            train_images: self.set.len(),
            parameters: plan.parameters(),
            genotype: self.recipe.genotype().clone(),
            work: self.work(),
        }))?;
        if let Some(weights) = inherited {
            self.network.load(&weights)?;
            self.checkpoint()?;
        }
        Ok(())
    }

    fn origin(&self) -> [String; 2] {
        [self.recipe.digest(), self.description.clone()]
    }

    fn work(&self) -> Work {
        Work {
            epochs: self.recipe.training.epochs,
            warm_up_epochs: 0,
            steps_per_epoch: self.images.steps(),
            images_per_step: self.recipe.training.batch_size,
            generations: 0,
            evaluations_per_generation: 0,
            images_per_evaluation: 0,
        }
    }
}
