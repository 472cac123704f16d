//! `cars compare`: the populations of several runs side by side.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use cars::report::{Compared, comparison_svg, comparison_table};
use cars::run_dir::RunDir;
use clap::Args;

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
        let mut runs = Vec::new();
        for path in &self.run_dirs {
            let run_dir = RunDir::open(path)?;
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            runs.push(Compared { name, config: run_dir.config().clone(), events: run_dir.events()? });
        }
        if let Some(file) = &self.svg {
            std::fs::write(file, comparison_svg(&runs))
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        output::write(&comparison_table(&runs))?;
        Ok(ExitCode::SUCCESS)
    }
}
