//! What a person can set: one plain struct with a section for each topic, its defaults (the quick search on the built-in
//! images), and the text of it. Only what [`Config::check`] returns can run. Reads no files.

mod checked;
mod data;
mod descent;
mod error;
mod layers;
mod objective;
mod recipe;
mod rules;
mod written;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use space::{Primitive, Stem};

pub use checked::CheckedConfig;
pub use data::CropKind;
pub(crate) use data::ImageSettings;
pub use error::{ConfigError, Origin};
pub use kernels::{Device, Precision};
pub use layers::{Checked, Layered, Layers, Origins, Settings, Text, annotated};
pub use objective::{Direction, Objective};
pub use recipe::{CheckedRecipe, LearningRate, Recipe, RecipeData, RecipeEvaluation, RecipeTraining};

/// All settings of a search, as written by a person. Sections and keys are those of the TOML file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What the run is called: part of the name of its default directory.
    pub name: String,
    /// The number all randomness is drawn from: same seed, same result.
    pub seed: u64,
    /// Where networks are trained and scored: `cpu`, `cuda`, `cuda:N`, or `auto` for CUDA where it can be had.
    #[serde(with = "written")]
    pub device: Device,
    /// How a CUDA device keeps feature maps and multiplies: `f32`, or `bf16` for maps of half the size and tensor cores. The
    /// processor has `f32` alone, and a run that goes on there does so in that.
    #[serde(with = "written")]
    pub precision: Precision,
    /// The space of cells.
    pub space: Space,
    /// The images.
    pub data: DataConfig,
    /// The supernet around the cells.
    pub network: NetworkConfig,
    /// How the shared weights are trained.
    pub training: TrainingConfig,
    /// How the population varies.
    pub evolution: EvolutionConfig,
    /// How survivors are chosen.
    pub selection: SelectionConfig,
    /// How architectures are scored.
    pub evaluation: EvaluationConfig,
}

/// A space of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Space {
    /// That of DARTS, which CARS searches.
    #[serde(rename = "darts")]
    Darts,
    /// That of NAS-Bench-201; the two reductions are residual blocks, and `evolution.primitives` plays no part.
    #[serde(rename = "nas-bench-201")]
    NasBench201,
}

/// `[data]`: which images, and how they are split and varied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// The set of images.
    pub source: Source,
    /// The folder of the files; not for the built-in set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<PathBuf>,
    /// A JSON file that lists which images train and which validate; without it, the first ones train, or random ones of a
    /// folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<PathBuf>,
    /// Images that update weights; 0 = half of the set, or all that `split` lists (files only).
    pub train: usize,
    /// Images that score architectures; 0 = half of the set, or all that `split` lists (files only).
    pub validation: usize,
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
}

/// A set of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The procedural set of ten classes: no files needed.
    #[serde(rename = "built-in")]
    BuiltIn,
    /// CIFAR-10 in its binary format.
    #[serde(rename = "cifar-10")]
    Cifar10,
    /// CIFAR-100 in its binary format.
    #[serde(rename = "cifar-100")]
    Cifar100,
    /// Files of the MNIST family (IDX).
    #[serde(rename = "idx")]
    Idx,
    /// A folder of JPEG and PNG files, a folder a class.
    #[serde(rename = "folder")]
    Folder,
}

/// `[network]`: width and depth of the supernet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkConfig {
    /// Channels of a node in the first cells; each of the two reductions doubles them.
    pub channels: usize,
    /// Number of cells.
    pub cells: usize,
    /// How the network begins: `cifar` keeps the resolution, `imagenet` halves it three times.
    pub stem: Stem,
}

/// `[training]`: the shared weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainingConfig {
    /// All epochs of the run, warm-up included.
    pub epochs: usize,
    /// Epochs at the start in which random paths are trained.
    pub warm_up_epochs: usize,
    /// Images a path in a step.
    pub batch_size: usize,
    /// The learning rate of the first epoch; it falls along a cosine.
    pub learning_rate: f64,
    /// The learning rate at the end of the cosine.
    pub learning_rate_min: f64,
    /// Momentum of the gradient descent.
    pub momentum: f64,
    /// Weight decay (L2).
    pub weight_decay: f64,
    /// The largest global norm of a gradient; `inf` = no clipping.
    pub gradient_clip: f64,
    /// Architectures whose gradients are averaged in a step, each on a batch of its own; several processes share them out.
    pub paths_per_step: usize,
}

/// `[evolution]`: the population and its variation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvolutionConfig {
    /// Individuals that survive a generation.
    pub population: usize,
    /// Epochs of training between generations.
    pub interval: usize,
    /// Offspring a generation, as a multiple of the population.
    pub offspring: f64,
    /// The share of offspring that are mutants.
    pub mutation: f64,
    /// The share of offspring that are crossovers; what is left is drawn at random.
    pub crossover: f64,
    /// The probability with which variation replaces a node.
    pub gene_probability: f64,
    /// The primitives an edge can carry, in the space of DARTS.
    pub primitives: Vec<Primitive>,
}

/// `[selection]`: which individuals survive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SelectionConfig {
    /// The method.
    pub method: evolution::Selection,
    /// How pNSGA-III cuts the stage that does not fit whole.
    pub last_stage: evolution::LastStage,
    /// What is traded off: accuracy, then one or more sizes.
    pub objectives: Vec<Objective>,
    /// The table that latency is predicted from, as `cars profile` writes it; with that objective only. The run directory
    /// keeps a copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_table: Option<PathBuf>,
    /// Whether a layer that the table lacks is an error; otherwise its time is interpolated, and predictions say so.
    pub latency_strict: bool,
}

/// `[evaluation]`: how an architecture gets its accuracy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvaluationConfig {
    /// Which batch-norm statistics are used.
    pub batch_norm: BatchNorm,
    /// Training images that recalibration looks at: the first ones, or all if there are fewer.
    pub recalibration_images: usize,
    /// Images a batch.
    pub batch_size: usize,
}

impl EvaluationConfig {
    /// Images, of so many that train, on which an evaluation measures statistics anew.
    pub fn recalibrated_on(&self, train_images: usize) -> usize {
        match self.batch_norm {
            BatchNorm::Running => 0,
            BatchNorm::Recalibrated => self.recalibration_images.min(train_images),
        }
    }
}

/// The batch-norm statistics an architecture is scored with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BatchNorm {
    /// Measured anew for each architecture on training images.
    Recalibrated,
    /// The running statistics that all architectures share, as in the released code.
    Running,
}

impl Source {
    /// The name in the config.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BuiltIn => "built-in",
            Self::Cifar10 => "cifar-10",
            Self::Cifar100 => "cifar-100",
            Self::Idx => "idx",
            Self::Folder => "folder",
        }
    }

    /// Images for training and validation together, where that is known before files are read.
    pub const fn images(self) -> Option<usize> {
        match self {
            Self::BuiltIn | Self::Idx | Self::Folder => None,
            Self::Cifar10 | Self::Cifar100 => Some(50_000),
        }
    }
}

// The quick search: every default is here and nowhere else.

impl Default for Config {
    fn default() -> Self {
        Self {
            name: "quick".to_owned(),
            seed: 10,
            device: Device::Cpu,
            precision: Precision::F32,
            space: Space::Darts,
            data: DataConfig::default(),
            network: NetworkConfig::default(),
            training: TrainingConfig::default(),
            evolution: EvolutionConfig::default(),
            selection: SelectionConfig::default(),
            evaluation: EvaluationConfig::default(),
        }
    }
}

impl Default for DataConfig {
    fn default() -> Self {
        Self {
            source: Source::BuiltIn,
            dir: None,
            split: None,
            train: 4000,
            validation: 600,
            classes: 0,
            size: 0,
            resize: 0,
            crop: CropKind::Pad,
            padding: 4,
            flip: true,
            colour_jitter: 0.0,
            skip_corrupt: false,
        }
    }
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self { channels: 8, cells: 3, stem: Stem::Cifar }
    }
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            epochs: 16,
            warm_up_epochs: 6,
            batch_size: 32,
            learning_rate: 0.025,
            learning_rate_min: 0.001,
            momentum: 0.9,
            weight_decay: 3e-4,
            gradient_clip: 5.0,
            paths_per_step: 1,
        }
    }
}

impl Default for EvolutionConfig {
    fn default() -> Self {
        Self {
            population: 64,
            interval: 2,
            offspring: 1.0,
            mutation: 0.25,
            crossover: 0.25,
            gene_probability: 0.5,
            primitives: Primitive::DARTS[1..].to_vec(),
        }
    }
}

impl Default for SelectionConfig {
    fn default() -> Self {
        Self {
            method: evolution::Selection::Pnsga3Released,
            last_stage: evolution::LastStage::Niching,
            objectives: vec![Objective::Accuracy, Objective::Parameters],
            latency_table: None,
            latency_strict: true,
        }
    }
}

impl Default for EvaluationConfig {
    fn default() -> Self {
        Self { batch_norm: BatchNorm::Recalibrated, recalibration_images: 128, batch_size: 100 }
    }
}
