//! Images in a folder of folders, one a class (ImageNet's layout): `DIR/train/CLASS/*.jpg` and `DIR/val/CLASS/*.jpg`, or
//! `DIR/CLASS/*.png` alone. Files are decoded when a batch needs them, by threads of their own, so memory does not grow
//! with the set. Small images can be kept. Augmentation is not its business.

mod decode;
mod fault;
mod listing;

use crate::scale::{Pixels, Room};
use crate::window::Window;
use crate::{DatasetError, Normalisation, draw};
pub use fault::ImageFault;
use listing::Listing;
use random::{Purpose, stream};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Channels of every image: grey is spread over three, transparency dropped.
const CHANNELS: usize = 3;

/// The stream index of files taken out of a folder; epochs use index 0 of the same purpose, splits 1.
const TAKEN: u64 = 2;

/// What [`Folder::keep`] spends at most: 1 GiB.
pub const KEPT_BYTES: usize = 1 << 30;

/// Which images of a folder, and how they are made one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FolderOptions {
    /// Which part.
    pub part: FolderPart,
    /// Side of the square images, in pixels.
    pub size: usize,
    /// Pixels of the shorter side before the central square is cut; at least `size`.
    pub resize: usize,
    /// What becomes of files that cannot be decoded.
    pub corrupt: Corrupt,
}

/// A part of a folder of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderPart {
    /// `DIR/train`; without it, all but each tenth image of every class, by name.
    Train,
    /// `DIR/val`; without it, each tenth image of every class, by name.
    Test,
}

/// What becomes of files that cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corrupt {
    /// The first one is an error.
    Refuse,
    /// Batches lack them, and [`Folder::skipped`] names them.
    Skip,
}

/// The images of one part of a folder.
#[derive(Debug)]
pub struct Folder {
    listing: Listing,
    options: FolderOptions,
    /// All images at their size, one after the other, once they are kept.
    kept: Option<Vec<u8>>,
    skipped: Mutex<BTreeSet<PathBuf>>,
    threads: rayon::ThreadPool,
    /// What no thread is using.
    scratch: Mutex<Vec<Scratch>>,
}

impl Folder {
    /// Lists the files; decodes none. As many threads will decode as the caller's pool has.
    ///
    /// # Errors
    /// If there is no folder, no class, a class without images, a file that is empty or not named as a JPEG or PNG (unless
    /// they are to be skipped), or if the two parts have other classes.
    pub fn open(dir: &Path, options: FolderOptions) -> Result<Self, DatasetError> {
        let FolderOptions { size, resize, .. } = options;
        if !(1..=resize).contains(&size) || resize > 4096 {
            return Err(DatasetError::Resize { resize, size });
        }
        let mut skipped = BTreeSet::new();
        let listing = Listing::read(dir, options.part, options.corrupt, &mut skipped)?;
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(rayon::current_num_threads())
            .thread_name(|index| format!("decode {index}"))
            .build()?;
        let (skipped, scratch) = (Mutex::new(skipped), Mutex::default());
        Ok(Self { listing, options, kept: None, skipped, threads, scratch })
    }

    /// Decodes all images now and keeps them, if they take no more than [`KEPT_BYTES`] at their size; otherwise leaves the
    /// folder as it is. Evaluations and padded crops are then served from memory, with the same content.
    pub fn keep(mut self) -> Result<Self, DatasetError> {
        let bytes = self.image_bytes();
        if self.len().saturating_mul(bytes) > KEPT_BYTES {
            return Ok(self);
        }
        let mut pixels = vec![0; self.len() * bytes];
        let faults: Vec<Option<DatasetError>> = self.threads.install(|| {
            let images = pixels.par_chunks_exact_mut(bytes).enumerate();
            images
                .map(|(index, out)| {
                    self.with_scratch(|(decoder, _)| {
                        self.central(index, decoder).map(|image| out.copy_from_slice(image.bytes)).err()
                    })
                })
                .collect()
        });
        let mut good = Vec::new();
        for (index, fault) in faults.into_iter().enumerate() {
            match fault {
                None => good.push(index),
                Some(fault) => self.skip(index, fault)?,
            }
        }
        for (to, &from) in good.iter().enumerate() {
            pixels.copy_within(from * bytes..(from + 1) * bytes, to * bytes);
        }
        pixels.truncate(good.len() * bytes);
        self.listing.retain(&good);
        if good.is_empty() {
            return Err(DatasetError::Empty { what: "a folder" });
        }
        self.kept = Some(pixels);
        Ok(self)
    }

    /// `images` of the files, drawn at random and always the same, in their order; all of them for 0.
    ///
    /// # Errors
    /// If there are not so many.
    pub fn take(mut self, images: usize, seed: u64) -> Result<Self, DatasetError> {
        if images > self.len() {
            let (part, available) = ("the folder", self.len());
            return Err(DatasetError::Limit { part, requested: images, available });
        }
        if images > 0 {
            let mut order: Vec<usize> = (0..self.len()).collect();
            draw::shuffle(&mut stream(seed, Purpose::Shuffle, 0, TAKEN), &mut order);
            order.truncate(images);
            order.sort_unstable();
            self.listing.retain(&order);
        }
        Ok(self)
    }

    /// What the set is called: the path of the part.
    pub fn name(&self) -> String {
        self.listing.name()
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.listing.len()
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The classes, in label order: the names of their folders, sorted by their bytes.
    pub fn class_names(&self) -> &[String] {
        self.listing.classes()
    }

    /// Side of an image in pixels.
    pub fn size(&self) -> usize {
        self.options.size
    }

    /// Channels of an image: three.
    pub fn channels(&self) -> usize {
        CHANNELS
    }

    /// The class of an image.
    ///
    /// # Panics
    /// If `index` is not below [`len`](Self::len).
    pub fn label(&self, index: usize) -> u32 {
        self.listing.label(index)
    }

    /// The file of an image.
    ///
    /// # Panics
    /// If `index` is not below [`len`](Self::len).
    pub fn path(&self, index: usize) -> PathBuf {
        self.listing.path(index)
    }

    /// The files that could not be decoded so far and were left out, sorted by path.
    pub fn skipped(&self) -> Vec<PathBuf> {
        locked(&self.skipped).iter().cloned().collect()
    }

    /// The SHA-256, in hexadecimal, of the names of classes and files and of the files' lengths. Their content is not read.
    pub fn sha256(&self) -> String {
        self.listing.sha256()
    }

    /// The constants of ImageNet's training images, which folders are normalised with whatever they hold: measuring would
    /// mean decoding everything first.
    pub fn normalisation() -> Normalisation {
        Normalisation { mean: vec![0.485, 0.456, 0.406], std: vec![0.229, 0.224, 0.225] }
    }

    pub(crate) fn image_bytes(&self) -> usize {
        self.options.size * self.options.size * CHANNELS
    }

    pub(crate) fn threads(&self) -> &rayon::ThreadPool {
        &self.threads
    }

    /// Lends scratch, with the memory that it has grown to.
    pub(crate) fn with_scratch<R>(&self, run: impl FnOnce(&mut Scratch) -> R) -> R {
        let mut scratch = locked(&self.scratch).pop().unwrap_or_default();
        let result = run(&mut scratch);
        locked(&self.scratch).push(scratch);
        result
    }

    /// An image at its size: from memory, or decoded and scaled.
    pub(crate) fn central<'a>(
        &'a self,
        index: usize,
        decoder: &'a mut Decoder,
    ) -> Result<Pixels<'a>, DatasetError> {
        let size = self.options.size;
        let square = |bytes| Pixels { bytes, height: size, width: size, channels: CHANNELS };
        if let Some(kept) = &self.kept {
            let (_, rest) = kept.split_at(index * self.image_bytes());
            return Ok(square(&rest[..self.image_bytes()]));
        }
        let (height, width) = self.decode(index, decoder)?;
        let image = Pixels { bytes: &decoder.rgb, height, width, channels: CHANNELS };
        let window = Window::centre(height, width, size, self.options.resize);
        Ok(square(decoder.room.scale(window, image, size, size)))
    }

    /// An image as it is in its file.
    pub(crate) fn whole<'a>(
        &self,
        index: usize,
        decoder: &'a mut Decoder,
    ) -> Result<Pixels<'a>, DatasetError> {
        let (height, width) = self.decode(index, decoder)?;
        Ok(Pixels { bytes: &decoder.rgb, height, width, channels: CHANNELS })
    }

    /// Decodes an image into `decoder.rgb`; returns its height and width.
    fn decode(&self, index: usize, decoder: &mut Decoder) -> Result<(usize, usize), DatasetError> {
        let path = self.listing.path(index);
        decoder.file.clear();
        let read = File::open(&path).and_then(|mut file| file.read_to_end(&mut decoder.file));
        if let Err(source) = read {
            return Err(DatasetError::Unreadable { path, source });
        }
        decode::decode(&decoder.file, &mut decoder.raw, &mut decoder.rgb)
            .map_err(|fault| DatasetError::Image { path, fault })
    }

    /// Notes that an image is left out, or refuses to.
    pub(crate) fn skip(&self, index: usize, fault: DatasetError) -> Result<(), DatasetError> {
        match self.options.corrupt {
            Corrupt::Refuse => Err(fault),
            Corrupt::Skip => {
                locked(&self.skipped).insert(self.listing.path(index));
                Ok(())
            }
        }
    }
}

/// A collection behind its lock, which is whole whoever panicked while holding it.
fn locked<T>(collection: &Mutex<T>) -> MutexGuard<'_, T> {
    collection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One thread's room to decode and scale an image in; it grows to the largest image seen.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    file: Vec<u8>,
    raw: Vec<u8>,
    rgb: Vec<u8>,
    room: Room,
}

/// What one thread needs to decode an image and to vary it.
pub(crate) type Scratch = (Decoder, Room);
