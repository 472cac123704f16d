//! `cargo xtask bench`: runs one criterion group, or all of them.
//! Keeps no baselines of its own: `--save-baseline` and `--baseline` are criterion's.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::{passthrough, workspace};

/// Run the criterion benchmarks.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  cargo xtask bench sorting\n  cargo xtask bench step --save-baseline before\n  \
                  cargo xtask bench step --baseline before"
)]
pub(crate) struct Arguments {
    /// Group to run, a target of the package cars-benches (all groups when absent)
    group: Option<String>,
    /// Arguments for criterion, such as a name filter or --save-baseline NAME
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    criterion: Vec<OsString>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut command = Command::new(workspace::cargo());
    command.args(["bench", "--package", "cars-benches"]);
    match &arguments.group {
        Some(group) => command.args(["--bench", group]),
        None => command.arg("--benches"),
    };
    command.arg("--").args(&arguments.criterion);
    passthrough::become_command(command)
}
