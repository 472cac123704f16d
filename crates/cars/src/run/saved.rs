//! What of a run is in its checkpoints beside the weights.

use serde::{Deserialize, Serialize};

/// Where a run stands: counters, and the sums of the epoch under way.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Position {
    /// Whole epochs done.
    pub(crate) epoch: usize,
    /// Steps done in the epoch under way.
    pub(crate) step: usize,
    /// Sum over these steps of the mean loss.
    pub(crate) loss: f64,
    /// Sum over these steps of the accuracy.
    pub(crate) accuracy: f64,
    /// Whether the generation under way has been bred.
    pub(crate) bred: bool,
    /// How often the learning rate was halved because training diverged.
    pub(crate) halvings: u32,
    /// Number of the last checkpoint.
    pub(crate) checkpoint: u64,
}

/// What a checkpoint holds beside the weights; `S` is what only one kind of run has.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved<S> {
    /// The config's digest and the images' fingerprint: a checkpoint continues only what it was made of.
    pub(crate) origin: [String; 2],
    pub(crate) position: Position,
    pub(crate) rest: S,
}
