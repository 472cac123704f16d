//! The one error type of this crate but for downloads. Every message names the file, record or setting at fault, what was
//! expected and found, and what to do about it. It does not decide exit codes or print.

use crate::ImageFault;
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
    /// Draws cannot say how these images are varied.
    #[error("batches of draws cannot have windows of random size or changed colours: load images instead")]
    MoreThanDraws,
    /// An image file that no pixels can be had of.
    #[error("{}: {fault}", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: ImageFault,
    },
    /// Every image of a batch is corrupt.
    #[error("all {images} images of step {step} are corrupt, the first of them: {first}")]
    EmptyBatch {
        /// The step.
        step: usize,
        /// Images it should have had.
        images: usize,
        /// What is wrong with the first of them.
        first: String,
    },
    /// A folder of images has no folders of classes.
    #[error("{} holds no folders of classes: {remedy}", path.display())]
    NoClasses {
        /// The folder.
        path: PathBuf,
        /// What to do.
        remedy: String,
    },
    /// The folder of a class holds no image.
    #[error("{} holds no image: put images of the class there, or remove the folder", path.display())]
    EmptyClass {
        /// The folder.
        path: PathBuf,
    },
    /// The classes of the test part are not those of the training part.
    #[error("class {class:?} is in {} and not in {}: both need the same folders", present.display(), absent.display())]
    OtherClasses {
        /// The class.
        class: String,
        /// The part that has it.
        present: PathBuf,
        /// The part that lacks it.
        absent: PathBuf,
    },
    /// Images are not what the network takes, or their classes not as many as it tells apart.
    #[error(
        "{name} has images of {} x {} x {} in {} classes (height x width x channels), but the network takes {} x {} x {} and \
         tells {} classes apart: set data.size and data.classes to what is there",
        found[0], found[1], found[2], found[3], expected[0], expected[1], expected[2], expected[3]
    )]
    OtherShape {
        /// Name of the set.
        name: String,
        /// Height, width, channels and classes of the network.
        expected: [usize; 4],
        /// Those of the set.
        found: [usize; 4],
    },
    /// A file is not in IDX format, or not of the kind its name says.
    #[error("{} is no IDX file of {what}: expected {expected}, found {found}", path.display())]
    Idx {
        /// The file.
        path: PathBuf,
        /// `images` or `labels`.
        what: &'static str,
        /// What its head should say.
        expected: String,
        /// What it says.
        found: String,
    },
    /// A file with a split cannot be used.
    #[error("{}: {fault}; expected {{\"train\": [indices], \"valid\": [indices]}}, disjoint, each from 0 to {}", path.display(), images.saturating_sub(1))]
    SplitFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: String,
        /// Images in the set.
        images: usize,
    },
    /// Images of other than three channels have no colours to change.
    #[error(
        "colours can only be changed in images of 3 channels, these have {channels}: set data.colour_jitter = 0"
    )]
    Colours {
        /// Channels of the images.
        channels: usize,
    },
    /// A strength of colour changes out of range.
    #[error("colour changes of strength {strength}: expected more than 0 and at most 1")]
    Strength {
        /// The strength asked for.
        strength: f32,
    },
    /// Sizes of a folder's images that contradict each other.
    #[error(
        "images cannot be scaled to {resize} and cut to {size} pixels: expected 1 <= size <= resize <= 4096"
    )]
    Resize {
        /// Pixels of the shorter side after scaling.
        resize: usize,
        /// Pixels of the square.
        size: usize,
    },
    /// The threads that decode images cannot be had.
    #[error("cannot start the threads that decode images: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
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
