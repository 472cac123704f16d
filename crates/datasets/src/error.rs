//! The one error type of this crate. Every message names the file, record or setting at fault, what was
//! expected and found, and what to do about it. It does not decide exit codes or print.

use std::io;
use std::path::PathBuf;

/// Why a set, a split or a loader could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// The data folder does not exist or is not a folder.
    #[error("no data folder at {}: {remedy}", path.display())]
    MissingFolder {
        /// The folder asked for.
        path: PathBuf,
        /// What to do.
        remedy: String,
    },
    /// A file of the set is not in its folder.
    #[error("{} is missing: {remedy}", path.display())]
    MissingFile {
        /// The file asked for.
        path: PathBuf,
        /// What to do.
        remedy: String,
    },
    /// The operating system refused to read a file.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file ends before the records asked for.
    #[error(
        "{} is truncated: expected {expected} bytes, found {found}, so record {record} is incomplete; {remedy}",
        path.display()
    )]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Bytes needed.
        expected: u64,
        /// Bytes there.
        found: u64,
        /// Index within the file of the first record that is not whole.
        record: u64,
        /// What to do.
        remedy: String,
    },
    /// A file is longer than its format allows.
    #[error("{} is too long: expected {expected} bytes, found {found}; {remedy}", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Bytes of a complete file.
        expected: u64,
        /// Bytes there.
        found: u64,
        /// What to do.
        remedy: String,
    },
    /// A file has the right size and the wrong content.
    #[error("{} has MD5 {found}, expected {expected}: {remedy}", path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
        /// The published MD5, in hexadecimal.
        expected: String,
        /// The MD5 of the file found.
        found: String,
        /// What to do.
        remedy: String,
    },
    /// A record's label names no class.
    #[error(
        "{}, record {record}: {kind} label {label} is out of range, labels go from 0 to {}: {remedy}",
        path.display(), classes - 1
    )]
    Label {
        /// The file.
        path: PathBuf,
        /// Index of the record within the file.
        record: u64,
        /// Which of the record's labels: `class`, `coarse` or `fine`.
        kind: &'static str,
        /// The label found.
        label: u8,
        /// Number of classes.
        classes: usize,
        /// What to do.
        remedy: String,
    },
    /// More images were asked for than there are, or none.
    #[error("{requested} images of {part} asked for: give a number from 1 to {available}")]
    Limit {
        /// Which part of the set.
        part: &'static str,
        /// Images asked for.
        requested: usize,
        /// Images in that part.
        available: usize,
    },
    /// The fields of an image set contradict each other.
    #[error("image set `{name}`: expected {expected} {what}, found {found}")]
    Inconsistent {
        /// Name of the set.
        name: String,
        /// What was counted, with its unit.
        what: &'static str,
        /// How many the other fields imply.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A label in memory names no class.
    #[error("image set `{name}`, image {index}: label {label} is out of range, there are {classes} classes")]
    LabelInMemory {
        /// Name of the set.
        name: String,
        /// The image.
        index: usize,
        /// Its label.
        label: u8,
        /// Number of classes.
        classes: usize,
    },
    /// An image index lies outside the set.
    #[error("image {index} asked for, but the set holds {images} images (0 to {})", images.saturating_sub(1))]
    Index {
        /// The index asked for.
        index: usize,
        /// Images in the set.
        images: usize,
    },
    /// A split asks for more images than there are, or leaves a part empty.
    #[error(
        "cannot split {images} images into {train} for training and {validation} for validation: each part needs \
         at least one image and their sum at most {images}"
    )]
    Split {
        /// Images in the set.
        images: usize,
        /// Training images asked for.
        train: usize,
        /// Validation images asked for.
        validation: usize,
    },
    /// A normalisation does not fit the images.
    #[error("normalisation has {found} channels, the images have {expected}")]
    Channels {
        /// Channels of the images.
        expected: usize,
        /// Channels of the normalisation.
        found: usize,
    },
    /// A channel cannot be normalised: its standard deviation is zero or not finite.
    #[error("channel {channel} has standard deviation {std}: only a positive finite one can be divided by")]
    Deviation {
        /// The channel.
        channel: usize,
        /// Its standard deviation.
        std: f32,
    },
    /// There is nothing to load or to measure.
    #[error("no images: {what} needs at least one")]
    Empty {
        /// What was asked to work on nothing.
        what: &'static str,
    },
    /// A batch size of zero, or one that leaves no whole batch.
    #[error("batch size {batch} does not fit {images} images: give a number from 1 to {images}")]
    BatchSize {
        /// The size asked for.
        batch: usize,
        /// Images to load.
        images: usize,
    },
    /// A cut-out or padding that no image of this size can take.
    #[error("{what} of {size} pixels does not fit images of {height} x {width} pixels")]
    Augmentation {
        /// `padding` or `cutout`.
        what: &'static str,
        /// The size asked for.
        size: usize,
        /// Height of the images.
        height: usize,
        /// Width of the images.
        width: usize,
    },
    /// An epoch was asked to start after its end.
    #[error("cannot start at step {step}: an epoch has {steps} steps")]
    Step {
        /// The step asked for.
        step: usize,
        /// Steps of an epoch.
        steps: usize,
    },
    /// The system would not start the background thread.
    #[error("cannot start the loader's thread: {source}")]
    Thread {
        /// What the system said.
        source: io::Error,
    },
    /// The thread that prepares batches panicked: a defect, not a bad input.
    #[error("the loader's thread panicked while preparing step {step}: {message}")]
    Panicked {
        /// The step that was being waited for.
        step: usize,
        /// The panic's message.
        message: String,
    },
}
