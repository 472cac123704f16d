//! What can stop a run.

use crate::run_dir::{Fault, RunDirError};

/// Why a run stopped before its end. What its last checkpoint holds is safe.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The images cannot be had.
    #[error(transparent)]
    Data(#[from] datasets::DatasetError),
    /// The images do not suffice for a single step.
    #[error(
        "training.paths_per_step = {paths} takes as many batches a step, and the {images} training images make {batches}; lower it \
         or training.batch_size"
    )]
    TooFewBatches {
        /// Paths of a step.
        paths: usize,
        /// Images that update weights.
        images: usize,
        /// Batches of an epoch.
        batches: usize,
    },
    /// The device cannot be used.
    #[error(transparent)]
    Device(#[from] kernels::CudaError),
    /// The supernet refused, or its training diverged.
    #[error(transparent)]
    Supernet(#[from] supernet::SupernetError),
    /// A weight is NaN or infinite.
    #[error("training diverged: {tensor} holds a value that is no number; lower the learning rate")]
    NotFinite {
        /// The name of the tensor.
        tensor: String,
    },
    /// Going back and slowing down did not help.
    #[error("{times} times in a row, going back and halving the learning rate did not help: {last}")]
    KeepsDiverging {
        /// How often it went back.
        times: u32,
        /// The last divergence.
        last: Box<RunError>,
    },
    /// The population refused.
    #[error(transparent)]
    Evolution(#[from] evolution::EvolutionError),
    /// The run directory cannot be read or written.
    #[error(transparent)]
    RunDir(#[from] RunDirError),
    /// The processes of the run cannot reach each other.
    #[error(transparent)]
    Cluster(#[from] cluster::ClusterError),
    /// What another rank sent is not what this program sends.
    #[error("a message from another rank {0}; do all ranks run the same program?")]
    Message(#[from] Fault),
    /// The ranks of a run would not do the same.
    #[error(
        "rank {rank} has other {what} than rank 0; all ranks need the same files and, as last bits depend on it, the same \
         kind of processor or GPU"
    )]
    RanksDiffer {
        /// `images` or `weights`.
        what: &'static str,
        /// The first that differs.
        rank: usize,
    },
    /// Some ranks might find a device and others none.
    #[error("with several ranks, device auto could mean another one on each: choose cpu or cuda")]
    AutoDevice,
    /// The config or the images are not those the checkpoint was made with.
    #[error(
        "{file} was made with other {what} ({expected}) than the run has now ({found}); put the old {what} back, or start a new \
         run"
    )]
    Foreign {
        /// `config` or `images`.
        what: &'static str,
        /// The checkpoint.
        file: String,
        /// Its digest or fingerprint.
        expected: String,
        /// That of the run as it is now.
        found: String,
    },
    /// The latency table cannot be used.
    #[error("the latency table {}: {source}", path.display())]
    Latency {
        /// Where it came from; the run directory has a copy.
        path: std::path::PathBuf,
        /// What is wrong.
        source: latency::LatencyError,
    },
    /// A network of the front cannot be timed.
    #[error(transparent)]
    Profile(#[from] crate::profile::Error),
    /// The threads to time networks on cannot be had.
    #[error("cannot start the threads to time networks on: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// There is no checkpoint yet.
    #[error("the run has no checkpoint yet: train at least one epoch, with `cars resume`")]
    Untrained,
    /// Weights cannot be inherited from a supernet of another frame.
    #[error(
        "cannot inherit the weights of {}: {what} is {theirs} in the search and {ours} in the recipe; give the recipe the \
         search's, or train from scratch",
        search.display()
    )]
    OtherFrame {
        /// The run directory of the search.
        search: std::path::PathBuf,
        /// What differs first.
        what: &'static str,
        /// The search's.
        theirs: usize,
        /// The recipe's.
        ours: usize,
    },
    /// The search has no weights yet.
    #[error("cannot inherit the weights of {}: it has no checkpoint yet", search.display())]
    NothingToInherit {
        /// The run directory of the search.
        search: std::path::PathBuf,
    },
    /// Images that the test part does not have were asked for.
    #[error(
        "images {first}..{end}: expected FIRST..END with FIRST below END, and END at most {images}, the test images of the recipe"
    )]
    NoSuchImages {
        /// The first image asked for.
        first: usize,
        /// The image after the last.
        end: usize,
        /// How many there are.
        images: usize,
    },
    /// A supernet cannot be compared with the truth that was named.
    #[error("the supernet cannot be graded so: {reason}")]
    Ungradable {
        /// Why, and what can be done.
        reason: &'static str,
    },
    /// The table of published accuracies cannot be used.
    #[error(transparent)]
    Tabular(#[from] tabular::TabularError),
    /// The recipe of a network that is trained alone is refused.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// A genotype does not fit the macro plan.
    #[error(transparent)]
    Space(#[from] space::Error),
}

impl RunError {
    /// A checkpoint continues only the config and the images it was made of.
    pub(crate) fn check_origin(file: &str, stored: &[String; 2], present: &[String; 2]) -> Result<(), Self> {
        match (0..2).find(|&which| stored[which] != present[which]) {
            Some(which) => Err(Self::Foreign {
                what: ["config", "images"][which],
                file: file.to_owned(),
                expected: stored[which].clone(),
                found: present[which].clone(),
            }),
            None => Ok(()),
        }
    }
}
