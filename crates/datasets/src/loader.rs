//! Batches of one epoch, prepared on a background thread while the current one trains. Three buffers go round:
//! one is lent to the caller, up to two are ready or being filled; after the first steps nothing is allocated for images in
//! memory. Images in files are decoded by the folder's own threads, for two batches at a time (so there are four buffers).
//! The loader knows nothing of what the batches are for, and keeps no state between epochs but its buffers.

mod plan;
mod share;
mod worker;

use crate::{Augmentation, Batch, DatasetError, ImageSet, Images, Normalisation};
use plan::{Making, Plan};
pub use share::Share;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use worker::{Task, Worker};

/// In what order an epoch visits its images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As the indices were given, the same in each epoch.
    AsGiven,
    /// In a new random order each epoch.
    Shuffled,
}

/// What becomes of the images left over when the batch size does not divide their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastBatch {
    /// They form a shorter last batch.
    Keep,
    /// They sit this epoch out.
    Drop,
}

/// How a [`Loader`] makes batches.
#[derive(Debug, Clone, PartialEq)]
pub struct LoaderConfig {
    /// Images a batch.
    pub batch: usize,
    /// Order of the images.
    pub order: Order,
    /// Fate of a short last batch.
    pub last: LastBatch,
    /// Variation of each image.
    pub augmentation: Augmentation,
    /// Standardisation of each channel.
    pub normalisation: Normalisation,
    /// Names the streams of order and augmentation.
    pub seed: u64,
}

impl LoaderConfig {
    /// Shuffled, cropped and mirrored; the short last batch is kept.
    pub fn training(batch: usize, normalisation: Normalisation, seed: u64) -> Self {
        let (order, augmentation) = (Order::Shuffled, Augmentation::STANDARD);
        Self { batch, order, last: LastBatch::Keep, augmentation, normalisation, seed }
    }

    /// In order, unchanged but for the normalisation; the short last batch is kept.
    pub fn evaluation(batch: usize, normalisation: Normalisation) -> Self {
        let (order, augmentation) = (Order::AsGiven, Augmentation::NONE);
        Self { batch, order, last: LastBatch::Keep, augmentation, normalisation, seed: 0 }
    }
}

/// Makes the batches of any epoch of a set's images.
#[derive(Debug)]
pub struct Loader {
    plan: Arc<Plan>,
    spare: Vec<Batch>,
}

impl Loader {
    /// A loader of the images at `indices`. Everything that could go wrong later is checked here, but for the content of
    /// files.
    pub fn new(
        images: impl Into<Images>,
        indices: Vec<usize>,
        config: LoaderConfig,
    ) -> Result<Self, DatasetError> {
        Self::with(images.into(), indices, config, Making::Images)
    }

    /// The same, but batches have draws and labels only: for whoever has the set and its normalised values at hand, and
    /// makes the images there.
    ///
    /// # Errors
    /// Also if images are varied by more than draws can say: see [`Augmentation::is_drawn_whole`].
    pub fn of_draws(
        set: Arc<ImageSet>,
        indices: Vec<usize>,
        config: LoaderConfig,
    ) -> Result<Self, DatasetError> {
        if !config.augmentation.is_drawn_whole() {
            return Err(DatasetError::MoreThanDraws);
        }
        Self::with(set.into(), indices, config, Making::Draws)
    }

    fn with(
        images: Images,
        indices: Vec<usize>,
        config: LoaderConfig,
        making: Making,
    ) -> Result<Self, DatasetError> {
        images.check()?;
        let [height, width, channels] = images.shape();
        config.normalisation.check(channels)?;
        config.augmentation.check(height, width, channels)?;
        indices.iter().try_for_each(|&index| images.check_index(index))?;
        if indices.is_empty() {
            return Err(DatasetError::Empty { what: "a loader" });
        }
        if config.batch == 0 || (config.last == LastBatch::Drop && config.batch > indices.len()) {
            return Err(DatasetError::BatchSize { batch: config.batch, images: indices.len() });
        }
        let table = config.normalisation.table();
        Ok(Self { plan: Arc::new(Plan { images, indices, config, table, making }), spare: Vec::new() })
    }

    /// Number of batches an epoch.
    pub fn steps(&self) -> usize {
        self.plan.steps()
    }

    /// Number of images an epoch; those of a dropped last batch are not counted.
    pub fn images(&self) -> usize {
        match self.plan.config.last {
            LastBatch::Keep => self.plan.indices.len(),
            LastBatch::Drop => self.steps() * self.plan.config.batch,
        }
    }

    /// Starts `epoch` at `first_step` (0 for its beginning). The batches are the same wherever one starts.
    pub fn epoch(&mut self, epoch: u64, first_step: usize) -> Result<Epoch<'_>, DatasetError> {
        self.share_of_epoch(epoch, first_step, &Share::ALL)
    }

    /// The same, but only the batches of a share are made: the others are for other readers.
    pub fn share_of_epoch(
        &mut self,
        epoch: u64,
        first_step: usize,
        share: &Share,
    ) -> Result<Epoch<'_>, DatasetError> {
        let all = self.steps();
        if first_step > all {
            return Err(DatasetError::Step { step: first_step, steps: all });
        }
        let steps = share.steps(first_step, all);
        let (order, stop) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let count = if self.plan.images.are_files() { FILE_WORKERS } else { 1 };
        let mut workers = Vec::new();
        for first in 0..count {
            let (plan, order, stop) = (Arc::clone(&self.plan), Arc::clone(&order), Arc::clone(&stop));
            let steps = steps.iter().copied().skip(first).step_by(count).collect();
            let task = Task { plan, epoch, steps, order, stop };
            let buffers = if count > 1 { 2 } else { 3 };
            workers.push(Worker::start(task, buffers, &mut self.spare)?);
        }
        let steps = steps.into_iter();
        Ok(Epoch { spare: &mut self.spare, workers, stop, lent: None, taken: 0, steps })
    }
}

/// Threads that prepare batches of files, in turn: what is left of one batch would not keep all decoders busy.
const FILE_WORKERS: usize = 2;

/// The rest of one epoch. Dropping it stops the background threads and waits for their current batches.
#[derive(Debug)]
pub struct Epoch<'a> {
    spare: &'a mut Vec<Batch>,
    /// The batches come from each in turn.
    workers: Vec<Worker>,
    stop: Arc<AtomicBool>,
    lent: Option<Batch>,
    /// How many were taken.
    taken: usize,
    /// The steps whose batches were not taken yet.
    steps: std::vec::IntoIter<usize>,
}

impl Epoch<'_> {
    /// The next batch, or `None` at the end of the epoch. The batch is lent until the next call.
    ///
    /// # Errors
    /// If a file cannot be decoded, or a background thread panicked. The epoch is over then; the loader stays usable.
    pub fn next_batch(&mut self) -> Result<Option<&Batch>, DatasetError> {
        if let Some(done) = self.lent.take() {
            let lender = (self.taken - 1) % self.workers.len();
            // A thread that has made its last batch takes none back: the buffer waits for the next epoch.
            self.spare.extend(self.workers[lender].give_back(done));
        }
        let Some(&step) = self.steps.as_slice().first() else { return Ok(None) };
        match self.workers[self.taken % self.workers.len()].take.recv() {
            Ok(Ok(batch)) => {
                self.steps.next();
                self.taken += 1;
                Ok(Some(self.lent.insert(batch)))
            }
            Ok(Err(error)) => {
                self.finish();
                Err(error)
            }
            Err(_) => Err(DatasetError::Panicked { step, message: self.finish() }),
        }
    }

    /// Batches not yet taken.
    pub fn remaining(&self) -> usize {
        self.steps.len()
    }

    /// Stops the threads, collects the buffers, and returns the last words of one that panicked.
    fn finish(&mut self) -> String {
        self.stop.store(true, Ordering::Relaxed);
        self.spare.extend(self.lent.take());
        let ends: Vec<_> = self.workers.iter_mut().map(|worker| worker.end(self.spare)).collect();
        ends.into_iter().flatten().next().unwrap_or_else(|| "it had already ended".to_owned())
    }
}

impl Drop for Epoch<'_> {
    fn drop(&mut self) {
        self.finish();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_panic_of_the_thread_reaches_the_caller_and_the_loader_survives() {
        let set = ImageSet {
            name: "short".into(),
            height: 1,
            width: 1,
            channels: 1,
            class_names: vec!["only".into()],
            pixels: vec![0; 2],
            labels: vec![0; 4],
        };
        let normalisation = Normalisation { mean: vec![0.0], std: vec![1.0] };
        let config = LoaderConfig::evaluation(1, normalisation);
        let table = config.normalisation.table();
        // Past the checks of `Loader::new`: images 2 and 3 have no pixels.
        let (images, making) = (set.into(), Making::Images);
        let plan = Plan { images, indices: vec![0, 1, 2, 3], config, table, making };
        let mut loader = Loader { plan: Arc::new(plan), spare: Vec::new() };
        for _ in 0..2 {
            let mut epoch = loader.epoch(0, 0).unwrap();
            assert_eq!(epoch.next_batch().unwrap().unwrap().step, 0);
            assert_eq!(epoch.next_batch().unwrap().unwrap().step, 1);
            let error = epoch.next_batch().unwrap_err();
            assert!(
                matches!(&error, DatasetError::Panicked { step: 2, message } if message.contains("range")),
                "{error}"
            );
            assert!(epoch.next_batch().is_err(), "a later call fails too instead of hanging");
        }
    }
}
