//! What can keep a set from being fetched. Every message says what to do.

use std::io;
use std::path::PathBuf;

/// Why a set could not be fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// It would have to be fetched, which was forbidden.
    #[error("{name} is not in {} and --offline forbids to fetch it: run `cars data fetch {name}` with a network", path.display())]
    Offline {
        /// The set.
        name: String,
        /// Where it would be.
        path: PathBuf,
    },
    /// The cache cannot be written.
    #[error("cannot write {}: {source}; give another folder with --cache DIR", path.display())]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody else is fetching it.
    #[error("another process is fetching this set (it holds {}): wait for it", path.display())]
    Busy {
        /// The lock.
        path: PathBuf,
    },
    /// The server cannot be reached, or breaks its protocol.
    #[error("cannot fetch {url}: {reason}")]
    Unreachable {
        /// The address.
        url: String,
        /// What the client said.
        reason: String,
    },
    /// The server has no such file, or does not give it away.
    #[error(
        "cannot fetch {url}: the server answers {status}; fetch it by other means and put its folder where data.dir points"
    )]
    Status {
        /// The address.
        url: String,
        /// The status.
        status: u16,
    },
    /// The connection broke.
    #[error(
        "the download of {url} broke off after {received} bytes ({reason}); run the command again, it goes on from there"
    )]
    Interrupted {
        /// The address.
        url: String,
        /// Bytes in the cache.
        received: u64,
        /// What happened.
        reason: String,
    },
    /// The file is complete and is not the one expected.
    #[error(
        "{url} has SHA-256 {found}, expected {expected}: the download was discarded; try again, or fetch it by other means"
    )]
    Checksum {
        /// The address.
        url: String,
        /// The pinned SHA-256.
        expected: String,
        /// That of the download.
        found: String,
    },
    /// The archive cannot be unpacked.
    #[error("cannot unpack {}: {source}", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
}
