//! The classifier behind the last cell: (ReLU →) global average pool → linear → softmax cross-entropy.

use crate::Activation;

/// Geometry of a classifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Applied to the inputs.
    pub activation: Activation,
    /// Input height in pixels.
    pub height: usize,
    /// Input width in pixels.
    pub width: usize,
    /// Channels of each input buffer.
    pub channels_in: Vec<usize>,
    /// Number of classes.
    pub classes: usize,
}

impl Head {
    /// Sum of the input buffers' channels.
    pub fn total_in(&self) -> usize {
        self.channels_in.iter().sum()
    }
}

/// What a classifier says of one batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Sum over the samples of the cross-entropy in nats.
    pub loss_sum: f64,
    /// Samples whose label has the largest logit (the first of equals wins).
    pub correct: usize,
}
