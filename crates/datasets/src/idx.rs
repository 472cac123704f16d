//! IDX files, the format of MNIST and its family (Y. LeCun, C. Cortes, C. Burges, <http://yann.lecun.com/exdb/mnist/>): one
//! file of grey images, one of labels, plain or gzipped. Downloads nothing.

use crate::cifar::Limit;
use crate::{DatasetError, ImageSet};
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// A part of a set: `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, or the same with `t10k`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// For training and validation.
    Train,
    /// For a last test.
    Test,
}

/// Reads images of one channel and their labels from `dir`. Classes are called by their number, from 0 to the highest label
/// of the part.
pub fn load(dir: &Path, part: Part, limit: Limit) -> Result<ImageSet, DatasetError> {
    let (stem, name) = match part {
        Part::Train => ("train", "idx train"),
        Part::Test => ("t10k", "idx test"),
    };
    let labels = read(dir, stem, &LABELS)?;
    let images = read(dir, stem, &IMAGES)?;
    let (available, [height, width]) = (labels.counts[0], [images.counts[1], images.counts[2]]);
    if images.counts[0] != available {
        let expected = format!("{available} images, as many as {} has labels", labels.path.display());
        let found = images.counts[0].to_string();
        return Err(DatasetError::Idx { path: images.path, what: IMAGES.what, expected, found });
    }
    let wanted = match limit {
        Limit::All => available,
        Limit::First(images) if (1..=available).contains(&images) => images,
        Limit::First(requested) => return Err(DatasetError::Limit { part: name, requested, available }),
    };
    let classes = labels.bytes.iter().max().map_or(0, |&highest| usize::from(highest) + 1);
    let set = ImageSet {
        name: name.to_owned(),
        height,
        width,
        channels: 1,
        class_names: (0..classes).map(|class| class.to_string()).collect(),
        pixels: images.bytes,
        labels: labels.bytes,
    };
    Ok(set.take(wanted))
}

/// Whether `dir` holds a set of this format.
pub fn is_there(dir: &Path) -> bool {
    ["train", "t10k"].iter().any(|stem| candidates(dir, stem, &IMAGES).iter().any(|path| path.is_file()))
}

/// One of the two kinds of files.
struct Kind {
    what: &'static str,
    /// Numbers in the head after the magic one.
    dimensions: usize,
}

const IMAGES: Kind = Kind { what: "images", dimensions: 3 };
const LABELS: Kind = Kind { what: "labels", dimensions: 1 };

struct Contents {
    path: PathBuf,
    counts: Vec<usize>,
    bytes: Vec<u8>,
}

/// The names a file goes by, of which the first that is there is read.
fn candidates(dir: &Path, stem: &str, kind: &Kind) -> Vec<PathBuf> {
    let Kind { what, dimensions } = kind;
    let plain =
        [format!("{stem}-{what}-idx{dimensions}-ubyte"), format!("{stem}-{what}.idx{dimensions}-ubyte")];
    plain.iter().flat_map(|name| [dir.join(name), dir.join(format!("{name}.gz"))]).collect()
}

fn read(dir: &Path, stem: &str, kind: &Kind) -> Result<Contents, DatasetError> {
    let remedy =
        || format!("give the folder with {stem}-{}-idx{}-ubyte, or its .gz", kind.what, kind.dimensions);
    if !dir.is_dir() {
        return Err(DatasetError::MissingFolder { path: dir.to_owned(), remedy: remedy() });
    }
    let candidates = candidates(dir, stem, kind);
    let path = match candidates.iter().find(|path| path.exists()) {
        Some(path) => path.clone(),
        None => return Err(DatasetError::MissingFile { path: candidates[0].clone(), remedy: remedy() }),
    };
    let unreadable = |source: io::Error| DatasetError::Unreadable { path: path.clone(), source };
    let file = File::open(&path).map_err(unreadable)?;
    let mut stream: Box<dyn Read> = match path.extension() {
        Some(extension) if extension == "gz" => Box::new(GzDecoder::new(file)),
        _ => Box::new(file),
    };
    let mut head = vec![0; 4 + 4 * kind.dimensions];
    let shorter = |source: io::Error| match source.kind() {
        ErrorKind::UnexpectedEof => wrong(&path, kind, "a longer file", "its end within the head"),
        _ => unreadable(source),
    };
    stream.read_exact(&mut head).map_err(shorter)?;
    let magic = [0, 0, 8, kind.dimensions as u8];
    if head[..4] != magic {
        return Err(wrong(&path, kind, &format!("magic number {magic:?}"), &format!("{:?}", &head[..4])));
    }
    let (words, _) = head[4..].as_chunks::<4>();
    let counts: Vec<usize> = words.iter().map(|&word| u32::from_be_bytes(word) as usize).collect();
    if counts.contains(&0) {
        return Err(wrong(&path, kind, "sizes above 0", &format!("{counts:?}")));
    }
    let total = counts.iter().try_fold(1_u64, |total, &count| total.checked_mul(count as u64));
    let Some(total) = total.filter(|&total| total < MOST_BYTES) else {
        return Err(wrong(&path, kind, "at most 16 GiB", &format!("sizes {counts:?}")));
    };
    let mut bytes = Vec::new();
    // One byte more shows whether the file goes on.
    stream.take(total + 1).read_to_end(&mut bytes).map_err(|source| match source.kind() {
        ErrorKind::UnexpectedEof => wrong(&path, kind, "a whole gzip file", "one that ends early"),
        _ => unreadable(source),
    })?;
    if bytes.len() as u64 != total {
        let more = bytes.len() as u64 > total;
        let found = if more { "more".to_owned() } else { format!("{}: the file is cut off", bytes.len()) };
        return Err(wrong(&path, kind, &format!("{total} bytes after the head"), &found));
    }
    Ok(Contents { path, counts, bytes })
}

/// No set of this family comes near; a head that claims more is damaged.
const MOST_BYTES: u64 = 1 << 34;

fn wrong(path: &Path, kind: &Kind, expected: &str, found: &str) -> DatasetError {
    let (expected, found) = (expected.to_owned(), found.to_owned());
    DatasetError::Idx { path: path.to_owned(), what: kind.what, expected, found }
}
