//! The range of every setting and what has to agree between them. Every rule names its key and what it expects. Whether
//! files are there is found out by whoever reads them.

use std::fmt::Display;
use std::ops::RangeBounds;
use std::path::Path;

use evolution::{CheckedSettings, Mix, Settings};
use space::MacroPlan;

use super::{Config, ConfigError, Device, Objective, Precision, Source, Space};

impl Config {
    pub(super) fn check_run(&self) -> Result<(), ConfigError> {
        identity(&self.name, self.seed)?;
        computes(self.device, self.precision)
    }

    pub(super) fn check_data(&self) -> Result<(), ConfigError> {
        let data = &self.data;
        let images = data.images();
        images.check()?;
        images.check_count("data.train", data.train, data.source.images())?;
        images.check_count("data.validation", data.validation, data.source.images())?;
        if data.split.as_ref().is_some_and(|split| data.source == Source::BuiltIn || split.to_str().is_none())
        {
            let reason = "expected a path in UTF-8, and files to split: data.source = \"built-in\" has none";
            return Err(ConfigError::invalid("data.split", format!("{:?}", data.split), reason));
        }
        let both = self.train_images() + self.validation_images();
        if let Some(images) = data.source.images().filter(|images| both > *images) {
            let reason =
                format!("with data.train = {} it exceeds the {images} images there are", self.train_images());
            return Err(ConfigError::invalid("data.validation", self.validation_images(), reason));
        }
        Ok(())
    }

    pub(super) fn check_network(&self) -> Result<(), ConfigError> {
        frame(&self.macro_plan())
    }

    pub(super) fn check_training(&self) -> Result<(), ConfigError> {
        let training = &self.training;
        within("training.epochs", training.epochs, 2..=1_000_000, "expected 2 to 1000000")?;
        let reason = format!("expected less than training.epochs = {}", training.epochs);
        within("training.warm_up_epochs", training.warm_up_epochs, ..training.epochs, &reason)?;
        batch_size(training.batch_size, self.train_images())?;
        training.descent().check()?;
        let population = self.evolution.population;
        let reason = format!("expected 1 to evolution.population = {population}");
        within("training.paths_per_step", training.paths_per_step, 1..=population.max(1), &reason)?;
        // Where it is not known how many images there are, the run checks it once files are read.
        match self.train_images() / training.batch_size {
            0 => Ok(()),
            batches => {
                let reason = format!(
                    "expected 1 to {batches}, the batches of an epoch: each path of a step takes one"
                );
                within("training.paths_per_step", training.paths_per_step, 1..=batches, &reason)
            }
        }
    }

    pub(super) fn check_evolution(&self) -> Result<CheckedSettings, ConfigError> {
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
        // Not crossover <= 1 - mutation, which rounds 0.2 out of 0.8 + 0.2.
        within("evolution.crossover", evolution.crossover, 0.0..=1.0, &reason)?;
        if evolution.mutation + evolution.crossover > 1.0 {
            return Err(ConfigError::invalid("evolution.crossover", evolution.crossover, reason));
        }
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

    pub(super) fn check_selection(&self) -> Result<(), ConfigError> {
        let objectives = &self.selection.objectives;
        if objectives.len() < 2 || objectives[0] != Objective::Accuracy {
            let reason = "expected accuracy, then one or more of parameters, multiply-adds, latency";
            return Err(ConfigError::invalid("selection.objectives", list(objectives), reason));
        }
        distinct("selection.objectives", objectives)?;
        let wanted = objectives.contains(&Objective::Latency);
        if wanted && self.space != Space::Darts {
            let reason =
                "latency tables are of layers of the darts space; leave latency out, or the space as it is";
            return Err(ConfigError::invalid("selection.objectives", list(objectives), reason));
        }
        match &self.selection.latency_table {
            None if wanted => {
                let reason = "the objective latency needs a table; measure one with `cars profile`, and add --latency-table TABLE";
                Err(ConfigError::invalid("selection.latency_table", "absent", reason))
            }
            Some(table) if !wanted => {
                let reason = "it is only read for the objective latency; add --objectives accuracy,latency";
                Err(ConfigError::invalid("selection.latency_table", format!("{:?}", table.display()), reason))
            }
            Some(table) if table.to_str().is_none() => {
                let reason = "expected a path in UTF-8: it is stored in the run's config";
                Err(ConfigError::invalid("selection.latency_table", format!("{:?}", table.display()), reason))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_evaluation(&self) -> Result<(), ConfigError> {
        let evaluation = &self.evaluation;
        within("evaluation.batch_size", evaluation.batch_size, 1..=MANY, "expected 1 to 10000000")?;
        let images = evaluation.recalibration_images;
        within("evaluation.recalibration_images", images, 2..=MANY, "expected 2 to 10000000")
    }
}

/// Refuses a precision that the device does not have. A run that began elsewhere may still go on there, in single precision.
pub(super) fn computes(device: Device, precision: Precision) -> Result<(), ConfigError> {
    match (device, precision) {
        (Device::Cpu, Precision::Bf16) => {
            let reason =
                "with device = \"cpu\" it must be \"f32\": bf16 is for CUDA devices (cuda, cuda:N, auto)";
            Err(ConfigError::invalid("precision", "\"bf16\"", reason))
        }
        _ => Ok(()),
    }
}

/// The name becomes a folder, the seed a TOML number.
pub(super) fn identity(name: &str, seed: u64) -> Result<(), ConfigError> {
    let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !(1..=64).contains(&name.len()) || name.starts_with('.') || !name.chars().all(good) {
        let reason =
            "expected 1 to 64 letters, digits, `-`, `_` or `.` (not first): it becomes a folder name";
        return Err(ConfigError::invalid("name", format!("{name:?}"), reason));
    }
    within("seed", seed, ..=MAX_SEED, "expected at most 9223372036854775807")
}

/// A set of files has a folder, and one that is drawn has none.
pub(super) fn files(source: Source, dir: Option<&Path>) -> Result<(), ConfigError> {
    let name = source.name();
    match (source != Source::BuiltIn, dir) {
        (false, Some(dir)) => {
            let reason = format!(
                "data.source = \"{name}\" reads no files; name the set with --set data.source=cifar-10"
            );
            Err(ConfigError::invalid("data.dir", format!("{:?}", dir.display()), reason))
        }
        (true, None) => {
            let reason =
                format!("data.source = \"{name}\" needs the folder of its files; add --data-dir DIR");
            Err(ConfigError::invalid("data.dir", "absent", reason))
        }
        (true, Some(dir)) if dir.to_str().is_none() => {
            let reason = "expected a path in UTF-8: it is stored in the run's config";
            Err(ConfigError::invalid("data.dir", format!("{:?}", dir.display()), reason))
        }
        _ => Ok(()),
    }
}

/// At least two images for batch-norm, and no more than there are, where that is known; the loader checks it once files are
/// read.
pub(super) fn batch_size(size: usize, images: usize) -> Result<(), ConfigError> {
    if images == 0 {
        return within("training.batch_size", size, 2..=MANY, "expected 2 to 10000000");
    }
    let reason = format!("expected 2 to {images}, the number of training images");
    within("training.batch_size", size, 2..=images, &reason)
}

/// Width and depth of `[network]`.
pub(super) fn frame(plan: &MacroPlan) -> Result<(), ConfigError> {
    plan.check().map_err(|error| match error {
        space::Error::OutOfRange { field, found, low, high } => {
            ConfigError::invalid(&format!("network.{field}"), found, format!("expected {low} to {high}"))
        }
        other => {
            let found = format!("{} channels, {} cells", plan.channels, plan.cells);
            ConfigError::invalid("network", found, other.to_string())
        }
    })
}

/// TOML's whole numbers end here.
const MAX_SEED: u64 = i64::MAX as u64;

/// More images than any set here has; catches a slipped zero.
pub(super) const MANY: usize = 10_000_000;

/// A NaN lies in no range.
pub(super) fn within<T: PartialOrd + Display>(
    key: &str,
    value: T,
    range: impl RangeBounds<T>,
    reason: &str,
) -> Result<(), ConfigError> {
    if range.contains(&value) { Ok(()) } else { Err(ConfigError::invalid(key, value, reason)) }
}

fn distinct<T: PartialEq + Display>(key: &str, items: &[T]) -> Result<(), ConfigError> {
    match items.iter().enumerate().find(|(index, item)| items[..*index].contains(item)) {
        Some((_, twice)) => {
            Err(ConfigError::invalid(key, list(items), format!("{twice} is there twice; name each once")))
        }
        None => Ok(()),
    }
}

fn list<T: Display>(items: &[T]) -> String {
    format!("[{}]", items.iter().map(T::to_string).collect::<Vec<_>>().join(", "))
}
