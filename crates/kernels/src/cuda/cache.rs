//! Compiled kernels on disk, so that only the first start on a machine waits for the compiler. A file is named by what went
//! into it and begins with a checksum of what follows; one that is unreadable or damaged is made anew. Nothing depends on
//! the cache: where it cannot be written, every start compiles.

use std::fs;
use std::io::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::CudaError;

/// Bytes of a checksum.
const CHECKSUM: usize = 32;

/// The content of the cache's file for `key`, or of `make`, which is then kept. Without a folder nothing is kept.
pub(super) fn cached(
    folder: Option<&Path>,
    key: &[&str],
    make: impl FnOnce() -> Result<Vec<u8>, CudaError>,
) -> Result<Vec<u8>, CudaError> {
    let Some(folder) = folder else { return make() };
    let name = format!("kernels-{:032x}.cubin", digest(key));
    if let Some(content) = read(&folder.join(&name)) {
        return Ok(content);
    }
    let content = make()?;
    // A cache that cannot be written is no error: the kernels are here.
    let _ = write(folder, &name, &content);
    Ok(content)
}

/// Half a checksum of several texts, each with its length, so that none can be moved to its neighbour.
fn digest(parts: &[&str]) -> u128 {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    let sum: [u8; CHECKSUM] = digest.finalize().into();
    u128::from_be_bytes(sum.as_chunks().0[0])
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let file = fs::read(path).ok()?;
    let (checksum, content) = file.split_at_checked(CHECKSUM)?;
    let sound = <[u8; CHECKSUM]>::from(Sha256::digest(content)) == checksum;
    sound.then(|| content.to_vec())
}

/// Under a name of its own first: a process that starts meanwhile sees all of the file or none.
#[allow(
    clippy::disallowed_methods,
    reason = "written under a temporary name, then renamed; a lost cache is no loss"
)]
fn write(folder: &Path, name: &str, content: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let unfinished = folder.join(format!("{name}.{}", std::process::id()));
    let mut file = fs::File::create(&unfinished)?;
    file.write_all(&Sha256::digest(content))?;
    file.write_all(content)?;
    drop(file);
    fs::rename(&unfinished, folder.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The content, and whether it was made anew.
    fn get(folder: &Path, key: &[&str]) -> (Vec<u8>, bool) {
        let mut made = false;
        let content = cached(Some(folder), key, || {
            made = true;
            Ok(key.concat().into_bytes())
        });
        (content.unwrap(), made)
    }

    #[test]
    fn what_was_made_once_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("made/on/the/way");
        assert_eq!(get(&folder, &["a", "bc"]), (b"abc".to_vec(), true));
        assert_eq!(get(&folder, &["a", "bc"]), (b"abc".to_vec(), false));
        assert_eq!(get(&folder, &["ab", "c"]), (b"abc".to_vec(), true));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    }

    #[test]
    fn a_damaged_file_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        get(folder, &["a"]);
        let path = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
        let sound = fs::read(&path).unwrap();
        let mut flipped = sound.clone();
        flipped[CHECKSUM] ^= 1;
        for damaged in [&flipped[..], &sound[..CHECKSUM], &sound[..3], &[]] {
            #[allow(clippy::disallowed_methods, reason = "the test damages the file")]
            fs::write(&path, damaged).unwrap();
            assert_eq!(get(folder, &["a"]), (b"a".to_vec(), true));
            assert_eq!(get(folder, &["a"]), (b"a".to_vec(), false));
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_or_replaced_only_costs_time() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        get(folder, &["a"]);
        let path = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
        fs::remove_file(&path).unwrap();
        fs::create_dir_all(path.join("occupied")).unwrap();
        for _ in 0..2 {
            assert_eq!(get(folder, &["a"]), (b"a".to_vec(), true));
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_only_costs_time() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(get(&file.path().join("below"), &["a"]), (b"a".to_vec(), true));
    }

    #[test]
    fn failures_are_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let fail = || Err(CudaError::NoCompiler { reason: String::new() });
        assert!(cached(Some(folder.path()), &["a"], fail).is_err());
        assert_eq!(get(folder.path(), &["a"]), (b"a".to_vec(), true));
    }
}
