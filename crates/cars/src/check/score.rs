//! The supernet of a run, as its newest whole checkpoint has it, with the images that score architectures.

use std::sync::atomic::{AtomicBool, Ordering};

use evolution::{Individual, Snapshot};
use space::AnyArchitecture;
use supernet::{Backend, BatchNormStatistics, Supernet};

use crate::run::RunError;
use crate::run::images::SearchImages;
use crate::run::saved::Saved;
use crate::run_dir::RunDir;

/// A supernet that scores and is not trained.
pub(super) struct Scorer<B: Backend> {
    supernet: Supernet<B>,
    images: SearchImages<B>,
    population: Vec<Individual<AnyArchitecture>>,
}

impl<B: Backend> Scorer<B> {
    pub(super) fn new(backend: B, run_dir: &RunDir) -> Result<Self, RunError> {
        let config = run_dir.config();
        let found = run_dir.latest_checkpoint::<Saved<Snapshot<AnyArchitecture>>>()?;
        let checkpoint = found.checkpoint.ok_or(RunError::Untrained)?;
        let mut supernet = Supernet::of(backend, &config.supernet()?, config.seed)?;
        let images = SearchImages::load(config, &supernet)?;
        let origin = [config.digest(), images.description.clone()];
        RunError::check_origin(&checkpoint.file, &checkpoint.state.origin, &origin)?;
        supernet.load(&checkpoint.weights)?;
        Ok(Self { supernet, images, population: checkpoint.state.rest.population })
    }

    pub(super) fn population(&self) -> &[Individual<AnyArchitecture>] {
        &self.population
    }

    /// Images that the search updates weights with.
    pub(super) fn train_images(&self) -> usize {
        self.images.train_images
    }

    /// The accuracy of each on the validation images: with statistics measured anew, and with those all paths share. `None` if it
    /// was asked to stop.
    pub(super) fn scores(
        &mut self,
        architectures: &[AnyArchitecture],
        done: &mut dyn FnMut(),
        stop: &AtomicBool,
    ) -> Result<Option<Vec<[f64; 2]>>, RunError> {
        let Self { supernet, images: SearchImages { validation, recalibration, .. }, .. } = self;
        let mut scores = Vec::new();
        for architecture in architectures {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let anew = BatchNormStatistics::Recalibrated(recalibration);
            let recalibrated = supernet.evaluate(architecture, validation, anew)?.accuracy;
            // Statistics that no training ever fitted to a path may take its loss out of range: it scores as chance would.
            let running = match supernet.evaluate(architecture, validation, BatchNormStatistics::Running) {
                Ok(score) => score.accuracy,
                Err(supernet::SupernetError::NotFinite { .. }) => 0.0,
                Err(error) => return Err(error.into()),
            };
            scores.push([recalibrated, running]);
            done();
        }
        Ok(Some(scores))
    }
}
