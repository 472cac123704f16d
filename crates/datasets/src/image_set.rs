//! A labelled set of equally sized images in memory, one byte a channel. It does not know where the images came
//! from, how they are split, or what is trained on them.

use crate::DatasetError;
use crate::scale::Pixels;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Images of one size with one label each, as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageSet {
    /// What the set is called in messages and reports, for instance `cifar10 train`.
    pub name: String,
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// Channels of a pixel.
    pub channels: usize,
    /// One name for each class, in label order.
    pub class_names: Vec<String>,
    /// All pixels, `[image][row][column][channel]` (NHWC), one byte each.
    pub pixels: Vec<u8>,
    /// One label for each image, below the number of classes.
    pub labels: Vec<u8>,
}

impl ImageSet {
    /// Number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.class_names.len()
    }

    /// Bytes of one image: height x width x channels.
    pub fn image_bytes(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// The bytes of one image, `[row][column][channel]`.
    ///
    /// # Panics
    /// If `index` is not below [`len`](Self::len), as slice indexing does.
    pub fn image(&self, index: usize) -> &[u8] {
        let bytes = self.image_bytes();
        &self.pixels[index * bytes..(index + 1) * bytes]
    }

    pub(crate) fn pixels_of(&self, index: usize) -> Pixels<'_> {
        Pixels { bytes: self.image(index), height: self.height, width: self.width, channels: self.channels }
    }

    /// How many images each class has.
    pub fn class_counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.classes()];
        for &label in &self.labels {
            counts[usize::from(label)] += 1;
        }
        counts
    }

    /// The images at `indices`, in that order (repetition allowed).
    pub fn subset(&self, indices: &[usize]) -> Result<Self, DatasetError> {
        let mut pixels = Vec::with_capacity(indices.len() * self.image_bytes());
        let mut labels = Vec::with_capacity(indices.len());
        for &index in indices {
            self.check_index(index)?;
            pixels.extend_from_slice(self.image(index));
            labels.push(self.labels[index]);
        }
        Ok(Self { name: self.name.clone(), class_names: self.class_names.clone(), pixels, labels, ..*self })
    }

    /// The first `images` images; all of them if there are fewer.
    #[must_use]
    pub fn take(mut self, images: usize) -> Self {
        self.labels.truncate(images);
        self.pixels.truncate(images.saturating_mul(self.image_bytes()));
        self
    }

    /// Checks that the fields agree: sizes are not zero, pixels match labels, and every label has a class.
    ///
    /// The fields are open, so whoever relies on their agreement (the loader does) asks here first.
    pub fn check(&self) -> Result<(), DatasetError> {
        let wrong = |what, expected, found| {
            Err(DatasetError::Inconsistent { name: self.name.clone(), what, expected, found })
        };
        if self.image_bytes() == 0 {
            return wrong("or more bytes an image", 1, 0);
        }
        let bytes = self.len() * self.image_bytes();
        if self.pixels.len() != bytes {
            return wrong("bytes of pixels", bytes, self.pixels.len());
        }
        let classes = self.classes();
        match self.labels.iter().position(|&label| usize::from(label) >= classes) {
            Some(index) => {
                let label = self.labels[index];
                Err(DatasetError::LabelInMemory { name: self.name.clone(), index, label, classes })
            }
            None => Ok(()),
        }
    }

    /// The SHA-256, in hexadecimal, of everything that can change a result: sizes, number of classes, labels and
    /// pixels. Names are left out.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for number in [self.len(), self.height, self.width, self.channels, self.classes()] {
            hash.update((number as u64).to_le_bytes());
        }
        hash.update(&self.labels);
        hash.update(&self.pixels);
        hexadecimal(&hash.finalize())
    }

    /// Name and fingerprint, as runs write them down.
    pub fn description(&self) -> String {
        format!("{}, sha256 {}", self.name, self.sha256())
    }

    pub(crate) fn check_index(&self, index: usize) -> Result<(), DatasetError> {
        if index < self.len() { Ok(()) } else { Err(DatasetError::Index { index, images: self.len() }) }
    }
}

/// Lower-case hexadecimal digits of `bytes`.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn three() -> ImageSet {
        ImageSet {
            name: "three".into(),
            height: 1,
            width: 2,
            channels: 1,
            class_names: vec!["a".into(), "b".into()],
            pixels: vec![1, 2, 3, 4, 5, 6],
            labels: vec![0, 1, 0],
        }
    }

    #[test]
    fn subsets_keep_order_and_refuse_strangers() {
        let set = three();
        let some = set.subset(&[2, 0, 2]).unwrap();
        assert_eq!((some.pixels, some.labels), (vec![5, 6, 1, 2, 5, 6], vec![0, 0, 0]));
        let error = set.subset(&[1, 3]).unwrap_err();
        assert_eq!(error.to_string(), "image 3 asked for, but the set holds 3 images (0 to 2)");
        assert_eq!(set.clone().take(2).pixels, [1, 2, 3, 4]);
        assert_eq!(set.clone().take(9), set);
        assert_eq!(set.class_counts(), [2, 1]);
    }

    #[test]
    fn contradictions_are_found() {
        assert!(three().check().is_ok());
        let short = ImageSet { pixels: vec![0; 5], ..three() };
        assert_eq!(
            short.check().unwrap_err().to_string(),
            "image set `three`: expected 6 bytes of pixels, found 5"
        );
        let stray = ImageSet { labels: vec![0, 2, 1], ..three() };
        assert_eq!(
            stray.check().unwrap_err().to_string(),
            "image set `three`, image 1: label 2 is out of range, there are 2 classes"
        );
        assert!(ImageSet { width: 0, pixels: vec![], ..three() }.check().is_err());
    }

    #[test]
    fn the_fingerprint_sees_content_and_not_names() {
        let set = three();
        let same = ImageSet { name: "other".into(), ..three() };
        assert_eq!(set.sha256(), same.sha256());
        for other in [
            ImageSet { pixels: vec![1, 2, 3, 4, 5, 7], ..three() },
            ImageSet { labels: vec![0, 1, 1], ..three() },
            ImageSet { height: 2, width: 1, ..three() },
        ] {
            assert_ne!(set.sha256(), other.sha256());
        }
    }
}
