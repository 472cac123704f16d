//! `cars config`, and the flags by which every command that needs a config puts it together: defaults, a file, then what
//! the command line says. Ranges are checked by the library.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use cars::config::{
    Config as SearchConfig, Device, Layers, Origin, Precision, Settings as Raw, Text, annotated,
};
use clap::{Args, Subcommand};

use crate::exit::WrongInput;
use crate::output;
use crate::train::recipe;

/// Where the settings come from. Later ones win: defaults, the file, `--set`, the other flags.
#[derive(Args)]
pub(crate) struct Settings {
    /// A TOML file of settings; without it, small ones on the built-in images
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of the images (data.dir)
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Leave out images in a folder that cannot be decoded, instead of stopping at the first (data.skip_corrupt)
    #[arg(long)]
    skip_corrupt: bool,
    /// The seed of everything random (seed)
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Where to compute: cpu, cuda, cuda:N, or auto for CUDA where it can be had (device)
    #[arg(long, value_name = "DEVICE")]
    device: Option<Device>,
    /// How a CUDA device keeps feature maps: f32, or bf16 for maps of half the size and tensor cores (precision)
    #[arg(long, value_name = "PRECISION")]
    precision: Option<Precision>,
    /// One setting by its key, as in `training.epochs=20`; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    overrides: Vec<(String, String)>,
}

impl Settings {
    /// Puts the layers together, not yet checked. The flags of one command only come as `more`, by their keys.
    pub(crate) fn layers<S: Raw>(&self, more: &[(&str, Option<String>)]) -> Result<Layers<S>> {
        let text = self.config.as_deref().map(read).transpose()?;
        let name = self.config.as_deref().unwrap_or(Path::new("")).display().to_string();
        let file = text.as_deref().map(|text| Text { name: &name, text });
        let mut overrides = self.overrides.clone();
        let mut set = |key: &str, value: Option<String>| {
            overrides.extend(value.map(|value| (key.to_owned(), value)));
        };
        set("seed", self.seed.map(|seed| seed.to_string()));
        set("data.skip_corrupt", self.skip_corrupt.then(|| true.to_string()));
        set("device", self.device.map(|device| device.to_string()));
        set("precision", self.precision.map(|precision| precision.to_string()));
        for (key, value) in more {
            set(key, value.clone());
        }
        let mut layered = Layers::<S>::new(file, &overrides)?;
        if let Some(dir) = &self.data_dir {
            *layered.config.data_dir() = Some(dir.clone());
            layered.origins.insert("data.dir".to_owned(), Origin::CommandLine);
        }
        // A run may be resumed from elsewhere.
        if let Some(dir) = layered.config.data_dir() {
            *dir = std::path::absolute(&dir)?;
        }
        Ok(layered)
    }
}

/// The settings of a search.
#[derive(Args)]
pub(crate) struct SearchSettings {
    #[command(flatten)]
    settings: Settings,
    /// What is traded off, accuracy first (selection.objectives)
    #[arg(long, value_name = "A,B")]
    objectives: Option<String>,
    /// The table that the objective latency is predicted from (selection.latency_table)
    #[arg(long, value_name = "TABLE")]
    latency_table: Option<PathBuf>,
    /// Whether a layer that the table lacks is an error; if not, its time is interpolated (selection.latency_strict)
    #[arg(long, value_name = "BOOL")]
    strict: Option<bool>,
}

impl SearchSettings {
    /// Puts the layers together, not yet checked.
    pub(crate) fn layers(&self) -> Result<Layers<SearchConfig>> {
        let mut layered: Layers<SearchConfig> = self.settings.layers(&[
            ("selection.objectives", self.objectives.clone()),
            ("selection.latency_strict", self.strict.map(|strict| strict.to_string())),
        ])?;
        let table = &mut layered.config.selection.latency_table;
        if let Some(given) = &self.latency_table {
            *table = Some(given.clone());
            layered.origins.insert("selection.latency_table".to_owned(), Origin::CommandLine);
        }
        let split = &mut layered.config.data.split;
        for path in [table.as_mut(), split.as_mut()].into_iter().flatten() {
            *path = std::path::absolute(&path)?;
        }
        Ok(layered)
    }
}

/// Show the settings of a search or of training
#[derive(Args)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Config {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the resolved settings as TOML, with the origin of each that is not a default
    Show(Show),
}

#[derive(Args)]
struct Show {
    #[command(flatten)]
    settings: SearchSettings,
    /// The settings with which `cars train` would train this network, instead of those of a search
    #[arg(long, value_name = "RUN:N|NAME|GENOTYPE", conflicts_with_all = ["objectives", "latency_table", "strict"])]
    train: Option<String>,
}

impl Config {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let Command::Show(Show { settings, train }) = &self.command;
        output::write(&match train {
            None => resolved(settings.layers()?)?,
            Some(network) => resolved(recipe(network, &settings.settings)?)?,
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Checked settings as TOML, with their origins.
fn resolved<S: Raw>(layers: Layers<S>) -> Result<String> {
    let origins = layers.origins.clone();
    Ok(annotated(&layers.check()?, &origins))
}

fn read(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("cannot read the config {}", path.display()));
    Ok(text.map_err(WrongInput)?)
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => Err("expected KEY=VALUE, as in training.epochs=20".to_owned()),
    }
}
