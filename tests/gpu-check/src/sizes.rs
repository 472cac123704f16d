//! How much is measured: what a device is compared by, or as little as shows that this program works.

use std::path::{Path, PathBuf};

use anyhow::Result;
use cars::config::{CheckedConfig, Layers, Text};
use space::MacroPlan;

/// The full search of the paper; everything else is a part of it.
const PAPER: Text<'_> =
    Text { name: "configs/cifar10.toml", text: include_str!("../../../configs/cifar10.toml") };

/// A search that has all phases twice.
const SHORT: [&str; 4] =
    ["training.epochs=12", "training.warm_up_epochs=4", "evolution.interval=4", "evolution.population=16"];

/// Images for it where there are no files.
const BUILT_IN: [&str; 3] = ["data.source=built-in", "data.train=10000", "data.validation=5000"];

/// A search that ends in seconds.
const TINY: [&str; 12] = [
    "data.source=built-in",
    "data.train=32",
    "data.validation=20",
    "network.channels=4",
    "network.cells=3",
    "training.batch_size=16",
    "training.epochs=3",
    "training.warm_up_epochs=1",
    "evolution.interval=1",
    "evolution.population=4",
    "evaluation.recalibration_images=16",
    "evaluation.batch_size=10",
];

/// How much is measured.
#[derive(Debug)]
pub(crate) struct Sizes {
    /// The frame of all networks.
    pub(crate) plan: MacroPlan,
    /// Batch sizes of training steps.
    pub(crate) steps: Vec<usize>,
    /// Batch sizes of evaluations.
    pub(crate) evaluations: Vec<usize>,
    /// Networks of an evaluation, images that each is scored on, and images that its statistics are measured on.
    pub(crate) networks: usize,
    pub(crate) images: usize,
    pub(crate) recalibration: usize,
    /// The short search.
    pub(crate) search: CheckedConfig,
}

impl Sizes {
    /// What a device is compared by; `data` is a folder with CIFAR-10 for the search.
    pub(crate) fn full(steps: Vec<usize>, data: Option<PathBuf>) -> Result<Self> {
        let search = match data {
            Some(folder) => config(&SHORT, Some(folder))?,
            None => config(&[&SHORT[..], &BUILT_IN].concat(), None)?,
        };
        let recalibration = search.evaluation.recalibration_images;
        let evaluations = vec![search.evaluation.batch_size, 500, 1000];
        let plan = search.macro_plan();
        Ok(Self { plan, steps, evaluations, networks: 16, images: 2000, recalibration, search })
    }

    /// As little as shows that this program works.
    pub(crate) fn tiny() -> Result<Self> {
        let search = config(&TINY, None)?;
        let plan = MacroPlan { height: 8, width: 8, ..search.macro_plan() };
        let (steps, evaluations) = (vec![4], vec![search.evaluation.batch_size]);
        Ok(Self { plan, steps, evaluations, networks: 2, images: 20, recalibration: 8, search })
    }
}

/// The settings of the paper's search.
pub(crate) fn paper() -> Result<CheckedConfig> {
    config(&[], Some(Path::new("unread").to_owned()))
}

/// The paper's settings with these `key=value` in the place of theirs.
fn config(overrides: &[&str], data: Option<PathBuf>) -> Result<CheckedConfig> {
    let pairs = overrides.iter().filter_map(|pair| pair.split_once('='));
    let pairs: Vec<(String, String)> = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let mut layers = Layers::<cars::config::Config>::new(Some(PAPER), &pairs)?;
    layers.config.data.dir = data;
    Ok(layers.check()?)
}
