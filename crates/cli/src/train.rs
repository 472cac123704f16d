//! `cars train`: one network from scratch. Which network is found here; the loop is the library's.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use cars::config::{Layers, Recipe};
use cars::run_dir::{RunDir, TrainingDir};
use clap::Args;
use space::Genotype;

use crate::config::Settings;
use crate::describe::find;
use crate::exit::WrongInput;
use crate::hardware::hardware;
use crate::search::{Audience, Manner, default_path};
use crate::{dry_run, output, stop};

/// Train one network from scratch
///
/// The network is a member of the front of a search (RUN:3 is its third, counted as in the table), a published one by
/// name, or a genotype. Without a config it trains a small network on built-in images in minutes and needs no files.
/// `cars resume` continues it to the same bytes after any kind of stop.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Train {
    /// RUN:NUMBER, a name such as CARS-I, or a genotype
    #[arg(value_name = "RUN:N|NAME|GENOTYPE")]
    network: String,
    /// Start from the shared weights of the search, for a member of its front; width and depth must be the search's
    #[arg(long)]
    inherit: bool,
    #[command(flatten)]
    settings: Settings,
    /// The directory of the run; must be new or empty [default: runs/TIME-NAME]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Only tell how long it would take and how much memory it would need, after a few steps
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    manner: Manner,
}

const EXAMPLES: &str = "\
Examples:
  cars train runs/20261124-101500-quick:3 -o third
  cars train runs/20261124-101500-quick:3 --inherit --set training.epochs=5
  cars train CARS-A --set training.epochs=5 --set network.channels=16
  cars train CARS-I --config configs/train-cifar.toml --data-dir cifar-10-batches-bin";

impl Train {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let mut layers = recipe(&self.network, &self.settings)?;
        if self.inherit {
            layers.config.inherit = Some(search(&self.network).map_err(WrongInput)?);
        }
        let recipe = layers.check()?;
        let path = self.output.clone().unwrap_or_else(|| default_path(&recipe.name));
        let stop = stop::on_interrupt()?;
        self.manner.use_threads()?;
        if self.dry_run {
            return dry_run::training(&recipe, stop);
        }
        let directory = TrainingDir::create(&path, &recipe)?;
        if self.manner.audience() != Audience::Nobody {
            output::note(&format!("run directory: {}", path.display()));
        }
        let mut observers = self.manner.observers(&directory);
        let outcome = cars::train::start(directory, &hardware(None), &mut observers, stop);
        if outcome.is_err() {
            // Training that failed before it began, for want of its images, leaves nothing in its way.
            let _ = TrainingDir::remove_unused(&path);
        }
        self.manner.finish_training(&outcome?, observers, &path)
    }
}

/// The settings of training a network, not yet checked.
pub(crate) fn recipe(network: &str, settings: &Settings) -> Result<Layers<Recipe>> {
    let genotype = self::network(network).map_err(WrongInput)?.to_string();
    settings.layers(&[("genotype", Some(genotype))])
}

/// The network that a text names.
pub(crate) fn network(text: &str) -> Result<Genotype> {
    match run_and_number(text) {
        Some((run, number)) => member(Path::new(run), number),
        None => find(text),
    }
}

/// The directory of the search that a network is a member of.
fn search(text: &str) -> Result<PathBuf> {
    let (run, _) = run_and_number(text)
        .ok_or_else(|| anyhow!("--inherit needs a member of a search's front, RUN:N; `{text}` is none"))?;
    Ok(std::path::absolute(run)?)
}

fn run_and_number(text: &str) -> Option<(&str, &str)> {
    text.rsplit_once(':').filter(|_| !text.contains('(') && !text.contains('{'))
}

fn member(run: &Path, number: &str) -> Result<Genotype> {
    let front = RunDir::front(run)?;
    let count = front.members.len();
    let index: usize =
        number.parse().with_context(|| format!("`{number}` is no number; expected RUN:1 to RUN:{count}"))?;
    let member = index.checked_sub(1).and_then(|index| front.members.into_iter().nth(index));
    member
        .ok_or_else(|| anyhow!("the front of {} has members 1 to {count}, not {index}", run.display()))?
        .cells
        .ok_or_else(|| anyhow!("{} searched another space than that of DARTS", run.display()))
}
