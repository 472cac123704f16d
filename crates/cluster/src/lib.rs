//! Processes that work on one run together, each with a rank: what they can say to each other, and three ways to say it. One
//! process is a cluster of size 1. Also how they share out work, and how long messages take by a model. Knows nothing of networks or
//! runs: messages are bytes and numbers.

mod error;
mod link;
#[cfg(feature = "mpi")]
mod mpi;
#[cfg(feature = "nccl")]
mod nccl;
mod share;
mod single;

pub use error::ClusterError;
pub use link::Link;
#[cfg(feature = "mpi")]
pub use mpi::Mpi;
#[cfg(feature = "nccl")]
pub use nccl::Nccl;
pub use share::{longest_first, neighbours};
pub use single::Single;

/// What processes of one run can do together. All but the first three are collective: every rank calls them in the same order,
/// and each waits for the others. When a rank dies, its launcher ends the others; those that meet an error of their own end
/// everybody with [`abort`](Communicator::abort).
pub trait Communicator {
    /// Which one this process is, counted from 0. Rank 0 leads: it alone writes files.
    fn rank(&self) -> usize;

    /// How many there are.
    fn size(&self) -> usize;

    /// Which one this process is among those on its machine, counted from 0: the number of its device.
    fn local_rank(&self) -> usize;

    /// Rank 0's bytes to everybody.
    fn broadcast(&self, bytes: Vec<u8>) -> Result<Vec<u8>, ClusterError>;

    /// Everybody's bytes to everybody, in the order of ranks; lengths may differ.
    fn gather(&self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, ClusterError>;

    /// Replaces each number by its sum over all ranks, which all have as many. The order of the additions is the
    /// library's: fast, and the last bits may depend on the number of ranks and on where they run.
    fn sum(&self, values: &mut [f32]) -> Result<(), ClusterError>;

    /// Waits until everybody is here.
    fn barrier(&self) -> Result<(), ClusterError>;

    /// Ends the processes of all ranks with this exit code.
    fn abort(&self, code: i32) -> !;
}
