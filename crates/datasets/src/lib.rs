//! Image sets for architecture search: the CIFAR binary formats, a built-in procedural set, splits,
//! normalisation, augmentation, and a loader that prepares the next batches while one trains.
//! Everything random names its stream, so threads, batch size and resuming cannot change a result.
//! This crate knows nothing of networks or tensors: batches are plain `f32` in NHWC order.

mod draw;

mod error;
mod image_set;

pub mod builtin;
pub mod cifar;

mod augmentation;
mod loader;
mod normalisation;
mod prepare;
mod split;

pub use augmentation::{Augmentation, Flip, Hole, Variation};
pub use error::DatasetError;
pub use image_set::ImageSet;
pub use loader::{Epoch, LastBatch, Loader, LoaderConfig, Order};
pub use normalisation::Normalisation;
pub use prepare::{Batch, Draw, EvaluationBatches, evaluation_batches};
pub use split::Split;
