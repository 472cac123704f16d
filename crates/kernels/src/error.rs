//! What can go wrong in a kernel call.

use crate::{Block, CudaError};

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KernelError {
    /// A block that cannot exist.
    #[error("impossible block {block:?}: {reason}")]
    Geometry {
        /// The block.
        block: Box<Block>,
        /// The rule it breaks.
        reason: &'static str,
    },
    /// A buffer shorter than the call needs.
    #[error("{what}: expected at least {expected} elements, got {got}")]
    Length {
        /// Which buffer.
        what: &'static str,
        /// Elements the call needs.
        expected: usize,
        /// Elements the buffer has.
        got: usize,
    },
    /// A label that names no class.
    #[error("label {label} of sample {sample} is outside the {classes} classes")]
    Label {
        /// Position in the batch.
        sample: usize,
        /// The label found.
        label: u32,
        /// Number of classes.
        classes: usize,
    },
    /// A gradient that would be written twice.
    #[error("buffer {index} is named twice among the inputs; its gradient needs one name")]
    Repeated {
        /// Index of the buffer.
        index: usize,
    },
    /// A draw of an image that the set does not have.
    #[error("image {index} of a batch is not among the {images} images that lie on the device")]
    Image {
        /// The image asked for.
        index: usize,
        /// Images there are.
        images: usize,
    },
    /// A batch-norm left to the reader of its output, on a backend that does not do this.
    #[error(
        "this backend applies batch-norms where they are measured; only one whose `defers` is true can leave them to readers"
    )]
    Deferred,
    /// The CUDA device, its driver or compiler.
    #[error(transparent)]
    Cuda(#[from] CudaError),
}
