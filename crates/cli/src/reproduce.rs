//! `cars reproduce`: a run done again from its own config, and compared. What counts as the same is the library's to say.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, anyhow};
use cars::config::{Checked as _, Device};
use cars::event::Event;
use cars::observe::{Console, Observer};
use cars::reproduce::{Difference, compare_events, compare_fronts};
use cars::run::{self, Hardware, Outcome};
use cars::run_dir::{self, Kind, RunDir, TrainingDir};
use cars::train;
use clap::Args;

use crate::hardware::hardware;
use crate::search::use_threads;
use crate::{exit, output, stop};

/// Do a finished run again and see whether it comes to the same
///
/// Takes config, seed and latency table from the run's directory, after checking their checksums, runs it in a new one, and
/// compares the journals event by event and the fronts, all but measured times. The first difference is named; a run on
/// other images differs in its first event, which holds their checksum. Exit code 3 if there is a difference.
#[derive(Args)]
#[command(after_long_help = "Example:\n  cars reproduce runs/20261124-101500-quick --threads 4")]
pub(crate) struct Reproduce {
    /// The directory of a finished search or training run
    #[arg(value_name = "RUN")]
    run_dir: PathBuf,
    /// Where to run it again, a new directory that is kept [default: a temporary one, kept only if there is a difference]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Where to compute: cpu, cuda, cuda:N or auto [default: the device of the run's config]
    #[arg(long, value_name = "DEVICE")]
    device: Option<Device>,
    /// Threads to use [default: all processors]; the result does not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Show nothing but the outcome
    #[arg(short, long)]
    quiet: bool,
}

/// What came of it.
enum Compared {
    Stopped,
    Equal,
    Different(Difference),
}

impl From<Option<Difference>> for Compared {
    fn from(difference: Option<Difference>) -> Self {
        difference.map_or(Self::Equal, Self::Different)
    }
}

impl Reproduce {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let stop = stop::on_interrupt()?;
        use_threads(self.threads)?;
        let temporary = tempfile::tempdir().context("cannot make a temporary folder")?;
        let path = self.output.clone().unwrap_or_else(|| temporary.path().join("run"));
        let compared = match run_dir::kind(&self.run_dir)? {
            Kind::Search => self.search(&path, stop),
            Kind::Training => self.train(&path, stop),
        };
        match compared? {
            Compared::Stopped => Ok(exit::interrupted()),
            Compared::Equal => {
                output::write(&format!("reproduced: {} came to the same again\n", self.run_dir.display()))?;
                Ok(ExitCode::SUCCESS)
            }
            Compared::Different(difference) => {
                if self.output.is_none() {
                    // It is there to be looked at.
                    let _ = temporary.keep();
                }
                output::write(&format!("not reproduced: {difference}\nsee {}\n", path.display()))?;
                Ok(exit::different())
            }
        }
    }

    fn search(&self, path: &Path, stop: &AtomicBool) -> Result<Compared> {
        let stored = RunDir::open(&self.run_dir)?;
        let events = finished(stored.events()?, &self.run_dir)?;
        let mut config = stored.config().raw().clone();
        if let Some(table) = &mut config.selection.latency_table {
            *table = stored.latency_table_path();
        }
        let directory = RunDir::create(path, &config.check()?)?;
        if run::start(directory, &self.hardware(), &mut self.observers(), stop)? == Outcome::Interrupted {
            return Ok(Compared::Stopped);
        }
        let again = RunDir::open(path)?.events()?;
        let difference = match compare_events(&events, &again) {
            Some(difference) => Some(difference),
            None => compare_fronts(&RunDir::front(&self.run_dir)?, &RunDir::front(path)?),
        };
        Ok(difference.into())
    }

    fn train(&self, path: &Path, stop: &AtomicBool) -> Result<Compared> {
        let stored = TrainingDir::open(&self.run_dir)?;
        let events = finished(stored.events()?, &self.run_dir)?;
        let directory = TrainingDir::create(path, stored.config())?;
        if train::start(directory, &self.hardware(), &mut self.observers(), stop)? == Outcome::Interrupted {
            return Ok(Compared::Stopped);
        }
        Ok(compare_events(&events, &TrainingDir::open(path)?.events()?).into())
    }

    fn hardware(&self) -> Hardware {
        hardware(self.device)
    }

    fn observers(&self) -> Vec<Box<dyn Observer>> {
        if self.quiet { Vec::new() } else { vec![Box::new(Console::new())] }
    }
}

/// The events of a run that has come to its end.
fn finished(events: Vec<Event>, run: &Path) -> Result<Vec<Event>> {
    let run = run.display();
    match events.last() {
        Some(Event::Finished(_) | Event::Trained(_)) => Ok(events),
        _ => Err(anyhow!("{run} has not come to its end: finish it with `cars resume {run}` first")),
    }
}
