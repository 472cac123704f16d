//! What of a run is in its checkpoints beside the weights.

use evolution::Snapshot;
use serde::{Deserialize, Serialize};
use space::Genotype;

/// Where a run stands: counters, and the sums of the epoch under way.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Position {
    /// Whole epochs done.
    pub(super) epoch: usize,
    /// Steps done in the epoch under way.
    pub(super) step: usize,
    /// Sum over these steps of the mean loss.
    pub(super) loss: f64,
    /// Sum over these steps of the accuracy.
    pub(super) accuracy: f64,
    /// Whether the generation under way has been bred.
    pub(super) bred: bool,
    /// Number of the last checkpoint.
    pub(super) checkpoint: u64,
}

/// What a checkpoint holds beside the weights.
#[derive(Serialize, Deserialize)]
pub(super) struct Saved {
    /// The config's digest and the images' fingerprint: a checkpoint continues only what it was made of.
    pub(super) origin: [String; 2],
    pub(super) position: Position,
    pub(super) search: Snapshot<Genotype>,
}
