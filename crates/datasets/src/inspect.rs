//! What is in a folder of images, without training on it: kind, sizes, classes, mean and deviation, and every file that
//! cannot be read. It decodes everything once and keeps nothing. It prints nothing.

use crate::cifar::{self, Limit, Options, TestPart};
use crate::folder::{Corrupt, Folder, FolderOptions, FolderPart};
use crate::{DatasetError, ImageSet, idx};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

mod measure;

use measure::Sums;

/// What a folder holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Its kind, as `data.source` calls it.
    pub kind: &'static str,
    /// The training part, then the test part if there is one.
    pub parts: Vec<PartReport>,
    /// What is wrong with files that cannot be read, each with its path.
    pub faults: Vec<String>,
}

/// What a part of a set holds.
#[derive(Debug, Clone, PartialEq)]
pub struct PartReport {
    /// What it is called.
    pub name: String,
    /// Readable images of each class.
    pub classes: Vec<(String, usize)>,
    /// How many images there are of each height and width.
    pub sizes: BTreeMap<(usize, usize), usize>,
    /// Mean of each channel over all pixels, where a byte of 255 is 1.
    pub mean: Vec<f64>,
    /// Standard deviation of each channel.
    pub std: Vec<f64>,
}

/// Looks at everything in `dir`; which kind of set it is follows from the names of its files.
///
/// # Errors
/// If the folder is of no known kind, or a file without which nothing can be said is missing or damaged. Damaged images of a
/// folder of images are no error, but part of the report.
pub fn inspect(dir: &Path) -> Result<Report, DatasetError> {
    if dir.join("data_batch_1.bin").is_file() || dir.join("test_batch.bin").is_file() {
        return cifar(dir, "cifar-10", cifar::load_10);
    }
    if dir.join("train.bin").is_file() {
        return cifar(dir, "cifar-100", cifar::load_100);
    }
    if idx::is_there(dir) {
        let train = idx::load(dir, idx::Part::Train, Limit::All)?;
        let test = idx::load(dir, idx::Part::Test, Limit::All)?;
        return Ok(in_memory("idx", [train, test]));
    }
    folder(dir)
}

fn cifar(
    dir: &Path,
    kind: &'static str,
    load: fn(&Path, &Options) -> Result<cifar::CifarSets, DatasetError>,
) -> Result<Report, DatasetError> {
    let sets = load(dir, &Options { test: TestPart::Read(Limit::All), ..Options::ALL })?;
    Ok(in_memory(kind, [Some(sets.train), sets.test].into_iter().flatten()))
}

fn in_memory(kind: &'static str, sets: impl IntoIterator<Item = ImageSet>) -> Report {
    let part = |set: ImageSet| {
        let mut sums = Sums::default();
        sums.add(&set.pixels, set.channels);
        let (mean, std) = sums.moments();
        let counts = set.class_counts();
        PartReport {
            name: set.name,
            classes: set.class_names.into_iter().zip(counts).collect(),
            sizes: [((set.height, set.width), set.labels.len())].into(),
            mean,
            std,
        }
    };
    Report { kind, parts: sets.into_iter().map(part).collect(), faults: Vec::new() }
}

fn folder(dir: &Path) -> Result<Report, DatasetError> {
    let mut report = Report { kind: "folder", parts: Vec::new(), faults: Vec::new() };
    for part in [FolderPart::Train, FolderPart::Test] {
        // The size does not matter: files are looked at as they are.
        let options = FolderOptions { part, size: 1, resize: 1, corrupt: Corrupt::Skip };
        let folder = match Folder::open(dir, options) {
            Err(DatasetError::Empty { .. }) if part == FolderPart::Test => break,
            folder => folder?,
        };
        let unnamed = |path: PathBuf| format!("{}: empty, or not named .jpg, .jpeg or .png", path.display());
        report.faults.extend(folder.skipped().into_iter().map(unnamed));
        let looked = measure::look(&folder);
        report.faults.extend(looked.faults);
        let (mean, std) = looked.sums.moments();
        let classes = folder.class_names().iter().cloned().zip(looked.counts).collect();
        report.parts.push(PartReport { name: folder.name(), classes, sizes: looked.sizes, mean, std });
    }
    report.faults.sort();
    report.faults.dedup();
    Ok(report)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "data.source = {:?}", self.kind)?;
        for part in &self.parts {
            write!(f, "{part}")?;
        }
        match self.faults.len() {
            0 => writeln!(f, "\nno unreadable files"),
            faults => {
                writeln!(f, "\n{faults} unreadable files")?;
                self.faults.iter().try_for_each(|fault| writeln!(f, "  {fault}"))
            }
        }
    }
}

impl fmt::Display for PartReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let images: usize = self.classes.iter().map(|(_, count)| count).sum();
        writeln!(f, "\n{}: {images} images in {} classes", self.name, self.classes.len())?;
        let counts = self.classes.iter().map(|&(_, count)| count);
        let (least, most) = (counts.clone().min().unwrap_or(0), counts.max().unwrap_or(0));
        writeln!(f, "  images a class  {least} to {most}")?;
        writeln!(f, "  height x width  {}", sizes(&self.sizes))?;
        writeln!(f, "  mean            {}", numbers(&self.mean))?;
        writeln!(f, "  deviation       {}", numbers(&self.std))?;
        self.classes.iter().try_for_each(|(name, count)| writeln!(f, "  {count:>8}  {name}"))
    }
}

/// The one size, or the range of both sides.
fn sizes(sizes: &BTreeMap<(usize, usize), usize>) -> String {
    let range = |side: fn(&(usize, usize)) -> usize| {
        let sides = sizes.keys().map(side);
        (sides.clone().min().unwrap_or(0), sides.max().unwrap_or(0))
    };
    let ((low, high), (narrow, wide)) = (range(|size| size.0), range(|size| size.1));
    match sizes.len() {
        0 | 1 => format!("{low} x {narrow}"),
        kinds => format!("{low}..{high} x {narrow}..{wide}, {kinds} sizes"),
    }
}

fn numbers(values: &[f64]) -> String {
    values.iter().map(|value| format!("{value:.5}")).collect::<Vec<_>>().join(" ")
}
