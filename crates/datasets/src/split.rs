//! Which images train the weights and which score the architectures. The CARS paper (CVPR 2020)
//! halves the 50,000 training images of CIFAR-10 by index. This file only deals out indices.

use crate::image_set::hexadecimal;
use crate::{DatasetError, draw};
use random::{Purpose, stream};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

/// Disjoint image indices for training and for validation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Images that train the weights.
    pub train: Vec<usize>,
    /// Images that score the architectures.
    pub validation: Vec<usize>,
}

/// The stream index of a split; epochs use index 0 of the same purpose.
const SPLIT: u64 = 1;

impl Split {
    /// The paper's split: the first half by index trains, the second validates (an odd image goes to the second).
    pub fn first_halves(images: usize) -> Result<Self, DatasetError> {
        Self::counts(images, images / 2, images - images / 2)
    }

    /// The first `train` images train, the `validation` images right after them validate, the rest stay unused.
    ///
    /// Neither part may be empty.
    pub fn counts(images: usize, train: usize, validation: usize) -> Result<Self, DatasetError> {
        let used = check(images, train, validation)?;
        Ok(Self { train: (0..train).collect(), validation: (train..used).collect() })
    }

    /// As [`counts`](Self::counts), after putting all images in a random order fixed by `seed`: for sets whose
    /// images come ordered by class.
    pub fn shuffled(images: usize, train: usize, validation: usize, seed: u64) -> Result<Self, DatasetError> {
        let used = check(images, train, validation)?;
        let mut order: Vec<usize> = (0..images).collect();
        draw::shuffle(&mut stream(seed, Purpose::Shuffle, 0, SPLIT), &mut order);
        order.truncate(used);
        let validation = order.split_off(train);
        Ok(Self { train: order, validation })
    }

    /// A split that a JSON file lists: `{"train": [indices], "valid": [indices]}`, as that of NAS-Bench-201 (Dong and
    /// Yang, <https://arxiv.org/abs/2001.00326>, section 2.2) is published.
    ///
    /// # Errors
    /// If the file is none such, a part is empty, an index is not below `images`, or one is listed twice.
    pub fn from_file(path: &Path, images: usize) -> Result<Self, DatasetError> {
        let wrong = |fault: String| DatasetError::SplitFile { path: path.to_owned(), fault, images };
        let text = fs::read_to_string(path)
            .map_err(|source| DatasetError::Unreadable { path: path.to_owned(), source })?;
        let listed: Listed = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let mut seen = vec![false; images];
        for (part, indices) in [("train", &listed.train), ("valid", &listed.valid)] {
            if indices.is_empty() {
                return Err(wrong(format!("`{part}` is empty")));
            }
            for (place, &index) in indices.iter().enumerate() {
                match seen.get_mut(index) {
                    None => return Err(wrong(format!("{part}[{place}] is {index}, out of range"))),
                    Some(true) => return Err(wrong(format!("{part}[{place}] is {index}, listed before"))),
                    Some(seen) => *seen = true,
                }
            }
        }
        Ok(Self { train: listed.train, validation: listed.valid })
    }

    /// The SHA-256, in hexadecimal, of both parts in their order.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for part in [&self.train, &self.validation] {
            hash.update((part.len() as u64).to_le_bytes());
            for &index in part {
                hash.update((index as u64).to_le_bytes());
            }
        }
        hexadecimal(&hash.finalize())
    }

    /// The first `train` and the first `validation` of its images.
    pub fn first(mut self, train: usize, validation: usize) -> Result<Self, DatasetError> {
        let (train_images, validation_images) = (self.train.len(), self.validation.len());
        if !(1..=train_images).contains(&train) || !(1..=validation_images).contains(&validation) {
            return Err(DatasetError::Split { images: train_images + validation_images, train, validation });
        }
        self.train.truncate(train);
        self.validation.truncate(validation);
        Ok(self)
    }
}

/// A split as its file has it.
#[derive(serde::Deserialize)]
struct Listed {
    train: Vec<usize>,
    valid: Vec<usize>,
}

/// The number of images used in all, if the parts fit.
fn check(images: usize, train: usize, validation: usize) -> Result<usize, DatasetError> {
    match train.checked_add(validation) {
        Some(used) if used <= images && train > 0 && validation > 0 => Ok(used),
        _ => Err(DatasetError::Split { images, train, validation }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may write files")]
    use super::*;

    #[test]
    fn halves_follow_the_paper() {
        let split = Split::first_halves(50_000).unwrap();
        assert_eq!((split.train.len(), split.validation.len()), (25_000, 25_000));
        assert_eq!((split.train[24_999], split.validation[0]), (24_999, 25_000));
        let odd = Split::first_halves(5).unwrap();
        assert_eq!((odd.train, odd.validation), (vec![0, 1], vec![2, 3, 4]));
    }

    #[test]
    fn shuffled_parts_are_disjoint_and_fixed_by_the_seed() {
        let split = Split::shuffled(100, 60, 30, 7).unwrap();
        let mut all: Vec<usize> = split.train.iter().chain(&split.validation).copied().collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 90);
        assert_eq!(split, Split::shuffled(100, 60, 30, 7).unwrap());
        assert_ne!(split, Split::shuffled(100, 60, 30, 8).unwrap());
        assert_ne!(split.train, (0..60).collect::<Vec<_>>());
    }

    #[test]
    fn a_listed_split_is_checked() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("split.json");
        let read = |text: &str| {
            fs::write(&path, text).unwrap();
            Split::from_file(&path, 5)
        };
        let split = read(r#"{"train": [4, 0], "valid": [1, 2, 3]}"#).unwrap();
        assert_eq!((&split.train[..], &split.validation[..]), (&[4, 0][..], &[1, 2, 3][..]));
        assert_eq!(split.first(1, 2).unwrap(), Split { train: vec![4], validation: vec![1, 2] });
        for (text, fault) in [
            (r#"{"train": [0, 5], "valid": [1]}"#, "train[1] is 5, out of range; expected"),
            (r#"{"train": [0], "valid": [1, 0]}"#, "valid[1] is 0, listed before; expected"),
            (r#"{"train": [], "valid": [1]}"#, "`train` is empty; expected"),
            (r#"{"train": [0]}"#, "missing field `valid`"),
            ("0 1 2", "line 1"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(fault) && error.contains("split.json"), "{error}");
        }
    }

    #[test]
    fn impossible_counts_are_refused() {
        for (images, train, validation) in [(10, 8, 3), (10, 0, 5), (10, 5, 0), (1, usize::MAX, 2)] {
            assert!(Split::counts(images, train, validation).is_err());
            assert!(Split::shuffled(images, train, validation, 1).is_err());
        }
        assert!(Split::first_halves(1).is_err());
        let message = Split::counts(10, 8, 3).unwrap_err().to_string();
        assert!(
            message.starts_with("cannot split 10 images into 8 for training and 3 for validation"),
            "{message}"
        );
    }
}
