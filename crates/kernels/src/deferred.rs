//! Batch-norms that are not applied where they are measured but where their output is read or added, and whose gradient's sums
//! are made where that gradient is completed: each spares a pass over whole feature maps.

/// The batch-norm of a value that a block wrote with [`crate::Normalise::Deferred`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deferred {
    /// Mean and variance, among the values.
    pub statistics: [usize; 2],
    /// Learned scale and shift, among the weights.
    pub learned: Option<[usize; 2]>,
}

/// A deferred value that a block normalises and adds to its output, which spares a pass over both.
#[derive(Debug)]
pub struct Addend<'a, B> {
    /// Which of the values, shaped like the output.
    pub value: usize,
    /// Its batch-norm.
    pub norm: Deferred,
    /// One factor per sample, `[n]`.
    pub sample_scale: Option<&'a B>,
}

/// Sums that the gradient of a batch-norm begins with, made by the call that completes the gradient by the output of that
/// batch-norm, while both are at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GradientSums {
    /// Which of the call's inputs the gradient belongs to.
    pub input: usize,
    /// Linear output of the batch-norm, among the values.
    pub linear: usize,
    /// Its mean, among the values.
    pub mean: usize,
    /// Where the sums go, among the gradient buffers: per channel, of the gradient and of its product with the centred linear
    /// output, `[2, channels]`.
    pub to: usize,
}
