//! Checkpoints: weights in one file, everything else in another that names the first by length and SHA-256. The second is
//! written last, so a checkpoint is there whole or not at all. What the state is, the loop knows.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use supernet::State;

use super::journal::Mark;
use super::{Disk, Fault, RunDirError, atomic, binary, envelope, weights};

/// A checkpoint that was read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint<T> {
    /// The name of the state's file, relative to the run directory.
    pub file: String,
    /// The number it was stored under.
    pub number: u64,
    /// The length of the journal at that time, for [`RunDir::rewind_journal`](super::RunDir::rewind_journal).
    pub journal: u64,
    /// The weights.
    pub weights: State,
    /// The state of the search.
    pub state: T,
}

/// The outcome of a search for checkpoints.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<T> {
    /// The newest that is whole; none if there is no checkpoint at all.
    pub checkpoint: Option<Checkpoint<T>>,
    /// Newer ones that are not whole, newest first.
    pub skipped: Vec<Skipped>,
}

/// A checkpoint that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The file at fault, relative to the run directory.
    pub file: String,
    /// Why.
    pub fault: Fault,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.file, self.fault)
    }
}

/// What the state file holds.
#[derive(Serialize, Deserialize)]
struct Record<T> {
    number: u64,
    journal: Mark,
    weights_length: u64,
    weights_sha256: [u8; 32],
    state: T,
}

/// How many checkpoints are kept: the newest, and one to fall back to.
const KEPT: usize = 2;

const STATE: &str = "state";
const WEIGHTS: &str = "safetensors";

pub(super) fn save<T: Serialize>(
    disk: &Disk,
    folder: &Path,
    number: u64,
    journal: Mark,
    weights: &State,
    state: &T,
) -> Result<String, RunDirError> {
    let weights = weights::encode(weights, None)?;
    let record = Record {
        number,
        journal,
        weights_length: weights.len() as u64,
        weights_sha256: envelope::digest(&weights),
        state,
    };
    let payload = binary::encode(&record)?;
    atomic::write(disk, &folder.join(name(number, WEIGHTS)), &weights)?;
    let file = name(number, STATE);
    atomic::write(disk, &folder.join(&file), &envelope::seal(&payload))?;
    prune(disk, folder, number)?;
    Ok(file)
}

/// The newest that is whole and, if there is a journal, was made after what is in it.
pub(super) fn latest<T: DeserializeOwned>(
    folder: &Path,
    journal: Option<&[u8]>,
) -> Result<Found<T>, RunDirError> {
    let mut skipped = Vec::new();
    for number in numbers(folder)?.into_iter().rev() {
        match load(folder, number, journal) {
            Ok(checkpoint) => return Ok(Found { checkpoint: Some(checkpoint), skipped }),
            Err(fault) => skipped.push(fault),
        }
    }
    if skipped.is_empty() {
        Ok(Found { checkpoint: None, skipped })
    } else {
        Err(RunDirError::NoUsableCheckpoint { path: folder.to_path_buf(), skipped })
    }
}

fn load<T: DeserializeOwned>(
    folder: &Path,
    number: u64,
    journal: Option<&[u8]>,
) -> Result<Checkpoint<T>, Skipped> {
    let skip = |extension| {
        let file = format!("{}/{}", super::CHECKPOINTS, name(number, extension));
        move |fault| Skipped { file, fault }
    };
    let read = |extension| {
        fs::read(folder.join(name(number, extension)))
            .map_err(|error| skip(extension)(Fault::Unreadable { reason: error.to_string() }))
    };
    let state = read(STATE)?;
    let record: Record<T> = envelope::open(&state).and_then(binary::decode).map_err(skip(STATE))?;
    let bytes = read(WEIGHTS)?;
    if bytes.len() as u64 != record.weights_length {
        let fault = Fault::Length { expected: record.weights_length, found: bytes.len() as u64 };
        return Err(skip(WEIGHTS)(fault));
    }
    if envelope::digest(&bytes) != record.weights_sha256 {
        return Err(skip(WEIGHTS)(Fault::Damaged));
    }
    if journal.is_some_and(|journal| !record.journal.is_in(journal)) {
        return Err(skip(STATE)(Fault::Journal));
    }
    let weights = weights::decode(&bytes).map_err(skip(WEIGHTS))?;
    Ok(Checkpoint {
        file: format!("{}/{}", super::CHECKPOINTS, name(number, STATE)),
        number: record.number,
        journal: record.journal.length,
        weights,
        state: record.state,
    })
}

/// Removes all but the newest checkpoints up to `newest`, and those after it: they belong to a future that a fall-back
/// has undone.
fn prune(disk: &Disk, folder: &Path, newest: u64) -> Result<(), RunDirError> {
    let numbers = numbers(folder)?;
    let past: Vec<u64> = numbers.iter().copied().filter(|number| *number <= newest).collect();
    let keep = &past[past.len().saturating_sub(KEPT)..];
    for number in numbers.iter().filter(|number| !keep.contains(number)) {
        // The state first: without it, the weights are no checkpoint.
        for extension in [STATE, WEIGHTS] {
            let path = folder.join(name(*number, extension));
            match disk.remove(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => return Err(RunDirError::Write { path, source }),
                Ok(()) => {}
            }
        }
    }
    Ok(())
}

/// The numbers of all state files, ascending.
fn numbers(folder: &Path) -> Result<Vec<u64>, RunDirError> {
    let cannot = |source| RunDirError::Read { path: folder.to_path_buf(), source };
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.extension().is_some_and(|extension| extension == STATE) {
            numbers.extend(path.file_stem().and_then(|stem| stem.to_str()?.parse::<u64>().ok()));
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn name(number: u64, extension: &str) -> String {
    format!("{number:08}.{extension}")
}
