//! The journal: one event a line, appended in one write each. A kill can tear the last line only, and a reader leaves
//! that out. What the events mean is not known here.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Disk, RunDirError};
use crate::event::Event;

/// A journal open for appending.
#[derive(Debug)]
pub(super) struct Journal {
    disk: Disk,
    path: PathBuf,
    file: File,
    /// The length of the whole lines.
    length: u64,
    /// Takes in all that is written.
    sum: Sha256,
    /// Whether there was no file when it was opened.
    is_new: bool,
}

/// Where a journal ended at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// Its length in bytes.
    pub(super) length: u64,
    /// The SHA-256 of these bytes.
    sha256: [u8; 32],
}

impl Journal {
    /// Opens or creates a journal, and cuts off a torn last line.
    pub(super) fn open(disk: &Disk, path: &Path) -> Result<Self, RunDirError> {
        let cannot = |source| RunDirError::Write { path: path.to_path_buf(), source };
        let (bytes, is_new) = match fs::read(path) {
            Ok(bytes) => (bytes, false),
            Err(error) if error.kind() == ErrorKind::NotFound => (Vec::new(), true),
            Err(source) => return Err(RunDirError::Read { path: path.to_path_buf(), source }),
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(cannot)?;
        let whole = whole(&bytes);
        let length = whole.len() as u64;
        disk.truncate(path, &file, length).map_err(cannot)?;
        file.seek(SeekFrom::Start(length)).map_err(cannot)?;
        let sum = Sha256::new_with_prefix(whole);
        Ok(Self { disk: disk.clone(), path: path.to_path_buf(), file, length, sum, is_new })
    }

    pub(super) fn append(&mut self, event: &Event) -> Result<(), RunDirError> {
        let line = event.to_line() + "\n";
        self.disk.write(&self.path, &mut self.file, line.as_bytes()).map_err(|source| {
            // Half a line on a full disk must not be glued to a later one.
            let _ = self.file.set_len(self.length);
            let _ = self.file.seek(SeekFrom::Start(self.length));
            self.error(source)
        })?;
        self.length += line.len() as u64;
        self.sum.update(line);
        Ok(())
    }

    /// Puts all lines on disk and returns where they end.
    pub(super) fn sync(&mut self) -> Result<Mark, RunDirError> {
        self.disk.sync(&self.path, &self.file).map_err(|source| self.error(source))?;
        Ok(Mark { length: self.length, sha256: self.sum.clone().finalize().into() })
    }

    /// The bytes by which a mark is known; none if the file was not there, and there is nothing to know one by.
    pub(super) fn bytes(&self) -> Result<Option<Vec<u8>>, RunDirError> {
        let read = || fs::read(&self.path).map_err(|source| self.error(source));
        if self.is_new { Ok(None) } else { read().map(Some) }
    }

    /// Cuts the journal back to this length; false if it is shorter already, or was rewritten meanwhile so that a line
    /// does not end there: then it is cut at the end of the line before.
    pub(super) fn rewind(&mut self, length: u64) -> Result<bool, RunDirError> {
        if length > self.length {
            return Ok(false);
        }
        let bytes = fs::read(&self.path).map_err(|source| self.error(source))?;
        let asked = length;
        let whole = whole(&bytes[..bytes.len().min(length as usize)]);
        let length = whole.len() as u64;
        self.disk
            .truncate(&self.path, &self.file, length)
            .and_then(|()| self.file.seek(SeekFrom::Start(length)))
            .map_err(|source| self.error(source))?;
        self.length = length;
        self.sum = Sha256::new_with_prefix(whole);
        Ok(length == asked)
    }

    fn error(&self, source: std::io::Error) -> RunDirError {
        RunDirError::Write { path: self.path.clone(), source }
    }
}

impl Mark {
    /// Whether a journal still begins as it was then.
    pub(super) fn is_in(&self, journal: &[u8]) -> bool {
        let past = journal.get(..self.length as usize);
        past.is_some_and(|past| <[u8; 32]>::from(Sha256::digest(past)) == self.sha256)
    }
}

/// All events of a journal; none if there is no such file.
pub(super) fn read(path: &Path) -> Result<Vec<Event>, RunDirError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(RunDirError::Read { path: path.to_path_buf(), source }),
    };
    whole(&bytes)
        .split_inclusive(|&byte| byte == b'\n')
        .enumerate()
        .map(|(index, line)| {
            Event::from_line(&String::from_utf8_lossy(line)).map_err(|source| RunDirError::Journal {
                path: path.to_path_buf(),
                line: index + 1,
                source,
            })
        })
        .collect()
}

/// The part up to the last newline.
fn whole(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    &bytes[..end]
}
