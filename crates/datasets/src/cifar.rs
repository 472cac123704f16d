//! CIFAR-10 and CIFAR-100 in their binary layout (A. Krizhevsky, "Learning Multiple Layers of Features from Tiny
//! Images", 2009; <https://www.cs.toronto.edu/~kriz/cifar.html>). Reads files that are there; downloads nothing.

mod names;
mod records;

use crate::{DatasetError, ImageSet};
use records::{Layout, Part, RECORDS};
use std::path::Path;

/// What to read, and how carefully.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Training images: files that hold none of them are not opened.
    pub train: Limit,
    /// Test images.
    pub test: TestPart,
    /// Whether content is compared with the published checksums.
    pub checksums: Checksums,
}

impl Options {
    /// Everything, verified.
    pub const ALL: Self =
        Self { train: Limit::All, test: TestPart::Read(Limit::All), checksums: Checksums::Verify };

    /// The first `images` training images, verified, and no test images: what a search needs.
    pub const fn train_only(images: usize) -> Self {
        Self { train: Limit::First(images), test: TestPart::Skip, checksums: Checksums::Verify }
    }
}

/// How many images of a part, from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// All of them.
    All,
    /// The first so many, at least one.
    First(usize),
}

/// Whether the test images are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestPart {
    /// They are not, and their file may be missing.
    Skip,
    /// They are.
    Read(Limit),
}

/// Whether files are compared with the published checksums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksums {
    /// Each file read must be complete and, where its MD5 is known, have it.
    Verify,
    /// Altered files are welcome: a file needs no more than the records asked for.
    Skip,
}

/// What is known of the files that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integrity {
    /// Every file has the MD5 of the original: so for the training part of CIFAR-10.
    Verified,
    /// Sizes and labels are right, but this crate knows no MD5 to compare with: so for the test part of CIFAR-10
    /// and for all of CIFAR-100.
    Unknown,
    /// The comparison was switched off.
    NotChecked,
}

/// The two parts of a CIFAR set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CifarSets {
    /// Training images, in the order of the files.
    pub train: ImageSet,
    /// What is known of the training files.
    pub train_integrity: Integrity,
    /// Test images, if asked for.
    pub test: Option<ImageSet>,
    /// What is known of the test file.
    pub test_integrity: Option<Integrity>,
}

/// Reads CIFAR-10 from `dir`, the folder with `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`:
/// 50,000 and 10,000 images of 32 x 32 x 3 in ten classes.
pub fn load_10(dir: &Path, options: &Options) -> Result<CifarSets, DatasetError> {
    load(dir, options, &CIFAR_10)
}

/// Reads CIFAR-100 from `dir`, the folder with `train.bin` and `test.bin`: 50,000 and 10,000 images of
/// 32 x 32 x 3, labelled with the hundred fine classes (the twenty coarse labels are checked and dropped).
pub fn load_100(dir: &Path, options: &Options) -> Result<CifarSets, DatasetError> {
    load(dir, options, &CIFAR_100)
}

const CIFAR_10: Layout = Layout {
    name: "cifar10",
    labels: &[("class", 10)],
    class_names: &names::CIFAR_10,
    train: Part {
        name: "cifar10 train",
        files: &[
            ("data_batch_1.bin", RECORDS, Some("5dd7e06a14cb22eb9f671a540d1b7c25")),
            ("data_batch_2.bin", RECORDS, Some("5ea93a67294ea407fff1d09f752e9692")),
            ("data_batch_3.bin", RECORDS, Some("942cd6a4bcdd0dd3c604fbe906cb4421")),
            ("data_batch_4.bin", RECORDS, Some("ae636b3ba5c66a11e91e8cb52e771fcb")),
            ("data_batch_5.bin", RECORDS, Some("53f37980c15c3d472c316c40844f3f0d")),
        ],
    },
    test: Part { name: "cifar10 test", files: &[("test_batch.bin", RECORDS, None)] },
    folder: "cifar-10-batches-bin",
    python_folder: "cifar-10-batches-py",
    python_file: "data_batch_1",
    archive: "cifar-10-binary.tar.gz",
};

const CIFAR_100: Layout = Layout {
    name: "cifar100",
    labels: &[("coarse", 20), ("fine", 100)],
    class_names: &names::CIFAR_100,
    train: Part { name: "cifar100 train", files: &[("train.bin", 5 * RECORDS, None)] },
    test: Part { name: "cifar100 test", files: &[("test.bin", RECORDS, None)] },
    folder: "cifar-100-binary",
    python_folder: "cifar-100-python",
    python_file: "train",
    archive: "cifar-100-binary.tar.gz",
};

fn load(dir: &Path, options: &Options, layout: &Layout) -> Result<CifarSets, DatasetError> {
    layout.check_folder(dir)?;
    let (train, train_integrity) = layout.read(dir, &layout.train, options.train, options.checksums)?;
    let test = match options.test {
        TestPart::Skip => None,
        TestPart::Read(limit) => Some(layout.read(dir, &layout.test, limit, options.checksums)?),
    };
    let (test, test_integrity) = test.unzip();
    Ok(CifarSets { train, train_integrity, test, test_integrity })
}
