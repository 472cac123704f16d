//! `cars search` and `cars resume`: a run directory, observers, the loop, and what a person needs to know at the end.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use cars::config::Device;
use cars::event::Trained;
use cars::observe::{Console, Html, JsonLines, Observer, front_table};
use cars::report::Reported;
use cars::run::{self, Entry, Hardware, Outcome, Team};
use cars::run_dir::{self, Directory, Kind, RunDir, TrainingDir};
use cars::train;
use clap::Args;

use crate::cluster::{Ranks, refuse_ranks};
use crate::config::SearchSettings;
use crate::hardware::hardware;
use crate::{dry_run, exit, output, stop};

/// Search for the best networks of every size
///
/// Trains a supernet, evolves a population of its paths, and keeps the front of accuracy against size. Without a config
/// it runs a quick search on built-in images and needs no files. The run directory holds the settings,
/// a journal, checkpoints, front.json and report.html, which can be looked at while the search runs.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Search {
    #[command(flatten)]
    settings: SearchSettings,
    /// The directory of the run; must be new or empty [default: runs/TIME-NAME]
    #[arg(long, value_name = "DIR")]
    run_dir: Option<PathBuf>,
    /// Only tell how long it would take and how much memory it would need, after a few steps of each kind
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    manner: Manner,
    #[command(flatten)]
    ranks: Ranks,
}

const EXAMPLES: &str = "\
Examples:
  cars search
  cars search --config configs/cifar10-small.toml --data-dir cifar-10-batches-bin
  cars search --set training.epochs=60 --objectives accuracy,parameters,multiply-adds
  cars search --quiet --run-dir night && cars report night

Stop with Ctrl-C at any time and go on with `cars resume`: the result is the same
to the last bit. `cars config show` lists all settings.";

/// Continue a search or a training run that was stopped, from its last checkpoint
///
/// The result is the one the undisturbed run would have had, to the last bit, however it was stopped.
#[derive(Args)]
#[command(after_long_help = "Example:\n  cars resume runs/20261124-101500-quick")]
pub(crate) struct Resume {
    /// The directory of the run
    #[arg(value_name = "RUN")]
    run_dir: PathBuf,
    /// Where to go on: cpu, cuda, cuda:N or auto [default: the device of the run's config]
    #[arg(long, value_name = "DEVICE")]
    device: Option<Device>,
    #[command(flatten)]
    manner: Manner,
    #[command(flatten)]
    ranks: Ranks,
}

/// How a run is carried out and told about.
#[derive(Args)]
pub(crate) struct Manner {
    /// Threads to use [default: all processors]; the result does not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Write events as JSON lines to standard output instead of showing progress
    #[arg(long, conflicts_with = "quiet")]
    json: bool,
    /// Show nothing but warnings and errors
    #[arg(short, long)]
    quiet: bool,
}

/// Who is told about the run, besides its report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    Person,
    Program,
    Nobody,
}

impl Search {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        stop::on_interrupt()?;
        self.manner.use_threads()?;
        if self.dry_run {
            refuse_ranks("a dry run")?;
            return dry_run::search(&self.settings.layers()?.check()?, stop::flag());
        }
        self.ranks.run(&hardware(None), |team| self.lead(team))
    }

    fn lead(&self, team: Team<'_>) -> Result<ExitCode> {
        let config = self.settings.layers()?.check()?;
        let path = self.run_dir.clone().unwrap_or_else(|| default_path(&config.name));
        let run_dir = RunDir::create(&path, &config)?;
        if self.manner.audience() != Audience::Nobody {
            output::note(&format!("run directory: {}", path.display()));
        }
        let mut observers = self.manner.observers(&run_dir);
        let outcome = run::lead(team, run_dir, Entry::Fresh, &hardware(None), &mut observers, stop::flag());
        if outcome.is_err() {
            // A search that failed before it began, for want of its images, leaves nothing in its way.
            let _ = RunDir::remove_unused(&path);
        }
        self.manner.finish(outcome?, observers, &path)
    }
}

impl Resume {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        stop::on_interrupt()?;
        self.manner.use_threads()?;
        let hardware = hardware(self.device);
        self.ranks.run(&hardware, |team| self.lead(team, &hardware))
    }

    fn lead(&self, team: Team<'_>, hardware: &Hardware) -> Result<ExitCode> {
        if run_dir::kind(&self.run_dir)? == Kind::Training {
            refuse_ranks("the training of one network")?;
            let directory = TrainingDir::open(&self.run_dir)?;
            let mut observers = self.manner.observers(&directory);
            let outcome = train::resume(directory, hardware, &mut observers, stop::flag())?;
            return self.manner.finish_training(&outcome, observers, &self.run_dir);
        }
        let run_dir = RunDir::open(&self.run_dir)?;
        let mut observers = self.manner.observers(&run_dir);
        let outcome = run::lead(team, run_dir, Entry::Checkpoint, hardware, &mut observers, stop::flag())?;
        self.manner.finish(outcome, observers, &self.run_dir)
    }
}

impl Manner {
    pub(crate) const fn audience(&self) -> Audience {
        match (self.json, self.quiet) {
            (true, _) => Audience::Program,
            (_, true) => Audience::Nobody,
            _ => Audience::Person,
        }
    }

    pub(crate) fn use_threads(&self) -> Result<()> {
        use_threads(self.threads)
    }

    /// The keeper of the report, and those who are told while it runs.
    pub(crate) fn observers<C: Reported + 'static>(
        &self,
        directory: &Directory<C>,
    ) -> Vec<Box<dyn Observer>> {
        let mut observers: Vec<Box<dyn Observer>> = vec![Box::new(Html::new(directory.report_files()))];
        observers.extend(self.watchers());
        observers
    }

    fn watchers(&self) -> Vec<Box<dyn Observer>> {
        match self.audience() {
            Audience::Person => vec![Box::new(Console::new())],
            Audience::Program => vec![Box::new(JsonLines::new())],
            Audience::Nobody => Vec::new(),
        }
    }

    pub(crate) fn finish_training(
        &self,
        outcome: &Outcome<Trained>,
        observers: Vec<Box<dyn Observer>>,
        path: &Path,
    ) -> Result<ExitCode> {
        drop(observers);
        match outcome {
            Outcome::Finished(trained) => {
                if self.audience() == Audience::Person {
                    output::write(&format!(
                        "training loss {:.4}, training accuracy {:.2} % in the last epoch\n",
                        trained.loss,
                        100.0 * trained.accuracy
                    ))?;
                }
                Ok(ExitCode::SUCCESS)
            }
            Outcome::Interrupted => Ok(interrupted(path)),
        }
    }

    fn finish(&self, outcome: Outcome, observers: Vec<Box<dyn Observer>>, path: &Path) -> Result<ExitCode> {
        // The bar goes before anything else is written.
        drop(observers);
        match outcome {
            Outcome::Finished(front) => {
                if self.audience() == Audience::Person {
                    output::write(&front_table(&front))?;
                    let [front, report] = RunDir::results(path);
                    output::note(&format!("front: {}\nreport: {}", front.display(), report.display()));
                }
                Ok(ExitCode::SUCCESS)
            }
            Outcome::Interrupted => Ok(interrupted(path)),
        }
    }
}

/// Has the parallel parts of the libraries use so many threads.
pub(crate) fn use_threads(threads: Option<u16>) -> Result<()> {
    let Some(threads) = threads else { return Ok(()) };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.into())
        .build_global()
        .context("cannot start the threads")
}

fn interrupted(path: &Path) -> ExitCode {
    output::note(&format!("continue with: cars resume {}", path.display()));
    exit::interrupted()
}

pub(crate) fn default_path(name: &str) -> PathBuf {
    let time = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S");
    Path::new("runs").join(format!("{time}-{name}"))
}
