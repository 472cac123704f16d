//! A config whose settings hold, and what the loop takes from it. The rules themselves are in `rules.rs`.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use datasets::Augmentation;
use evolution::CheckedSettings;
use sha2::{Digest, Sha256};
use space::{AnySpace, Coupling, DartsSpace, MacroPlan, Plan};

use super::{Checked, Config, ConfigError, Objective, Settings, Space};

/// A config in which every setting is in its range and agrees with the others: the only one a search runs with.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedConfig {
    config: Config,
    evolution: CheckedSettings,
    space: AnySpace,
}

impl Deref for CheckedConfig {
    type Target = Config;

    fn deref(&self) -> &Config {
        &self.config
    }
}

impl Settings for Config {
    type Checked = CheckedConfig;

    const OPTIONAL: &'static [(&'static str, &'static str)] =
        &[("data.dir", ""), ("data.split", ""), ("selection.latency_table", "")];

    fn check(self) -> Result<CheckedConfig, ConfigError> {
        Self::check(self)
    }

    fn data_dir(&mut self) -> &mut Option<PathBuf> {
        &mut self.data.dir
    }
}

impl Checked for CheckedConfig {
    type Raw = Config;

    fn raw(&self) -> &Config {
        &self.config
    }

    fn latency_table(&self) -> Option<&Path> {
        self.config.selection.latency_table.as_deref()
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
        let space = match self.space {
            Space::Darts => AnySpace::Darts(DartsSpace { primitives, nodes: 4, coupling: Coupling::Coupled }),
            Space::NasBench201 => AnySpace::NasBench201,
        };
        Ok(CheckedConfig { config: self, evolution, space })
    }

    pub(super) fn train_images(&self) -> usize {
        self.or_half(self.data.train)
    }

    pub(super) fn validation_images(&self) -> usize {
        self.or_half(self.data.validation)
    }

    fn or_half(&self, asked: usize) -> usize {
        match self.data.source.images() {
            Some(images) if asked == 0 => images / 2,
            _ => asked,
        }
    }

    /// The frame of the supernet, not yet checked.
    pub fn macro_plan(&self) -> MacroPlan {
        self.data.images().frame(&self.network)
    }
}

impl CheckedConfig {
    /// The frame of the supernet.
    pub fn macro_plan(&self) -> MacroPlan {
        self.config.macro_plan()
    }

    /// The space of cells.
    pub fn search_space(&self) -> &AnySpace {
        &self.space
    }

    /// The supernet of the space, in its frame.
    pub fn supernet(&self) -> Result<Plan, space::Error> {
        self.space.supernet(&self.macro_plan())
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
        self.config.data.images().augmentation()
    }

    /// Images that update weights; 0 = half of what their files hold.
    pub fn train_images(&self) -> usize {
        self.config.train_images()
    }

    /// Images that score architectures; 0 = half of what their files hold.
    pub fn validation_images(&self) -> usize {
        self.config.validation_images()
    }

    /// Generations after the initial population: epochs after warm-up divided by the interval.
    pub fn generations(&self) -> usize {
        (self.config.training.epochs - self.config.training.warm_up_epochs) / self.config.evolution.interval
    }

    /// The first 16 hexadecimal digits of the SHA-256 of everything that can change a result: not the name of the run
    /// nor the folder of the images nor the path of a latency table (whose copy in the run directory is the one that counts).
    /// Nor the device: a run may go on elsewhere, and its last bits depend on the machine anyway.
    pub fn digest(&self) -> String {
        let mut plain = self.clone();
        plain.config.name.clear();
        plain.config.data.dir = None;
        plain.config.selection.latency_table = None;
        digest(&plain)
    }
}

/// The first 16 hexadecimal digits of the SHA-256 of settings without their device.
pub(super) fn digest(settings: &impl Checked) -> String {
    let text = settings.to_toml();
    // Runs of before there was a choice of space or precision did not name it.
    let unnamed = ["space = \"darts\"\n", "precision = \"f32\"\n"];
    let elsewhere =
        text.split_inclusive('\n').filter(|line| !line.starts_with("device = ") && !unnamed.contains(line));
    let sum: [u8; 32] = Sha256::digest(elsewhere.collect::<String>()).into();
    let (first, _) = sum.as_chunks::<8>();
    format!("{:016x}", u64::from_be_bytes(first[0]))
}
