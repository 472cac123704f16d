//! The changes that a run directory makes to its files, asked for one by one through a gate: a test can refuse any of them,
//! as a disk that is full or failing would. Without a gate, which is how every real run works, nothing is asked.

#![allow(clippy::disallowed_methods, reason = "this is the room that creates files")]

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

/// A change to a file or folder that a system may refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Making a file, or emptying one.
    Create,
    /// Writing bytes.
    Write,
    /// Putting a file or a folder on disk (`fsync`).
    Sync,
    /// Giving a file the name of another.
    Rename,
    /// Removing a file.
    Remove,
    /// Cutting a file.
    Truncate,
}

type Gate = dyn Fn(Change, &Path) -> io::Result<()> + Send + Sync;

/// Where a run directory lies: the real disk, or one with a gate.
#[derive(Clone, Default)]
pub struct Disk(Option<Arc<Gate>>);

impl Disk {
    /// A disk that makes a change only if the gate lets it pass.
    pub fn with_gate(gate: impl Fn(Change, &Path) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(gate)))
    }

    pub(super) fn create(&self, path: &Path) -> io::Result<File> {
        self.ask(Change::Create, path)?;
        File::create(path)
    }

    pub(super) fn write(&self, path: &Path, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.ask(Change::Write, path) {
            // A disk that fills up takes the beginning.
            file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        file.write_all(bytes)
    }

    pub(super) fn sync(&self, path: &Path, file: &File) -> io::Result<()> {
        self.ask(Change::Sync, path)?;
        file.sync_all()
    }

    /// Makes a rename survive a power failure. Only Unix can open a folder to sync it.
    pub(super) fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.ask(Change::Sync, folder)?;
        if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
    }

    pub(super) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.ask(Change::Rename, to)?;
        fs::rename(from, to)
    }

    pub(super) fn remove(&self, path: &Path) -> io::Result<()> {
        self.ask(Change::Remove, path)?;
        fs::remove_file(path)
    }

    pub(super) fn truncate(&self, path: &Path, file: &File, length: u64) -> io::Result<()> {
        self.ask(Change::Truncate, path)?;
        file.set_len(length)
    }

    fn ask(&self, change: Change, path: &Path) -> io::Result<()> {
        self.0.as_ref().map_or(Ok(()), |gate| gate(change, path))
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Disk(with a gate)" } else { "Disk" })
    }
}
