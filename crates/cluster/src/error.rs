//! What can go wrong between processes. A rank that dies is no error that can be returned: the launcher ends the others.

/// Why processes cannot work together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// MPI counts in 32 bits.
    #[error("a message of {bytes} bytes is too long for MPI, which takes at most {most} at once")]
    TooLong {
        /// Its length, or that of all ranks' messages together.
        bytes: usize,
        /// The longest that can be.
        most: usize,
    },
    /// MPI was started before, or does not let one thread of several speak.
    #[error("cannot start MPI: {reason}")]
    Start {
        /// Why.
        reason: &'static str,
    },
    /// NCCL or the device it speaks from refused.
    #[error("NCCL: {reason}")]
    Nccl {
        /// Why, in the library's words.
        reason: String,
    },
}
