//! The images of a run: a loader that prepares training batches in the background, and the fixed batches that every
//! evaluation reads. Which images there are is the config's choice; files are read by `datasets`.

use std::path::Path;

use datasets::builtin::{Part, Settings, generate};
use datasets::cifar::{Limit, Options, TestPart, load_10, load_100};
use datasets::{
    DatasetError, ImageSet, LastBatch, Loader, LoaderConfig, Normalisation, Order, Split, evaluation_batches,
};
use supernet::{Backend, Batch, Supernet};

use super::RunError;
use super::supply::{self, Held};
use crate::config::{CheckedConfig, Source};

/// The built-in set is one fixed set, whatever the seed of the search.
const BUILT_IN_SEED: u64 = 0;

/// Everything a run looks at.
pub(crate) struct Images<B: Backend> {
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
    /// The names of the classes.
    pub(crate) class_names: Vec<String>,
}

impl<B: Backend> Images<B> {
    pub(crate) fn load(config: &CheckedConfig, supernet: &Supernet<B>) -> Result<Self, RunError> {
        let (train, validation) = (config.train_images(), config.validation_images());
        let dir = config.data.dir.as_deref();
        let set = image_set(config.data.source, dir, train + validation)?;
        let split = Split::counts(set.len(), train, validation)?;
        let normalisation = normalisation(config.data.source, &set, &split.train)?;
        let batches = |indices: &[usize], size| -> Result<Vec<Batch<B>>, RunError> {
            evaluation_batches(&set, indices, size, &normalisation)?
                .map(|batch| Ok(supernet.batch(&batch.images, &batch.labels)?))
                .collect()
        };
        let recalibration = config.evaluation.recalibration_images.min(train);
        let size = config.evaluation.batch_size;
        let (constants, class_names) = (normalisation.clone(), set.class_names.clone());
        let recalibration = batches(&split.train[..recalibration], size)?;
        let validation = batches(&split.validation, supernet.evaluation_samples(size))?;
        let description = set.description();
        let loader = LoaderConfig {
            batch: config.training.batch_size,
            order: Order::Shuffled,
            last: LastBatch::Drop,
            augmentation: config.augmentation(),
            normalisation,
            seed: config.seed,
        };
        let (train, held) = supply::open(set, split.train, loader, |images| supernet.gallery(images))?;
        Ok(Self {
            train,
            held,
            recalibration,
            validation,
            description,
            normalisation: constants,
            class_names,
        })
    }
}

/// The constants that the images of a set are normalised with.
pub(crate) fn normalisation(
    source: Source,
    set: &ImageSet,
    train: &[usize],
) -> Result<Normalisation, DatasetError> {
    match source {
        Source::Cifar10 => Ok(Normalisation::cifar10()),
        Source::BuiltIn | Source::Cifar100 => Normalisation::of(set, train),
    }
}

/// The first images of the test part of a set.
pub(crate) fn test_set(source: Source, dir: Option<&Path>, images: usize) -> Result<ImageSet, DatasetError> {
    let dir = dir.unwrap_or(Path::new(""));
    // The files cannot be had without a training image.
    let options = Options { test: TestPart::Read(Limit::First(images)), ..Options::train_only(1) };
    let test = match source {
        Source::BuiltIn => {
            return Ok(generate(&Settings { images, part: Part::Test, seed: BUILT_IN_SEED }));
        }
        Source::Cifar10 => load_10(dir, &options)?.test,
        Source::Cifar100 => load_100(dir, &options)?.test,
    };
    test.ok_or(DatasetError::Empty { what: "a test" })
}

/// The first images of the training part of a set.
pub(crate) fn image_set(source: Source, dir: Option<&Path>, images: usize) -> Result<ImageSet, DatasetError> {
    let dir = dir.unwrap_or(Path::new(""));
    Ok(match source {
        Source::BuiltIn => generate(&Settings { images, part: Part::Train, seed: BUILT_IN_SEED }),
        Source::Cifar10 => load_10(dir, &Options::train_only(images))?.train,
        Source::Cifar100 => load_100(dir, &Options::train_only(images))?.train,
    })
}
