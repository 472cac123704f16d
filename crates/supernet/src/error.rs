//! What can go wrong while a network is built, trained or read back.

use kernels::KernelError;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SupernetError {
    /// The genotype and macro plan do not fit together.
    #[error(transparent)]
    Plan(#[from] space::Error),
    /// A kernel refused its call.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// The plan names a weight that the network does not hold.
    #[error(
        "the network has no parameter {name:?}; does the genotype use a primitive that the supernet was built without?"
    )]
    UnknownParameter {
        /// Name of the weight or batch-norm.
        name: String,
    },
    /// A batch that does not fit the network's input.
    #[error("a batch of {samples} images needs {expected} numbers ({samples} x {per_image}), got {got}")]
    Images {
        /// Labels in the batch.
        samples: usize,
        /// Numbers of one image.
        per_image: usize,
        /// Numbers expected.
        expected: usize,
        /// Numbers given.
        got: usize,
    },
    /// Loss or gradient is NaN or infinite.
    #[error(
        "training diverged: the {what} is {value} after {samples} samples of {genotype}; lower the learning rate"
    )]
    Diverged {
        /// `loss` or `gradient norm`.
        what: &'static str,
        /// The value found.
        value: f64,
        /// Samples of the batch.
        samples: usize,
        /// The path that was trained.
        genotype: String,
    },
    /// The loss of an evaluation is NaN or infinite, so its accuracy means nothing.
    #[error("the loss of an evaluation is {loss}: the shared weights have diverged; lower the learning rate")]
    NotFinite {
        /// The value found.
        loss: f64,
    },
    /// Words that no process of this program has written.
    #[error("a path's part of a step is garbled; do all processes run the same program?")]
    Contribution,
    /// A stored tensor is missing.
    #[error(
        "the stored weights lack {name:?}; were they written for another macro plan or another set of primitives?"
    )]
    MissingTensor {
        /// Name of the tensor.
        name: String,
    },
    /// A stored tensor has another length.
    #[error("stored tensor {name:?} has {got} numbers, this network needs {expected}")]
    TensorLength {
        /// Name of the tensor.
        name: String,
        /// Numbers needed.
        expected: usize,
        /// Numbers stored.
        got: usize,
    },
    /// Candle refused a conversion.
    #[cfg(feature = "candle")]
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
}
