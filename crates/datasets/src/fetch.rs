//! Published sets from the network into a cache folder: fixed addresses, pinned checksums, interrupted downloads go on
//! where they stopped. A set appears in the cache whole or not at all. Nothing else in this project opens a connection.

mod catalogue;
mod error;
mod transfer;

use flate2::read::GzDecoder;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

pub use catalogue::{NAMES, find};
pub use error::FetchError;
pub use transfer::Progress;

/// A set and where it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// What it is called here, and its folder in the cache.
    pub name: String,
    /// Its files.
    pub files: Vec<RemoteFile>,
    /// What the files are.
    pub packing: Packing,
}

/// A file and the checksum it must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteFile {
    /// Where it is.
    pub url: String,
    /// What it is called in the cache.
    pub name: String,
    /// Its SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

/// What the files of a set are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packing {
    /// The set itself.
    Plain,
    /// One gzipped tar archive with the set in this folder.
    Tar {
        /// The folder in the archive.
        folder: String,
    },
}

/// Whether the network may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// It may.
    Online,
    /// It may not: a set that is not in the cache is an error.
    Offline,
}

/// The folder of a set, fetched into `cache` if it is not there yet. `progress` is told of every piece that arrives.
///
/// What has been fetched of an interrupted download stays in `cache/NAME.partial`, and the next call goes on from there.
pub fn fetch(
    remote: &Remote,
    cache: &Path,
    network: Network,
    progress: &mut dyn FnMut(&Progress<'_>),
) -> Result<PathBuf, FetchError> {
    let target = cache.join(&remote.name);
    if target.is_dir() {
        return Ok(target);
    }
    if network == Network::Offline {
        return Err(FetchError::Offline { name: remote.name.clone(), path: target });
    }
    fs::create_dir_all(cache).map_err(unwritable(cache))?;
    let _lock = lock(&cache.join(format!("{}.lock", remote.name)))?;
    if target.is_dir() {
        // Another process has fetched it meanwhile.
        return Ok(target);
    }
    let partial = cache.join(format!("{}.partial", remote.name));
    fs::create_dir_all(&partial).map_err(unwritable(&partial))?;
    for file in &remote.files {
        let path = partial.join(&file.name);
        if !path.exists() {
            transfer::download(file, &path, progress)?;
        }
    }
    match &remote.packing {
        Packing::Plain => rename(&partial, &target)?,
        Packing::Tar { folder } => {
            let unpacked = partial.join("unpacked");
            for file in &remote.files {
                unpack(&partial.join(&file.name), &unpacked)?;
            }
            rename(&unpacked.join(folder), &target)?;
            fs::remove_dir_all(&partial).map_err(unwritable(&partial))?;
        }
    }
    Ok(target)
}

/// Held until it is dropped: two fetches of one set would write over each other.
fn lock(path: &Path) -> Result<File, FetchError> {
    let file = File::options().create(true).append(true).open(path).map_err(unwritable(path))?;
    file.try_lock().map_err(|error| match error {
        fs::TryLockError::WouldBlock => FetchError::Busy { path: path.to_owned() },
        fs::TryLockError::Error(source) => FetchError::Cache { path: path.to_owned(), source },
    })?;
    Ok(file)
}

fn unpack(archive: &Path, into: &Path) -> Result<(), FetchError> {
    let damaged = |source| FetchError::Archive { path: archive.to_owned(), source };
    let file = File::open(archive).map_err(damaged)?;
    // What an earlier call left half unpacked is written over.
    tar::Archive::new(GzDecoder::new(file)).unpack(into).map_err(damaged)
}

fn rename(from: &Path, to: &Path) -> Result<(), FetchError> {
    fs::rename(from, to).map_err(unwritable(to))
}

fn unwritable(path: &Path) -> impl Fn(io::Error) -> FetchError + '_ {
    |source| FetchError::Cache { path: path.to_owned(), source }
}
