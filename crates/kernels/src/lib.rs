//! Fused block operations of the DARTS cell space, forward and backward, in NHWC layout, behind one [`Backend`] trait.
//!
//! A [`Block`] is (ReLU →) linear stage (→ batch-norm) on dense `[batch, height, width, channels]` buffers.
//! [`Reference`] is the naive double-precision oracle, [`Cpu`] the fast one, [`Cuda`] the one for NVIDIA devices; the same operations are candle custom
//! operations in [`candle`]. This crate knows nothing of architectures, data sets, optimiser schedules or files.

mod backend;
mod block;
#[cfg(feature = "candle")]
pub mod candle;
mod cpu;
pub mod cuda;
mod deferred;
mod device;
mod error;
mod gallery;
mod head;
mod precision;
mod reference;

pub use backend::{
    Backend, Backward, Blend, Classify, ClassifyBackward, Forward, Gradients, Normalise, Saved, SgdStep,
    Store,
};
pub use block::{Activation, BATCH_NORM_EPSILON, Block, BlockKind, Norm};
pub use cpu::{Cpu, CpuBuffer, SimdLevel};
pub use cuda::{Cuda, CudaError};
pub use deferred::{Addend, Deferred, GradientSums};
pub use device::{Device, Opened, UnknownDevice};
pub use error::KernelError;
pub use gallery::{Draw, Gallery, Images};
pub use head::{Head, Outcome};
pub use precision::{Precision, UnknownPrecision};
pub use reference::Reference;
