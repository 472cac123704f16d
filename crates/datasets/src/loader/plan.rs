//! What the batches of any epoch are: the order of the images, and how those of one step are made, files side by side on the
//! folder's own threads. Everything follows from seed, epoch and place in the set. Starts no thread.

use super::{LastBatch, LoaderConfig, Order};
use crate::scale::Room;
use crate::vary::Vary;
use crate::{Batch, DatasetError, Images, draw};
use random::{Purpose, stream};
use rayon::prelude::*;

/// What the background thread reads; shared, never changed.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) images: Images,
    pub(super) indices: Vec<usize>,
    pub(super) config: LoaderConfig,
    /// Normalised values of bytes, one row a channel.
    pub(super) table: Vec<[f32; 256]>,
    pub(super) making: Making,
}

/// What a loader makes of its draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Making {
    Images,
    Draws,
}

impl Plan {
    pub(super) fn steps(&self) -> usize {
        match self.config.last {
            LastBatch::Keep => self.indices.len().div_ceil(self.config.batch),
            LastBatch::Drop => self.indices.len() / self.config.batch,
        }
    }

    /// The images of an epoch in the order it visits them.
    pub(super) fn order(&self, epoch: u64) -> Vec<usize> {
        let mut order = self.indices.clone();
        match self.config.order {
            Order::AsGiven => {}
            Order::Shuffled => {
                let mut rng = stream(self.config.seed, Purpose::Shuffle, epoch, 0);
                draw::shuffle(&mut rng, &mut order);
            }
        }
        order
    }

    /// Prepares the batch of one step. Files are decoded side by side; each image depends on its own stream only.
    pub(super) fn fill(
        &self,
        batch: &mut Batch,
        room: &mut Room,
        epoch: u64,
        step: usize,
        indices: &[usize],
    ) -> Result<(), DatasetError> {
        let [height, width, channels] = self.images.shape();
        let (augmentation, table) = (&self.config.augmentation, &self.table[..]);
        let vary = Vary { augmentation, table, seed: self.config.seed, epoch, height, width };
        let size = height * width * channels;
        match &self.images {
            Images::Memory(set) if augmentation.is_drawn_whole() => {
                let table = (self.making == Making::Images).then_some(table);
                batch.fill(set, table, step, indices, |index| vary.variation(index));
                Ok(())
            }
            Images::Memory(set) => {
                batch.begin(step, indices.len(), size);
                for (&index, out) in indices.iter().zip(batch.images.chunks_exact_mut(size)) {
                    vary.set(set, index, room, out);
                    batch.labels.push(u32::from(set.labels[index]));
                }
                Ok(())
            }
            Images::Folder(folder) => {
                batch.begin(step, indices.len(), size);
                let faults = folder.threads().install(|| {
                    let images = batch.images.par_chunks_exact_mut(size).zip(indices);
                    images
                        .map(|(out, &index)| {
                            folder.with_scratch(|scratch| vary.file(folder, index, scratch, out)).err()
                        })
                        .collect()
                });
                batch.close_ranks(folder, indices, faults)
            }
        }
    }
}
