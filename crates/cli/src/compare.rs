//! `cars compare`: the populations of several runs side by side.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use cars::report::{Compared, comparison_svg, comparison_table};
use cars::run_dir::{self, Kind, RunDir};
use clap::Args;

use crate::exit::WrongInput;
use crate::output;

/// Compares the populations of several runs: how they were selected, and which sizes survived.
#[derive(Args)]
#[command(after_long_help = "Example:\n  cars compare runs/nsga3 runs/pnsga3-released --svg sizes.svg")]
pub(crate) struct Compare {
    /// The directories of the runs
    #[arg(value_name = "RUN", required = true)]
    run_dirs: Vec<PathBuf>,
    /// Also draw the sizes of the survivors by generation into this SVG file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

impl Compare {
    #[allow(clippy::disallowed_methods, reason = "a chart a person asked for, made anew at will")]
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let runs = read(&self.run_dirs)?;
        if let Some(file) = &self.svg {
            std::fs::write(file, comparison_svg(&runs))
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        output::write(&comparison_table(&runs))?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The searches in these directories, each under the name of its directory, or all under their paths if two names are equal.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Vec<Compared>> {
    let names: Vec<_> = paths.iter().map(|path| path.file_name().unwrap_or(path.as_os_str())).collect();
    let distinct: BTreeSet<_> = names.iter().collect();
    let is_plain = distinct.len() == names.len();
    let mut runs = Vec::new();
    for (path, name) in paths.iter().zip(names) {
        if run_dir::kind(path)? == Kind::Training {
            let remedy = "only searches are compared; leave it out";
            return Err(WrongInput(anyhow!("{} is a training run; {remedy}", path.display())).into());
        }
        let run_dir = RunDir::open(path)?;
        let name = if is_plain { name } else { path.as_os_str() }.to_string_lossy().into_owned();
        runs.push(Compared { name, config: run_dir.config().clone(), events: run_dir.events()? });
    }
    Ok(runs)
}
