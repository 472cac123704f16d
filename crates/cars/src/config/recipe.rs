//! How one network is trained from scratch: a plain struct with a section for each topic, its defaults (the small recipe
//! on the built-in images), and its checked form. The recipe is that of DARTS (arXiv 1806.09055, section 3.2), which the
//! networks of CARS are retrained with. Reads no files.

use std::ops::Deref;
use std::path::PathBuf;

use datasets::Augmentation;
use serde::{Deserialize, Serialize};
use space::{Genotype, MacroPlan, Plan, named};

use super::checked::digest;
use super::rules::{MANY, batch_size, computes, frame, identity, within};
use super::{Checked, ConfigError, CropKind, Device, NetworkConfig, Precision, Settings, Source};

/// All settings of a training run, as written by a person. Sections and keys are those of the TOML file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// What the run is called: part of the name of its default directory.
    pub name: String,
    /// The number all randomness is drawn from: same seed, same result.
    pub seed: u64,
    /// Where the network is trained: `cpu`, `cuda`, `cuda:N`, or `auto` for CUDA where it can be had.
    #[serde(with = "super::written")]
    pub device: Device,
    /// How a CUDA device keeps feature maps and multiplies: `f32`, or `bf16` for maps of half the size and tensor cores. The
    /// processor has `f32` alone, and a run that goes on there does so in that.
    #[serde(with = "super::written")]
    pub precision: Precision,
    /// The network: the name of a published one, or a genotype in the DARTS notation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub genotype: Option<String>,
    /// The run directory of the search whose shared weights the network starts from; without it, from fresh ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inherit: Option<PathBuf>,
    /// The images.
    pub data: RecipeData,
    /// Width and depth.
    pub network: NetworkConfig,
    /// How the weights are trained.
    pub training: RecipeTraining,
    /// How the trained network is tested.
    pub evaluation: RecipeEvaluation,
}

/// `[data]`: which images, and how they are varied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecipeData {
    /// The set of images.
    pub source: Source,
    /// The folder of the files; not for the built-in set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<PathBuf>,
    /// Images to train on; 0 = the whole training part (files only).
    pub train: usize,
    /// Images to test on, of the test part; 0 = all of it (files only).
    pub test: usize,
    /// Number of classes; 0 = that of the set. A folder needs it.
    pub classes: usize,
    /// Side in pixels of the images that the network takes; 0 = that of the set, or 224 for a folder.
    pub size: usize,
    /// Pixels that the shorter side of an image in a folder is scaled to before its centre is cut; 0 = the size, or 8/7 of it
    /// with `crop = "resized"`.
    pub resize: usize,
    /// Which part of a training image is shown.
    pub crop: CropKind,
    /// Pixels of padding before each training image is cut back to its size at a random place.
    pub padding: usize,
    /// Whether half of the training images are mirrored.
    pub flip: bool,
    /// Strength of random changes of colour in training images: 0 = none, 0.4 as DARTS has it on ImageNet.
    pub colour_jitter: f64,
    /// Whether images in a folder that cannot be decoded are left out; otherwise the first one is an error.
    pub skip_corrupt: bool,
    /// Side in pixels of the square that is blanked in each training image; 0 = none.
    pub cutout: usize,
}

/// `[training]`: the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecipeTraining {
    /// Epochs.
    pub epochs: usize,
    /// Images a step; those that do not fill a batch sit an epoch out.
    pub batch_size: usize,
    /// How the learning rate falls.
    pub schedule: LearningRate,
    /// The learning rate of the first epoch.
    pub learning_rate: f64,
    /// The learning rate at the end.
    pub learning_rate_min: f64,
    /// Momentum of the gradient descent.
    pub momentum: f64,
    /// Weight decay (L2).
    pub weight_decay: f64,
    /// The largest global norm of a gradient; `inf` = no clipping.
    pub gradient_clip: f64,
    /// Share of each target that is spread evenly over all classes (label smoothing).
    pub label_smoothing: f64,
    /// Probability with which an operation is dropped for an image at the end; it rises from 0 in proportion to the epoch.
    pub drop_path: f64,
    /// Weight of the auxiliary head's loss.
    pub auxiliary_weight: f64,
}

/// How the learning rate falls from epoch to epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LearningRate {
    /// Along half a cosine.
    Cosine,
    /// By the same factor every epoch.
    Exponential,
}

/// `[evaluation]`: the test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecipeEvaluation {
    /// Images a batch.
    pub batch_size: usize,
}

/// A recipe in which every setting is in its range: the only one a network is trained with.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedRecipe {
    recipe: Recipe,
    genotype: Genotype,
}

impl Deref for CheckedRecipe {
    type Target = Recipe;

    fn deref(&self) -> &Recipe {
        &self.recipe
    }
}

impl Checked for CheckedRecipe {
    type Raw = Recipe;

    fn raw(&self) -> &Recipe {
        &self.recipe
    }
}

impl Settings for Recipe {
    type Checked = CheckedRecipe;

    const OPTIONAL: &'static [(&'static str, &'static str)] =
        &[("data.dir", ""), ("genotype", ""), ("inherit", "")];

    fn check(mut self) -> Result<CheckedRecipe, ConfigError> {
        identity(&self.name, self.seed)?;
        computes(self.device, self.precision)?;
        let genotype = self.find_genotype()?;
        self.check_data()?;
        frame(&self.plan())?;
        self.check_training()?;
        let size = self.evaluation.batch_size;
        within("evaluation.batch_size", size, 1..=MANY, "expected 1 to 10000000")?;
        Plan::stand_alone(&genotype, &self.plan())
            .map_err(|error| ConfigError::invalid("genotype", "refused", error.to_string()))?;
        // However it was named, the same network is stored as the same text.
        self.genotype = Some(genotype.to_string());
        Ok(CheckedRecipe { recipe: self, genotype })
    }

    fn data_dir(&mut self) -> &mut Option<PathBuf> {
        &mut self.data.dir
    }
}

impl Recipe {
    fn find_genotype(&self) -> Result<Genotype, ConfigError> {
        let Some(text) = &self.genotype else {
            let reason = "expected a network: the name of a published one, or Genotype(...)";
            return Err(ConfigError::invalid("genotype", "absent", reason));
        };
        match named::find(text) {
            Some(named) => Ok(named.genotype.clone()),
            None => text.parse().map_err(|error: space::Error| {
                ConfigError::invalid("genotype", format!("{text:?}"), error.to_string())
            }),
        }
    }

    fn check_data(&self) -> Result<(), ConfigError> {
        let data = &self.data;
        let images = data.images();
        images.check()?;
        let train = data.source.images();
        images.check_count("data.train", data.train, train)?;
        images.check_count("data.test", data.test, train.map(|_| TEST_IMAGES))
    }

    fn check_training(&self) -> Result<(), ConfigError> {
        let training = &self.training;
        within("training.epochs", training.epochs, 1..=1_000_000, "expected 1 to 1000000")?;
        batch_size(training.batch_size, self.train_images())?;
        training.descent().check()?;
        within("training.drop_path", training.drop_path, 0.0..1.0, "expected at least 0 and below 1")?;
        let smoothing = training.label_smoothing;
        within("training.label_smoothing", smoothing, 0.0..1.0, "expected at least 0 and below 1")?;
        let weight = training.auxiliary_weight;
        within("training.auxiliary_weight", weight, 0.0..=10.0, "expected 0 to 10")
    }

    /// Images to train on; 0 = all, as many as their files hold.
    pub fn train_images(&self) -> usize {
        match self.data.source.images() {
            Some(images) if self.data.train == 0 => images,
            _ => self.data.train,
        }
    }

    /// Images to test on; 0 = all, as many as their files hold.
    pub fn test_images(&self) -> usize {
        match self.data.source.images() {
            Some(_) if self.data.test == 0 => TEST_IMAGES,
            _ => self.data.test,
        }
    }

    /// The frame of the network.
    pub fn plan(&self) -> MacroPlan {
        self.data.images().frame(&self.network)
    }
}

/// Images in the test part of CIFAR.
const TEST_IMAGES: usize = 10_000;

impl CheckedRecipe {
    /// The network.
    pub fn genotype(&self) -> &Genotype {
        &self.genotype
    }

    /// How training images are varied.
    pub fn augmentation(&self) -> Augmentation {
        self.data.images().augmentation()
    }

    /// The first 16 hexadecimal digits of the SHA-256 of everything that can change a result, as
    /// [`CheckedConfig::digest`](super::CheckedConfig::digest). Neither test images nor their batches can.
    pub fn digest(&self) -> String {
        let mut plain = self.clone();
        plain.recipe.name.clear();
        plain.recipe.data.dir = None;
        // Whether weights are inherited counts; where they came from does not.
        plain.recipe.inherit = plain.recipe.inherit.map(|_| PathBuf::new());
        plain.recipe.data.test = 0;
        plain.recipe.evaluation = RecipeEvaluation::default();
        digest(&plain)
    }
}

// The small recipe: every default is here and nowhere else.

impl Default for Recipe {
    fn default() -> Self {
        Self {
            name: "train-small".to_owned(),
            seed: 10,
            device: Device::Cpu,
            precision: Precision::F32,
            genotype: None,
            inherit: None,
            data: RecipeData::default(),
            network: NetworkConfig::default(),
            training: RecipeTraining::default(),
            evaluation: RecipeEvaluation::default(),
        }
    }
}

impl Default for RecipeData {
    fn default() -> Self {
        Self {
            source: Source::BuiltIn,
            dir: None,
            train: 4000,
            test: 1000,
            classes: 0,
            size: 0,
            resize: 0,
            crop: CropKind::Pad,
            padding: 4,
            flip: true,
            colour_jitter: 0.0,
            skip_corrupt: false,
            cutout: 0,
        }
    }
}

impl Default for RecipeTraining {
    fn default() -> Self {
        Self {
            epochs: 20,
            batch_size: 32,
            schedule: LearningRate::Cosine,
            learning_rate: 0.025,
            learning_rate_min: 0.0,
            momentum: 0.9,
            weight_decay: 3e-4,
            gradient_clip: 5.0,
            label_smoothing: 0.0,
            drop_path: 0.0,
            auxiliary_weight: 0.4,
        }
    }
}

impl Default for RecipeEvaluation {
    fn default() -> Self {
        Self { batch_size: 100 }
    }
}
