//! Weight-sharing supernet and stand-alone networks, compiled from one [`space::Plan`] to a tape of fused kernel calls
//! over reused memory (CARS: Yang et al., CVPR 2020, arXiv 1909.04977). This crate does not know selection, data sets or files.

mod supernet;

mod contribution;

mod network;

#[cfg(feature = "candle")]
mod candle;

mod single_layer;

mod state;

mod schedule;

mod model;

mod lane;

mod lower;

mod merge;

mod compile;

mod tape;

mod execute;

mod arena;

mod parameters;

mod statistics;

mod variants;

mod error;

pub use contribution::{Contribution, Pool};
pub use error::SupernetError;
pub use execute::Sgd;
pub use kernels::{Backend, Cpu, Draw, Gallery, Images, Reference};
pub use model::{Batch, BatchNormStatistics, Pixels, Score, StepReport};
pub use network::{DropPath, Network};
pub use schedule::{Annealing, Schedule};
pub use single_layer::SingleLayer;
pub use state::{State, StoredTensor};
pub use supernet::Supernet;
