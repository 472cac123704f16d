//! Files that are replaced whole: written under a temporary name in the same folder, synced, renamed, and the folder
//! synced. The temporary name is fixed, since only the holder of the lock writes, so a kill leaves at most one behind.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Disk, RunDirError};

const TEMPORARY: &str = ".unfinished";

/// Replaces a file by these bytes. After an error the old file is as it was.
pub(super) fn write(disk: &Disk, path: &Path, bytes: &[u8]) -> Result<(), RunDirError> {
    let temporary = temporary(path);
    write_through(disk, path, &temporary, bytes).map_err(|source| {
        // The cause of the failure may also stop the removal; `clean` comes by later.
        let _ = disk.remove(&temporary);
        RunDirError::Write { path: path.to_path_buf(), source }
    })
}

/// Removes what unfinished writes left in a folder.
pub(super) fn clean(disk: &Disk, folder: &Path) -> Result<(), RunDirError> {
    let cannot = |source| RunDirError::Read { path: folder.to_path_buf(), source };
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.file_name().is_some_and(is_unfinished) {
            disk.remove(&path).map_err(|source| RunDirError::Write { path, source })?;
        }
    }
    Ok(())
}

/// Whether a file name is that of an unfinished write.
pub(super) fn is_unfinished(name: &OsStr) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == &TEMPORARY[1..])
}

fn write_through(disk: &Disk, path: &Path, temporary: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = disk.create(temporary)?;
    disk.write(temporary, &mut file, bytes)?;
    disk.sync(temporary, &file)?;
    drop(file);
    disk.rename(temporary, path)?;
    // The parent of a bare name is an empty path.
    disk.sync_folder(path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new(".")))
}

fn temporary(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(TEMPORARY);
    PathBuf::from(name)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    fn write(path: &Path, bytes: &[u8]) -> Result<(), RunDirError> {
        super::write(&Disk::default(), path, bytes)
    }

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("front.json");
        for text in ["one", "two"] {
            write(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_write_names_the_file_and_keeps_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("front.json");
        write(&path, b"old").unwrap();
        // A folder in the place of the temporary file makes the write fail for any user.
        fs::create_dir(temporary(&path)).unwrap();
        let error = write(&path, b"new").unwrap_err().to_string();
        assert!(error.starts_with("cannot write ") && error.contains("front.json"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
    }

    #[test]
    fn leftovers_are_cleaned_away() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("a"), b"a").unwrap();
        fs::write(folder.path().join("a.unfinished"), "half").unwrap();
        clean(&Disk::default(), folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
