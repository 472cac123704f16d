//! The lock of a run directory. The kernel holds it and lets go when the process ends in whatever way, so a stale lock
//! cannot be; the number in the file is only for messages.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::{LOCK, RunDirError};

/// Held until dropped.
#[derive(Debug)]
pub(super) struct Lock(#[allow(dead_code, reason = "kept open: closing it lets go of the lock")] File);

impl Lock {
    /// Takes the lock of a directory, or says who has it.
    pub(super) fn take(folder: &Path) -> Result<Self, RunDirError> {
        let path = folder.join(LOCK);
        let cannot = |source| RunDirError::Write { path: path.clone(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // Where a locked file cannot be read, the message does without the number.
                let process = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
                return Err(RunDirError::InUse { path: folder.to_path_buf(), process });
            }
            Err(TryLockError::Error(source)) => return Err(cannot(source)),
        }
        file.set_len(0).and_then(|()| file.rewind()).map_err(cannot)?;
        writeln!(file, "{}", std::process::id()).map_err(cannot)?;
        Ok(Self(file))
    }
}
