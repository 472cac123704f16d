//! `cars report`: the report of a run, made anew from its journal; for a search also with what became of its networks.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use cars::report::{Reported, html_with};
use cars::retrained::{Retrained, Retraining};
use cars::run_dir::{self, Directory, Kind, RunDir, TrainingDir};
use clap::Args;

use crate::output;

/// Make the report of a run anew from its journal
///
/// Searches and training runs keep their report up to date by themselves; this is for reports that were lost, or made by an
/// older version, and for a search whose networks were retrained: their accuracies before and after, and the rank
/// correlation between the two, are printed and drawn.
#[derive(Args)]
#[command(
    after_long_help = "Examples:\n  cars report runs/20261124-101500-quick\n  cars report night --retrained first second third"
)]
pub(crate) struct Report {
    /// The directory of the run
    #[arg(value_name = "RUN")]
    run_dir: PathBuf,
    /// Training runs of networks on the front of this search, each tested with `cars evaluate`
    #[arg(long, value_name = "DIR", num_args = 1..)]
    retrained: Vec<PathBuf>,
}

impl Report {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        if self.retrained.is_empty() && run_dir::kind(&self.run_dir)? == Kind::Training {
            return again(&TrainingDir::open(&self.run_dir)?);
        }
        let run_dir = RunDir::open(&self.run_dir)?;
        if self.retrained.is_empty() {
            return again(&run_dir);
        }
        let files = run_dir.report_files();
        let retrained =
            self.retrained.iter().map(|path| Retrained::read(path)).collect::<Result<Vec<_>, _>>()?;
        let events = files.events()?;
        let retraining = Retraining::of(&events, &retrained, files.config().seed)?;
        files.write(&html_with(files.config(), &events, Some(&retraining)))?;
        output::write(&format!("{}{}\n", retraining.table(), files.report().display()))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn again<C: Reported>(directory: &Directory<C>) -> Result<ExitCode> {
    let files = directory.report_files();
    files.write(&C::report(&files)?)?;
    output::write(&format!("{}\n", files.report().display()))?;
    Ok(ExitCode::SUCCESS)
}
