//! `cars report`: the report of a run, made anew from its journal.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use cars::run_dir::RunDir;
use clap::Args;

use crate::output;

/// Make the report of a run anew from its journal
///
/// A search keeps its report up to date by itself; this is for reports that were lost, or made by an older version.
#[derive(Args)]
#[command(after_long_help = "Example:\n  cars report runs/20261124-101500-quick")]
pub(crate) struct Report {
    /// The directory of the run
    #[arg(value_name = "RUN")]
    run_dir: PathBuf,
}

impl Report {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let run_dir = RunDir::open(&self.run_dir)?;
        let files = run_dir.report_files();
        files.write(&cars::report::html(files.config(), &files.events()?))?;
        let [_, report] = RunDir::results(run_dir.path());
        output::write(&format!("{}\n", report.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}
