//! The images of a run: a loader that prepares training batches in the background, and the fixed batches that every
//! evaluation reads. Which images there are is the config's choice; files are read by `datasets`.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use datasets::builtin::{self, generate};
use datasets::cifar::{Limit, Options, TestPart, load_10, load_100};
use datasets::{
    DatasetError, Folder, FolderOptions, FolderPart, Images, LastBatch, Loader, LoaderConfig, Normalisation,
    Order, Split, idx,
};
use space::MacroPlan;
use supernet::{Backend, Batch, Supernet};

use super::RunError;
use super::log::Log;
use super::supply::{self, Held};
use crate::config::{Checked, CheckedConfig, ImageSettings, Source};
use crate::event::Event;

/// The built-in set is one fixed set, whatever the seed of the search; so is the order in which a folder is split.
const FIXED_SEED: u64 = 0;

/// Everything a search looks at.
pub(crate) struct SearchImages<B: Backend> {
    /// Shuffled, varied training batches; images that do not fill a batch sit an epoch out.
    pub(crate) train: Loader,
    /// The set on the backend, where that makes the training batches.
    pub(crate) held: Held<B>,
    /// Unvaried training images on which batch-norm statistics are re-estimated.
    pub(crate) recalibration: Vec<Batch<B>>,
    /// The images that score architectures.
    pub(crate) validation: Vec<Batch<B>>,
    /// Name and fingerprint of the set.
    pub(crate) description: String,
    /// What images are normalised with.
    pub(crate) normalisation: Normalisation,
    /// Images that update weights.
    pub(crate) train_images: usize,
    /// Images that score architectures.
    pub(super) validation_images: usize,
    /// The set, which knows what files were left out.
    pub(crate) set: Images,
}

impl<B: Backend> SearchImages<B> {
    pub(crate) fn load(config: &CheckedConfig, supernet: &Supernet<B>) -> Result<Self, RunError> {
        let set = image_set(&config.data.images(), &config.macro_plan(), needed(config))?;
        let (split, listed) = split(config, &set)?;
        let normalisation = normalisation(config.data.source, &set, &split.train)?;
        let batches = |indices: &[usize], size| -> Result<Vec<Batch<B>>, RunError> {
            let plain = LoaderConfig::evaluation(size, normalisation.clone());
            let mut loader = Loader::new(set.clone(), indices.to_vec(), plain)?;
            let mut epoch = loader.epoch(0, 0)?;
            let mut batches = Vec::new();
            while let Some(batch) = epoch.next_batch()? {
                batches.push(supernet.batch(&batch.images, &batch.labels)?);
            }
            Ok(batches)
        };
        let size = config.evaluation.batch_size;
        let recalibration = config.evaluation.recalibration_images.min(split.train.len());
        let recalibration = batches(&split.train[..recalibration], size)?;
        let validation = batches(&split.validation, supernet.evaluation_samples(size))?;
        let (train_images, validation_images) = (split.train.len(), split.validation.len());
        let loader = LoaderConfig {
            batch: config.training.batch_size,
            order: Order::Shuffled,
            last: LastBatch::Drop,
            augmentation: config.augmentation(),
            normalisation: normalisation.clone(),
            seed: config.seed,
        };
        let (train, held) =
            supply::open(set.clone(), split.train, loader, |images| supernet.gallery(images))?;
        let (paths, batches) = (config.training.paths_per_step, train.steps());
        if batches < paths {
            return Err(RunError::TooFewBatches { paths, images: train_images, batches });
        }
        Ok(Self {
            train,
            held,
            recalibration,
            validation,
            description: format!("{}{listed}", set.description()),
            normalisation,
            train_images,
            validation_images,
            set,
        })
    }
}

/// The files that were told of as left out.
#[derive(Default)]
pub(crate) struct LeftOut(BTreeSet<String>);

impl LeftOut {
    /// The files of a set that were left out, as messages name them.
    pub(crate) fn of(set: &Images) -> Vec<String> {
        set.skipped().iter().map(|path| path.display().to_string()).collect()
    }

    /// Warns of each file of these that it was not told of before, sorted by path.
    pub(crate) fn tell<C: Checked>(
        &mut self,
        left_out: Vec<String>,
        log: &mut Log<'_, C>,
    ) -> Result<(), RunError> {
        let new: BTreeSet<String> = left_out.into_iter().filter(|path| self.0.insert(path.clone())).collect();
        new.into_iter()
            .map(|path| format!("left out {path}: it is no image that can be read"))
            .try_for_each(|message| log.tell(&Event::Warning { message }))
    }
}

/// Images that a search reads, 0 for all: a share of a set, or what a file lists, is found in the whole.
fn needed(config: &CheckedConfig) -> usize {
    let (train, validation) = (config.train_images(), config.validation_images());
    if config.data.split.is_some() || train == 0 || validation == 0 { 0 } else { train + validation }
}

/// Which images train and which validate, and the fingerprint of a file that says so.
fn split(config: &CheckedConfig, set: &Images) -> Result<(Split, String), DatasetError> {
    let (train, validation) = (config.train_images(), config.validation_images());
    if let Some(path) = &config.data.split {
        let split = Split::from_file(path, set.len())?;
        let listed = format!(", split sha256 {}", split.sha256());
        let or_all = |asked: usize, listed: &[usize]| if asked == 0 { listed.len() } else { asked };
        let (train, validation) =
            (or_all(config.data.train, &split.train), or_all(config.data.validation, &split.validation));
        return Ok((split.first(train, validation)?, listed));
    }
    let or_half = |asked: usize| if asked == 0 { set.len() / 2 } else { asked };
    let (train, validation) = (or_half(train), or_half(validation));
    let split = match set {
        Images::Memory(_) => Split::counts(set.len(), train, validation),
        // The files of a folder come class by class.
        Images::Folder(_) => Split::shuffled(set.len(), train, validation, FIXED_SEED),
    };
    Ok((split?, String::new()))
}

/// The constants that the images of a set are normalised with.
pub(crate) fn normalisation(
    source: Source,
    set: &Images,
    train: &[usize],
) -> Result<Normalisation, DatasetError> {
    match source {
        Source::Cifar10 => Ok(Normalisation::cifar10()),
        Source::BuiltIn | Source::Cifar100 | Source::Idx | Source::Folder => set.normalisation(train),
    }
}

/// The test part of a set: its first `images`, random ones of a folder, or all for 0. They must be what the network of `frame` takes.
pub(crate) fn test_set(
    settings: &ImageSettings<'_>,
    frame: &MacroPlan,
    images: usize,
) -> Result<Images, DatasetError> {
    let dir = settings.dir.unwrap_or(Path::new(""));
    // The files cannot be had without a training image.
    let options = Options { test: TestPart::Read(limit(images)), ..Options::train_only(1) };
    let absent = || DatasetError::Empty { what: "a test" };
    let set = match settings.source {
        Source::BuiltIn => drawn(images, builtin::Part::Test),
        Source::Cifar10 => load_10(dir, &options)?.test.ok_or_else(absent)?.into(),
        Source::Cifar100 => load_100(dir, &options)?.test.ok_or_else(absent)?.into(),
        Source::Idx => idx::load(dir, idx::Part::Test, limit(images))?.into(),
        Source::Folder => folder(settings, dir, FolderPart::Test)?.take(images, FIXED_SEED)?.into(),
    };
    fitting(set, frame)
}

/// The training part of a set: its first `images`, random ones of a folder, or all for 0. They must be what the network of `frame` takes.
pub(crate) fn image_set(
    settings: &ImageSettings<'_>,
    frame: &MacroPlan,
    images: usize,
) -> Result<Images, DatasetError> {
    let dir = settings.dir.unwrap_or(Path::new(""));
    let options = Options { train: limit(images), test: TestPart::Skip, ..Options::ALL };
    let set = match settings.source {
        Source::BuiltIn => drawn(images, builtin::Part::Train),
        Source::Cifar10 => load_10(dir, &options)?.train.into(),
        Source::Cifar100 => load_100(dir, &options)?.train.into(),
        Source::Idx => idx::load(dir, idx::Part::Train, limit(images))?.into(),
        Source::Folder => {
            let folder = folder(settings, dir, FolderPart::Train)?.take(images, FIXED_SEED)?;
            if settings.is_worth_keeping() { folder.keep()?.into() } else { folder.into() }
        }
    };
    fitting(set, frame)
}

fn limit(images: usize) -> Limit {
    if images == 0 { Limit::All } else { Limit::First(images) }
}

fn drawn(images: usize, part: builtin::Part) -> Images {
    Arc::new(generate(&builtin::Settings { images, part, seed: FIXED_SEED })).into()
}

fn folder(settings: &ImageSettings<'_>, dir: &Path, part: FolderPart) -> Result<Folder, DatasetError> {
    let (size, resize, corrupt) = (settings.size(), settings.resize(), settings.corrupt());
    Folder::open(dir, FolderOptions { part, size, resize, corrupt })
}

fn fitting(set: Images, frame: &MacroPlan) -> Result<Images, DatasetError> {
    set.expect(frame.height, frame.width, frame.input_channels, frame.classes)?;
    Ok(set)
}
