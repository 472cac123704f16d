//! What can go wrong with a run directory. Every message names the path and what to do; what is wrong with a single
//! checkpoint is a [`Fault`], because another one may do.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::checkpoint::Skipped;
use crate::config::ConfigError;
use crate::event::EventError;
use crate::front::FrontError;

/// A run directory that cannot be used or written.
#[derive(Debug, Error)]
pub enum RunDirError {
    /// Another process holds the lock.
    #[error("{} is in use{}: wait for it to end, or choose another directory", path.display(), by(*process))]
    InUse {
        /// The directory.
        path: PathBuf,
        /// The process, if it left its number.
        process: Option<u32>,
    },
    /// The directory of a new run is not empty.
    #[error(
        "{} is not empty: choose another directory, or continue the run in it with `cars resume {}`",
        path.display(), path.display()
    )]
    Occupied {
        /// The directory.
        path: PathBuf,
    },
    /// There is no run here.
    #[error("{} is no run directory: it holds no config.toml", path.display())]
    NotARun {
        /// The directory.
        path: PathBuf,
    },
    /// A file cannot be written; the one that was there before is as it was.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// What the run was begun with has changed.
    #[error(
        "{} was changed or damaged since the run began: its checksum (SHA-256) is not the stored one; put the old file \
         back, or start a new run",
        path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The stored config does not hold.
    #[error("the stored config is damaged or of another version of cars: {0}")]
    Config(#[from] ConfigError),
    /// `front.json` is no front.
    #[error("{}: {source}", path.display())]
    Front {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: FrontError,
    },
    /// `evaluation.json` is no evaluation.
    #[error("{} is damaged or of another version: {source}; make it anew with cars evaluate", path.display())]
    Evaluation {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A line of the journal is no event.
    #[error("{}:{line}: {source}", path.display())]
    Journal {
        /// The journal.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        source: EventError,
    },
    /// There are checkpoints, and none can be used.
    #[error(
        "no usable checkpoint in {}: {}; start anew with `cars search --config` and the config.toml of the run",
        path.display(), all(skipped)
    )]
    NoUsableCheckpoint {
        /// The folder.
        path: PathBuf,
        /// Each of them, and why not.
        skipped: Vec<Skipped>,
    },
    /// The state of the search cannot be stored.
    #[error("the state of the search cannot be stored: {reason}")]
    Encode {
        /// The cause.
        reason: String,
    },
}

/// Why a checkpoint cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// A file of the pair cannot be read.
    #[error("cannot be read: {reason}")]
    Unreadable {
        /// The cause.
        reason: String,
    },
    /// The file does not begin like a checkpoint.
    #[error("is no checkpoint: it does not begin with CARSCKPT")]
    NotACheckpoint,
    /// The file was written by a program with another form of it.
    #[error("has version {found}, this program reads {known}; use the version of cars that wrote it")]
    Version {
        /// The version of the file.
        found: u32,
        /// The version this program knows.
        known: u32,
    },
    /// The file ends too early or too late.
    #[error("is {}: it holds {found} bytes instead of {expected}", misfit(*expected, *found))]
    Length {
        /// The bytes it should have.
        expected: u64,
        /// The bytes it has.
        found: u64,
    },
    /// The contents changed since they were written.
    #[error("is damaged: its checksum (SHA-256) is not the stored one")]
    Damaged,
    /// The journal is not the one that the checkpoint was made after.
    #[error(
        "cannot be gone on from: journal.jsonl was damaged or cut since; if you move that file away, the run goes on \
         without the events in it"
    )]
    Journal,
    /// The checksum holds, but the contents are not what this program stores.
    #[error("cannot be decoded: {reason}")]
    Undecodable {
        /// The cause.
        reason: String,
    },
}

fn misfit(expected: u64, found: u64) -> &'static str {
    if found < expected { "truncated" } else { "too long" }
}

fn by(process: Option<u32>) -> String {
    process.map_or_else(String::new, |process| format!(" by process {process}"))
}

fn all(skipped: &[Skipped]) -> String {
    skipped.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
