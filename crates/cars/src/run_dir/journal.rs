//! The journal: one event a line, appended in one write each. A kill can tear the last line only, and a reader leaves
//! that out. What the events mean is not known here.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::RunDirError;
use crate::event::Event;

/// A journal open for appending.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// The length of the whole lines.
    length: u64,
}

impl Journal {
    /// Opens or creates a journal, and cuts off a torn last line.
    pub(super) fn open(path: &Path) -> Result<Self, RunDirError> {
        let cannot = |source| RunDirError::Write { path: path.to_path_buf(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(cannot)?;
        let bytes = fs::read(path).map_err(cannot)?;
        let length = whole(&bytes).len() as u64;
        file.set_len(length).map_err(cannot)?;
        file.seek(SeekFrom::Start(length)).map_err(cannot)?;
        Ok(Self { path: path.to_path_buf(), file, length })
    }

    pub(super) fn append(&mut self, event: &Event) -> Result<(), RunDirError> {
        let line = event.to_line() + "\n";
        self.file.write_all(line.as_bytes()).map_err(|source| {
            // Half a line on a full disk must not be glued to a later one.
            let _ = self.file.set_len(self.length);
            let _ = self.file.seek(SeekFrom::Start(self.length));
            self.error(source)
        })?;
        self.length += line.len() as u64;
        Ok(())
    }

    /// Puts all lines on disk and returns their length.
    pub(super) fn sync(&mut self) -> Result<u64, RunDirError> {
        self.file.sync_data().map_err(|source| self.error(source))?;
        Ok(self.length)
    }

    /// Cuts the journal back to this length; false if it is shorter already, or was rewritten meanwhile so that a line
    /// does not end there: then it is cut at the end of the line before.
    pub(super) fn rewind(&mut self, length: u64) -> Result<bool, RunDirError> {
        if length > self.length {
            return Ok(false);
        }
        let bytes = fs::read(&self.path).map_err(|source| self.error(source))?;
        let asked = length;
        let length = whole(&bytes[..bytes.len().min(length as usize)]).len() as u64;
        self.file
            .set_len(length)
            .and_then(|()| self.file.seek(SeekFrom::Start(length)))
            .map_err(|source| self.error(source))?;
        self.length = length;
        Ok(length == asked)
    }

    fn error(&self, source: std::io::Error) -> RunDirError {
        RunDirError::Write { path: self.path.clone(), source }
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
