//! `cars data`: what a folder of images holds, and published sets from the network.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use cars::data::fetch::{self, NAMES, Network, Progress};
use cars::data::inspect::inspect;
use clap::{Args, Subcommand};

use crate::exit::WrongInput;
use crate::output;

/// Look at a set of images, or fetch a published one
#[derive(Args)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Data {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(Check),
    Fetch(Fetch),
}

/// Say what a folder of images holds
///
/// Finds out what kind of set it is, decodes every image, and prints counts, sizes, classes, mean and standard deviation, and
/// every file that cannot be read. The exit code is 1 if there is one.
#[derive(Args)]
struct Check {
    /// The folder: CIFAR binary, IDX, or a folder of JPEG and PNG files for each class
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Fetch a published set into the cache folder, and print where it is
///
/// Sets: cifar-10, cifar-100, fashion-mnist. Files must have the SHA-256 that is pinned here. An interrupted
/// download goes on where it stopped. A set that is there already is not fetched again.
#[derive(Args)]
#[command(
    after_long_help = "Example:\n  cars search --set data.source=cifar-10 --data-dir $(cars data fetch cifar-10)"
)]
struct Fetch {
    /// The set
    #[arg(value_name = "NAME")]
    name: String,
    /// The folder that sets are kept in [default: cars/datasets in $XDG_CACHE_HOME or ~/.cache]
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Use no network: a set that is not there is an error
    #[arg(long)]
    offline: bool,
}

impl Data {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        match &self.command {
            Command::Check(check) => check.run(),
            Command::Fetch(fetch) => fetch.run(),
        }
    }
}

impl Check {
    fn run(&self) -> Result<ExitCode> {
        let report = inspect(&self.dir)?;
        output::write(&report.to_string())?;
        Ok(if report.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

impl Fetch {
    fn run(&self) -> Result<ExitCode> {
        let unknown =
            || WrongInput(anyhow!("no set is called {:?}; expected {}", self.name, NAMES.join(", ")));
        let remote = fetch::find(&self.name).ok_or_else(unknown)?;
        let cache = self.cache.clone().map_or_else(default_cache, Ok)?;
        let network = if self.offline { Network::Offline } else { Network::Online };
        let mut told = None;
        let folder = fetch::fetch(&remote, &cache, network, &mut |progress| {
            let line = progress_line(progress);
            if told.as_ref() != Some(&line) {
                output::note(&line);
                told = Some(line);
            }
        })?;
        output::write(&format!("{}\n", folder.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Tenths of a file, or every 16 MiB of one whose length the server does not say.
fn progress_line(progress: &Progress<'_>) -> String {
    let Progress { file, received, total } = progress;
    match total.filter(|&total| total > 0) {
        Some(total) => format!("{file}: {} %", 10 * (10 * received / total)),
        None => format!("{file}: {} MiB", 16 * (received >> 24)),
    }
}

fn default_cache() -> Result<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CACHE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
        .map(|cache| cache.join("cars/datasets"))
        .context("neither XDG_CACHE_HOME nor HOME is an absolute path; name a folder with --cache DIR")
}
