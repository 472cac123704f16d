//! Labelled images of one size, wherever they are: in memory, or in files that are decoded when a batch needs them.

use crate::{DatasetError, Folder, ImageSet, Normalisation};
use std::path::PathBuf;
use std::sync::Arc;

/// Where a loader takes images from.
#[derive(Debug, Clone)]
pub enum Images {
    /// In memory.
    Memory(Arc<ImageSet>),
    /// In files.
    Folder(Arc<Folder>),
}

impl From<Arc<ImageSet>> for Images {
    fn from(set: Arc<ImageSet>) -> Self {
        Self::Memory(set)
    }
}

impl From<ImageSet> for Images {
    fn from(set: ImageSet) -> Self {
        Self::Memory(Arc::new(set))
    }
}

impl From<Folder> for Images {
    fn from(folder: Folder) -> Self {
        Self::Folder(Arc::new(folder))
    }
}

impl Images {
    /// Number of images.
    pub fn len(&self) -> usize {
        match self {
            Self::Memory(set) => set.len(),
            Self::Folder(folder) => folder.len(),
        }
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Height, width and channels of an image.
    pub fn shape(&self) -> [usize; 3] {
        match self {
            Self::Memory(set) => [set.height, set.width, set.channels],
            Self::Folder(folder) => [folder.size(), folder.size(), folder.channels()],
        }
    }

    /// Whether they are decoded as batches need them.
    pub(crate) fn are_files(&self) -> bool {
        matches!(self, Self::Folder(_))
    }

    /// One name for each class, in label order.
    pub fn class_names(&self) -> &[String] {
        match self {
            Self::Memory(set) => &set.class_names,
            Self::Folder(folder) => folder.class_names(),
        }
    }

    /// Name and fingerprint: what must not change between the parts of a run.
    pub fn description(&self) -> String {
        match self {
            Self::Memory(set) => format!("{}, sha256 {}", set.name, set.sha256()),
            // Folders may move.
            Self::Folder(folder) => format!("folder, sha256 {} of names and lengths", folder.sha256()),
        }
    }

    /// Checks that a network that takes images of `height` x `width` x `channels` and tells `classes` classes apart can be
    /// trained on these.
    pub fn expect(
        &self,
        height: usize,
        width: usize,
        channels: usize,
        classes: usize,
    ) -> Result<(), DatasetError> {
        let [h, w, c] = self.shape();
        let (expected, found) = ([height, width, channels, classes], [h, w, c, self.class_names().len()]);
        if expected == found {
            return Ok(());
        }
        let name = match self {
            Self::Memory(set) => set.name.clone(),
            Self::Folder(folder) => folder.name(),
        };
        Err(DatasetError::OtherShape { name, expected, found })
    }

    /// The constants of the images at `indices`: measured in memory, those of ImageNet for files.
    pub fn normalisation(&self, indices: &[usize]) -> Result<Normalisation, DatasetError> {
        match self {
            Self::Memory(set) => Normalisation::of(set, indices),
            Self::Folder(_) => Ok(Folder::normalisation()),
        }
    }

    /// Files that could not be decoded so far and were left out.
    pub fn skipped(&self) -> Vec<PathBuf> {
        match self {
            Self::Memory(_) => Vec::new(),
            Self::Folder(folder) => folder.skipped(),
        }
    }

    pub(crate) fn check(&self) -> Result<(), DatasetError> {
        match self {
            Self::Memory(set) => set.check(),
            Self::Folder(_) => Ok(()),
        }
    }

    pub(crate) fn check_index(&self, index: usize) -> Result<(), DatasetError> {
        if index < self.len() { Ok(()) } else { Err(DatasetError::Index { index, images: self.len() }) }
    }
}
