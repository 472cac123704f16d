//! `cars report`: the report of a run, made anew from its journal; for a search also with what became of its networks; of
//! several searches, one page on all of them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use cars::report::{Besides, Reported, comparison_html, comparison_table, html_with};
use cars::retrained::{Retrained, Retraining};
use cars::run_dir::{self, Directory, Kind, RunDir, TrainingDir};
use clap::Args;

use crate::exit::WrongInput;
use crate::{compare, output};

/// Make the report of a run anew from its journal, or one page that compares several
///
/// Searches and training runs keep their report up to date by themselves; this is for reports that were lost, or made by an
/// older version, and for a search whose networks were retrained: their accuracies before and after, and the rank
/// correlation between the two, are printed and drawn. Of several searches it makes one page: their fronts and
/// hypervolumes over each other, a table, and the settings in which they differ.
#[derive(Args)]
#[command(
    after_long_help = "Examples:\n  cars report runs/20261124-101500-quick\n  cars report night --retrained first second third\n  cars report first second third -o seeds.html"
)]
pub(crate) struct Report {
    /// The directory of the run, or of several searches
    #[arg(value_name = "RUN", required = true)]
    run_dirs: Vec<PathBuf>,
    /// Training runs of networks on the front of this search, each tested with `cars evaluate`
    #[arg(long, value_name = "DIR", num_args = 1..)]
    retrained: Vec<PathBuf>,
    /// Where the page on several runs goes [default: comparison.html]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Report {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let [run] = self.run_dirs.as_slice() else { return self.compare() };
        if self.output.is_some() {
            let remedy = "name several runs, or leave --output out: the report of one run is report.html in its directory";
            return Err(WrongInput(anyhow!("--output is for the page on several runs; {remedy}")).into());
        }
        if !self.retrained.is_empty() {
            return self.retrained(run);
        }
        match run_dir::kind(run)? {
            Kind::Training => again(&TrainingDir::open(run)?),
            Kind::Search => again(&RunDir::open(run)?),
        }
    }

    fn retrained(&self, run: &Path) -> Result<ExitCode> {
        let run_dir = RunDir::open(run)?;
        let files = run_dir.report_files();
        let retrained =
            self.retrained.iter().map(|path| Retrained::read(path)).collect::<Result<Vec<_>, _>>()?;
        let events = files.events()?;
        let retraining = Retraining::of(&events, &retrained, files.config().seed)?;
        let besides = Besides { retraining: Some(&retraining), spent: files.spent(), ..Besides::default() };
        files.write(&html_with(files.config(), &events, besides))?;
        output::write(&format!("{}{}\n", retraining.table(), files.report().display()))?;
        Ok(ExitCode::SUCCESS)
    }

    #[allow(clippy::disallowed_methods, reason = "a page a person asked for, made anew at will")]
    fn compare(&self) -> Result<ExitCode> {
        if !self.retrained.is_empty() {
            let remedy = "name one search with --retrained, or leave it out";
            return Err(WrongInput(anyhow!("--retrained is for the report of one search; {remedy}")).into());
        }
        let runs = compare::read(&self.run_dirs)?;
        let file = self.output.as_deref().unwrap_or(Path::new("comparison.html"));
        std::fs::write(file, comparison_html(&runs))
            .with_context(|| format!("cannot write {}", file.display()))?;
        output::write(&format!("{}{}\n", comparison_table(&runs), file.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn again<C: Reported>(directory: &Directory<C>) -> Result<ExitCode> {
    let files = directory.report_files();
    files.write(&C::report(&files, None)?)?;
    output::write(&format!("{}\n", files.report().display()))?;
    Ok(ExitCode::SUCCESS)
}
