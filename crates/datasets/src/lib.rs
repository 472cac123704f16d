//! Image sets for architecture search: the CIFAR binary formats, IDX, folders of JPEG and PNG files, a built-in procedural
//! set, splits, normalisation, augmentation, and a loader that prepares the next batches while one trains. Says what is in a
//! set, and fetches published ones.
//! Everything random names its stream, so threads, batch size and resuming cannot change a result.
//! This crate knows nothing of networks or tensors: batches are plain `f32` in NHWC order.

mod draw;

mod error;
mod image_set;

pub mod builtin;
pub mod cifar;
pub mod fetch;
mod folder;
pub mod idx;
mod images;
pub mod inspect;

mod augmentation;
mod colour;
mod loader;
mod normalisation;
mod prepare;
mod scale;
mod split;
mod vary;
mod window;

pub use augmentation::{Augmentation, Crop, Flip, Hole, Variation};
pub use colour::ColourJitter;
pub use error::DatasetError;
pub use folder::{Corrupt, Folder, FolderOptions, FolderPart, ImageFault, KEPT_BYTES};
pub use image_set::ImageSet;
pub use images::Images;
pub use loader::{Epoch, LastBatch, Loader, LoaderConfig, Order, Share};
pub use normalisation::Normalisation;
pub use prepare::{Batch, Draw};
pub use split::Split;
