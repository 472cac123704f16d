//! What is done to a run between two of its legs, beside the kill.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use rand::RngExt;
use random::Stream;

use super::job::Job;

/// A kind of disturbance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Disturbance {
    /// The kill alone.
    Kill,
    /// The last line of the journal is torn.
    TornTail,
    /// The journal is cut anywhere.
    CutJournal,
    /// A bit of any file is flipped.
    FlippedBit,
    /// No file may grow beyond a limit.
    SizeLimit,
    /// The file system is full.
    FullDisk,
}

/// A file that was damaged, and what was in it.
pub(super) struct Damage {
    path: PathBuf,
    /// Its name, which a refusal must contain.
    pub(super) name: String,
    intact: Vec<u8>,
}

impl Damage {
    /// Puts the file back.
    pub(super) fn undo(&self) {
        fs::write(&self.path, &self.intact).unwrap();
    }
}

impl Disturbance {
    pub(super) const ALL: [Self; 6] =
        [Self::Kill, Self::TornTail, Self::CutJournal, Self::FlippedBit, Self::SizeLimit, Self::FullDisk];

    /// Damages a file of a run that does not run, if this kind does so and there is a file.
    pub(super) fn damage(self, job: Job, path: &Path, rng: &mut Stream) -> Option<Damage> {
        if job.is_finished(path) {
            return None;
        }
        let files = match self {
            Self::Kill | Self::SizeLimit | Self::FullDisk => return None,
            Self::TornTail | Self::CutJournal => vec![job.lines(path)],
            Self::FlippedBit => job.files(path),
        };
        let path = files.get(rng.random_range(0..files.len().max(1)))?.clone();
        let intact = fs::read(&path).ok().filter(|bytes| !bytes.is_empty())?;
        let mut bytes = intact.clone();
        match self {
            Self::FlippedBit => {
                let bit = rng.random_range(0..bytes.len() * 8);
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
            Self::CutJournal => bytes.truncate(rng.random_range(0..bytes.len())),
            _ => {
                let whole = &bytes[..bytes.len() - 1];
                let last = whole.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
                bytes.truncate(rng.random_range(last..bytes.len()));
            }
        }
        fs::write(&path, bytes).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        Some(Damage { path, name, intact })
    }
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Kill => "kill",
            Self::TornTail => "kill, torn last line",
            Self::CutJournal => "kill, cut journal",
            Self::FlippedBit => "kill, flipped bit",
            Self::SizeLimit => "kill, file size limit",
            Self::FullDisk => "kill, full disk",
        })
    }
}
