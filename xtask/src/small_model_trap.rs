//! `cargo xtask small-model-trap`: the runs behind docs/small-model-trap.md, the same search under plain NSGA-III and under
//! both variants of pNSGA-III, then `cars compare`. It starts `cars` and holds no logic of the search.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// The selections that are compared, in the order of the figure.
const METHODS: [&str; 3] = ["nsga3", "pnsga3-released", "pnsga3-paper"];

/// Search the same way under three selections, and draw which sizes survive.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  cargo xtask small-model-trap -- --seed 11")]
pub(crate) struct Arguments {
    /// Folder of the three runs; must be new
    #[arg(long, default_value = "runs/small-model-trap")]
    runs: PathBuf,
    /// The figure
    #[arg(long, default_value = "docs/small-model-trap.svg")]
    svg: PathBuf,
    /// Arguments for every `cars search`
    #[arg(last = true)]
    search: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    if arguments.runs.exists() {
        let runs = arguments.runs.display();
        bail!("{runs} is there already; remove it, or name another folder with --runs");
    }
    let mut compare = cars("compare");
    for method in METHODS {
        let run = arguments.runs.join(method);
        let mut search = cars("search");
        search.args(&arguments.search).arg("--set").arg(format!("selection.method={method}"));
        finish(search.arg("--run-dir").arg(&run))?;
        compare.arg(run);
    }
    finish(compare.arg("--svg").arg(&arguments.svg))?;
    Ok(ExitCode::SUCCESS)
}

fn cars(subcommand: &str) -> Command {
    let mut command = Command::new(workspace::cargo());
    command.args(["run", "--release", "--package", "cars-cli", "--bin", "cars", "--", subcommand]);
    command
}

fn finish(command: &mut Command) -> Result<()> {
    let status =
        command.status().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    if !status.success() {
        bail!("a run ended with {status}");
    }
    Ok(())
}
