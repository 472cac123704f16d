//! Continuous evolutionary architecture search, put together (CARS, CVPR 2020, arXiv 1909.04977): the configuration, the
//! loop, the run directory and the observers. Argument parsing is elsewhere; so are networks, images and selection.

pub mod config;

pub mod event;
pub mod export;
pub mod foresee;
pub mod front;
pub mod ranks;

pub mod check;
pub mod report;
pub mod reproduce;
pub mod retrained;
pub mod run;
pub mod run_dir;
pub mod train;

pub mod profile;

pub mod data {
    //! What a folder of images holds, and published sets from the network.

    pub use datasets::{fetch, inspect};
}

pub mod clock;
pub mod observe;

pub use latency;
pub use supernet::Cpu;
pub use tabular;
