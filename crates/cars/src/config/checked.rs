//! Ranges and agreements of all settings, and what the loop takes from them once they hold. Every rule names its key and
//! what it expects. Whether files are there is found out by whoever reads them.

use std::ops::{Deref, RangeBounds};

use datasets::{Augmentation, Flip};
use evolution::{CheckedSettings, Mix, Settings};
use sha2::{Digest, Sha256};
use space::{Coupling, DartsSpace, MacroPlan};

use super::{BatchNorm, Config, ConfigError, Objective};

/// A config in which every setting is in its range and agrees with the others: the only one a search runs with.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedConfig {
    config: Config,
    evolution: CheckedSettings,
    space: DartsSpace,
}

impl Deref for CheckedConfig {
    type Target = Config;

    fn deref(&self) -> &Config {
        &self.config
    }
}

impl Config {
    /// Checks every setting and names the first that cannot be.
    pub fn check(self) -> Result<CheckedConfig, ConfigError> {
        self.check_run()?;
        self.check_data()?;
        self.check_network()?;
        self.check_training()?;
        self.check_selection()?;
        self.check_evaluation()?;
        let evolution = self.check_evolution()?;
        let primitives = self.evolution.primitives.clone();
        let space = DartsSpace { primitives, nodes: 4, coupling: Coupling::Coupled };
        Ok(CheckedConfig { config: self, evolution, space })
    }

    fn check_run(&self) -> Result<(), ConfigError> {
        let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if !(1..=64).contains(&self.name.len()) || self.name.starts_with('.') || !self.name.chars().all(good)
        {
            let reason =
                "expected 1 to 64 letters, digits, `-`, `_` or `.` (not first): it becomes a folder name";
            return Err(ConfigError::invalid("name", format!("{:?}", self.name), reason));
        }
        within("seed", self.seed, ..=MAX_SEED, "expected at most 9223372036854775807")
    }

    fn check_data(&self) -> Result<(), ConfigError> {
        let data = &self.data;
        let source = data.source.name();
        match (data.source.images(), &data.dir) {
            (None, Some(dir)) => {
                let reason = format!(
                    "data.source = \"{source}\" reads no files; name the set with --set data.source=cifar-10"
                );
                return Err(ConfigError::invalid("data.dir", format!("{:?}", dir.display()), reason));
            }
            (Some(_), None) => {
                let reason =
                    format!("data.source = \"{source}\" needs the folder of its files; add --data-dir DIR");
                return Err(ConfigError::invalid("data.dir", "absent", reason));
            }
            _ => {}
        }
        for (key, asked) in [("data.train", data.train), ("data.validation", data.validation)] {
            match data.source.images() {
                None => {
                    within(key, asked, 1..=MANY, "expected 1 to 10000000 (only files have a half to take)")?
                }
                Some(images) => within(key, asked, ..=images, &format!("expected at most {images}"))?,
            }
        }
        let both = self.train_images() + self.validation_images();
        if let Some(images) = data.source.images().filter(|images| both > *images) {
            let reason =
                format!("with data.train = {} it exceeds the {images} images there are", self.train_images());
            return Err(ConfigError::invalid("data.validation", self.validation_images(), reason));
        }
        within("data.padding", data.padding, ..=31, "expected at most 31, one less than the image's side")
    }

    fn check_network(&self) -> Result<(), ConfigError> {
        self.plan().check().map_err(|error| match error {
            space::Error::OutOfRange { field, found, low, high } => {
                ConfigError::invalid(&format!("network.{field}"), found, format!("expected {low} to {high}"))
            }
            other => ConfigError::invalid("network", format!("{:?}", self.network), other.to_string()),
        })
    }

    fn check_training(&self) -> Result<(), ConfigError> {
        let training = &self.training;
        within("training.epochs", training.epochs, 2..=1_000_000, "expected 2 to 1000000")?;
        let reason = format!("expected less than training.epochs = {}", training.epochs);
        within("training.warm_up_epochs", training.warm_up_epochs, ..training.epochs, &reason)?;
        let images = self.train_images();
        let reason = format!("expected 2 to {images}, the number of training images");
        within("training.batch_size", training.batch_size, 2..=images, &reason)?;
        within("training.learning_rate", training.learning_rate, 1e-9..=100.0, "expected 1e-9 to 100")?;
        let reason = format!("expected 0 to training.learning_rate = {}", training.learning_rate);
        within(
            "training.learning_rate_min",
            training.learning_rate_min,
            0.0..=training.learning_rate,
            &reason,
        )?;
        within("training.momentum", training.momentum, 0.0..1.0, "expected at least 0 and below 1")?;
        within("training.weight_decay", training.weight_decay, 0.0..=1.0, "expected 0 to 1")?;
        let reason = "expected more than 0; inf = no clipping";
        within("training.gradient_clip", training.gradient_clip, f64::MIN_POSITIVE..=f64::INFINITY, reason)?;
        let population = self.evolution.population;
        let reason = format!("expected 1 to evolution.population = {population}");
        within("training.paths_per_step", training.paths_per_step, 1..=population.max(1), &reason)
    }

    fn check_evolution(&self) -> Result<CheckedSettings, ConfigError> {
        let evolution = &self.evolution;
        within("evolution.population", evolution.population, 2..=100_000, "expected 2 to 100000")?;
        let after = self.training.epochs - self.training.warm_up_epochs;
        if evolution.interval == 0 || !after.is_multiple_of(evolution.interval) {
            let reason = format!(
                "expected a divisor of {after}, the epochs after warm-up (training.epochs = {}, training.warm_up_epochs = {})",
                self.training.epochs, self.training.warm_up_epochs
            );
            return Err(ConfigError::invalid("evolution.interval", evolution.interval, reason));
        }
        within("evolution.offspring", evolution.offspring, 1e-3..=100.0, "expected 0.001 to 100")?;
        within("evolution.mutation", evolution.mutation, 0.0..=1.0, "expected 0 to 1")?;
        let reason =
            format!("expected 0 to 1, and with evolution.mutation = {} at most 1", evolution.mutation);
        within("evolution.crossover", evolution.crossover, 0.0..=1.0 - evolution.mutation, &reason)?;
        within("evolution.gene_probability", evolution.gene_probability, 0.0..=1.0, "expected 0 to 1")?;
        let primitives = &evolution.primitives;
        if primitives.is_empty() {
            return Err(ConfigError::invalid(
                "evolution.primitives",
                "empty",
                "expected at least one primitive",
            ));
        }
        distinct("evolution.primitives", primitives)?;
        if let Some(stranger) = primitives.iter().find(|primitive| !primitive.is_darts()) {
            let reason = format!("{stranger} is not among the eight primitives of the supernet");
            return Err(ConfigError::invalid("evolution.primitives", list(primitives), reason));
        }
        let settings = Settings {
            population: evolution.population,
            offspring_ratio: evolution.offspring,
            mix: Mix { mutation: evolution.mutation, crossover: evolution.crossover },
            gene_probability: evolution.gene_probability,
            objectives: self.selection.objectives.len(),
            selection: self.selection.method,
            last_stage: self.selection.last_stage,
        };
        settings.check().map_err(|error| ConfigError::invalid("evolution", "refused", error.to_string()))
    }

    fn check_selection(&self) -> Result<(), ConfigError> {
        let objectives = &self.selection.objectives;
        if objectives.len() < 2 || objectives[0] != Objective::Accuracy {
            let reason = "expected accuracy, then one or more of parameters, multiply-adds";
            return Err(ConfigError::invalid("selection.objectives", list(objectives), reason));
        }
        distinct("selection.objectives", objectives)
    }

    fn check_evaluation(&self) -> Result<(), ConfigError> {
        let evaluation = &self.evaluation;
        within("evaluation.batch_size", evaluation.batch_size, 1..=MANY, "expected 1 to 10000000")?;
        match evaluation.batch_norm {
            BatchNorm::Running => Ok(()),
            BatchNorm::Recalibrated => {
                let images = self.train_images();
                let reason = format!("expected 2 to {images}, the number of training images");
                within(
                    "evaluation.recalibration_images",
                    evaluation.recalibration_images,
                    2..=images,
                    &reason,
                )
            }
        }
    }

    fn train_images(&self) -> usize {
        self.or_half(self.data.train)
    }

    fn validation_images(&self) -> usize {
        self.or_half(self.data.validation)
    }

    fn or_half(&self, asked: usize) -> usize {
        match self.data.source.images() {
            Some(images) if asked == 0 => images / 2,
            _ => asked,
        }
    }

    fn plan(&self) -> MacroPlan {
        let custom = MacroPlan::custom(self.network.channels, self.network.cells);
        MacroPlan { classes: self.data.source.classes(), ..custom }
    }
}

impl CheckedConfig {
    /// The settings as plain data, to change and check anew.
    pub fn raw(&self) -> &Config {
        &self.config
    }

    /// The frame of the supernet.
    pub fn macro_plan(&self) -> MacroPlan {
        self.config.plan()
    }

    /// The space of cells.
    pub fn search_space(&self) -> &DartsSpace {
        &self.space
    }

    /// The settings of variation and selection.
    pub fn evolution_settings(&self) -> &CheckedSettings {
        &self.evolution
    }

    /// The objectives; accuracy is the first of at least two.
    pub fn objectives(&self) -> &[Objective] {
        &self.config.selection.objectives
    }

    /// How training images are varied.
    pub fn augmentation(&self) -> Augmentation {
        let flip = if self.config.data.flip { Flip::Horizontal } else { Flip::Never };
        Augmentation { pad: self.config.data.padding, flip, cutout: None }
    }

    /// Images that update weights.
    pub fn train_images(&self) -> usize {
        self.config.train_images()
    }

    /// Images that score architectures.
    pub fn validation_images(&self) -> usize {
        self.config.validation_images()
    }

    /// Generations after the initial population: epochs after warm-up divided by the interval.
    pub fn generations(&self) -> usize {
        (self.config.training.epochs - self.config.training.warm_up_epochs) / self.config.evolution.interval
    }

    /// The whole config as TOML; reading it back gives the same config.
    pub fn to_toml(&self) -> String {
        match toml::to_string(&self.config) {
            Ok(text) => text,
            Err(error) => unreachable!("a checked config is no TOML: {error}"),
        }
    }

    /// The first 16 hexadecimal digits of the SHA-256 of everything that can change a result: not the name of the run
    /// nor the folder of the images.
    pub fn digest(&self) -> String {
        let mut plain = self.clone();
        plain.config.name.clear();
        plain.config.data.dir = None;
        Sha256::digest(plain.to_toml()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// TOML's whole numbers end here.
const MAX_SEED: u64 = i64::MAX as u64;

/// More images than any set here has; catches a slipped zero.
const MANY: usize = 10_000_000;

/// A NaN lies in no range.
fn within<T: PartialOrd + std::fmt::Display>(
    key: &str,
    value: T,
    range: impl RangeBounds<T>,
    reason: &str,
) -> Result<(), ConfigError> {
    if range.contains(&value) { Ok(()) } else { Err(ConfigError::invalid(key, value, reason)) }
}

fn distinct<T: PartialEq + std::fmt::Display>(key: &str, items: &[T]) -> Result<(), ConfigError> {
    match items.iter().enumerate().find(|(index, item)| items[..*index].contains(item)) {
        Some((_, twice)) => {
            Err(ConfigError::invalid(key, list(items), format!("{twice} is there twice; name each once")))
        }
        None => Ok(()),
    }
}

fn list<T: std::fmt::Display>(items: &[T]) -> String {
    format!("[{}]", items.iter().map(T::to_string).collect::<Vec<_>>().join(", "))
}
