//! Reading files of CIFAR records: label bytes, then 1024 red, 1024 green and 1024 blue bytes, row by row. Sizes,
//! checksums and labels are checked, planes become pixels. Which files there are is the parent's business.

use super::{Checksums, Integrity, Limit};
use crate::image_set::hexadecimal;
use crate::{DatasetError, ImageSet};
use md5::{Digest, Md5};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Records of a CIFAR-10 file.
pub(super) const RECORDS: usize = 10_000;
const SIDE: usize = 32;
const CHANNELS: usize = 3;
const PLANE: usize = SIDE * SIDE;
const PIXELS: usize = CHANNELS * PLANE;

/// How a set is laid out in its folder.
pub(super) struct Layout {
    pub(super) name: &'static str,
    /// The label bytes that begin a record: what each is called and how many values it has. The last one counts.
    pub(super) labels: &'static [(&'static str, usize)],
    pub(super) class_names: &'static [&'static str],
    pub(super) train: Part,
    pub(super) test: Part,
    /// The folder that the archive unpacks to.
    pub(super) folder: &'static str,
    /// The folder and a file of the pickled edition, which people fetch by mistake.
    pub(super) python_folder: &'static str,
    pub(super) python_file: &'static str,
    pub(super) archive: &'static str,
}

/// The training or the test files: name, records and MD5 of each.
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) files: &'static [(&'static str, usize, Option<&'static str>)],
}

impl Layout {
    /// Bytes of a record.
    fn record(&self) -> usize {
        self.labels.len() + PIXELS
    }

    /// An error that helps if `dir` is not a folder.
    pub(super) fn check_folder(&self, dir: &Path) -> Result<(), DatasetError> {
        if dir.is_dir() {
            return Ok(());
        }
        let remedy = if dir.exists() {
            format!("that is not a folder; give the folder that holds {}", self.train.files[0].0)
        } else {
            format!("{}, or use the built-in set", self.fetch())
        };
        Err(DatasetError::MissingFolder { path: dir.to_owned(), remedy })
    }

    /// Reads the records of `part` that `limit` asks for.
    pub(super) fn read(
        &self,
        dir: &Path,
        part: &Part,
        limit: Limit,
        checksums: Checksums,
    ) -> Result<(ImageSet, Integrity), DatasetError> {
        let available = part.files.iter().map(|&(_, records, _)| records).sum();
        let wanted = match limit {
            Limit::All => available,
            Limit::First(images) if (1..=available).contains(&images) => images,
            Limit::First(requested) => {
                return Err(DatasetError::Limit { part: part.name, requested, available });
            }
        };
        let mut pixels = Vec::with_capacity(wanted * PIXELS);
        let mut labels = Vec::with_capacity(wanted);
        let mut integrity = match checksums {
            Checksums::Verify => Integrity::Verified,
            Checksums::Skip => Integrity::NotChecked,
        };
        let mut buffer = Vec::new();
        for &(name, records, md5) in part.files {
            let missing = wanted - labels.len();
            if missing == 0 {
                break;
            }
            let path = dir.join(name);
            self.read_file(&path, records, missing.min(records), checksums, &mut buffer)?;
            match (checksums, md5) {
                (Checksums::Verify, Some(md5)) => self.verify(&path, &buffer, md5)?,
                (Checksums::Verify, None) => integrity = Integrity::Unknown,
                (Checksums::Skip, _) => {}
            }
            for (index, record) in buffer.chunks_exact(self.record()).take(missing).enumerate() {
                labels.push(self.label(&path, index, record)?);
                append_pixels(&mut pixels, &record[self.labels.len()..]);
            }
        }
        let class_names = self.class_names.iter().map(|&name| name.to_owned()).collect();
        let name = part.name.to_owned();
        Ok((
            ImageSet { name, height: SIDE, width: SIDE, channels: CHANNELS, class_names, pixels, labels },
            integrity,
        ))
    }

    /// Reads a file of `records` records into `buffer`: all of it to verify it, else the `wanted` first records.
    fn read_file(
        &self,
        path: &Path,
        records: usize,
        wanted: usize,
        checksums: Checksums,
        buffer: &mut Vec<u8>,
    ) -> Result<(), DatasetError> {
        let unreadable = |source| DatasetError::Unreadable { path: path.to_owned(), source };
        let file = File::open(path).map_err(|source| match source.kind() {
            ErrorKind::NotFound => {
                DatasetError::MissingFile { path: path.to_owned(), remedy: self.missing_file(path) }
            }
            _ => unreadable(source),
        })?;
        let found = file.metadata().map_err(unreadable)?.len();
        let record = self.record() as u64;
        let complete = records as u64 * record;
        let (expected, remedy) = match checksums {
            Checksums::Verify => (complete, self.fetch_again()),
            Checksums::Skip => (wanted as u64 * record, format!("ask for fewer images, or {}", self.fetch())),
        };
        let path = path.to_owned();
        if found < expected {
            return Err(DatasetError::Truncated { path, expected, found, record: found / record, remedy });
        }
        if found > complete {
            let remedy = format!("it is no file of {}: {}", self.name, self.fetch());
            return Err(DatasetError::TooLong { path, expected: complete, found, remedy });
        }
        buffer.clear();
        let read = file.take(expected).read_to_end(buffer).map_err(unreadable)? as u64;
        if read < expected {
            // The file shrank while it was read.
            return Err(DatasetError::Truncated {
                path,
                expected,
                found: read,
                record: read / record,
                remedy,
            });
        }
        Ok(())
    }

    fn verify(&self, path: &Path, bytes: &[u8], expected: &str) -> Result<(), DatasetError> {
        let found = hexadecimal(&Md5::digest(bytes));
        if found == expected {
            return Ok(());
        }
        let remedy = format!("the file is damaged or altered; {}", self.fetch_again());
        Err(DatasetError::Checksum { path: path.to_owned(), expected: expected.to_owned(), found, remedy })
    }

    /// The class of a record, after a look at all its labels.
    fn label(&self, path: &Path, index: usize, record: &[u8]) -> Result<u8, DatasetError> {
        let mut class = 0;
        for (&(kind, classes), &label) in self.labels.iter().zip(record) {
            if usize::from(label) >= classes {
                let remedy = format!("the file is damaged or not {}; {}", self.name, self.fetch_again());
                let (path, record) = (path.to_owned(), index as u64);
                return Err(DatasetError::Label { path, record, kind, label, classes, remedy });
            }
            class = label;
        }
        Ok(class)
    }

    fn fetch(&self) -> String {
        format!(
            "unpack {} (https://www.cs.toronto.edu/~kriz/{}) and give its folder {}",
            self.archive, self.archive, self.folder
        )
    }

    fn fetch_again(&self) -> String {
        format!(
            "unpack {} again (https://www.cs.toronto.edu/~kriz/{}), or switch checksums off to use altered files",
            self.archive, self.archive
        )
    }

    /// Guesses why a file is missing: the folder above or the pickled edition was given, or the set is incomplete.
    fn missing_file(&self, path: &Path) -> String {
        let dir = path.parent().unwrap_or(path);
        let inside = dir.join(self.folder);
        if inside.is_dir() {
            return format!("give the folder {} inside it", inside.display());
        }
        if dir.join(self.python_file).exists() || dir.join(self.python_folder).exists() {
            return format!("this is the pickled Python edition; {}", self.fetch());
        }
        self.fetch()
    }
}

/// Appends the three planes of a record as pixels.
fn append_pixels(pixels: &mut Vec<u8>, planes: &[u8]) {
    let (red, rest) = planes.split_at(PLANE);
    let (green, blue) = rest.split_at(PLANE);
    let start = pixels.len();
    pixels.resize(start + PIXELS, 0);
    let targets = pixels[start..].chunks_exact_mut(CHANNELS);
    for (pixel, ((&red, &green), &blue)) in targets.zip(red.iter().zip(green).zip(blue)) {
        pixel.copy_from_slice(&[red, green, blue]);
    }
}
