//! `cargo xtask torture`: hours of kills, damage and full disks for `search`, `train` and `profile`. What is done to them is in
//! tests/e2e/torture.rs, of which the ordinary tests run one case of each.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::{passthrough, workspace};

/// Kill, damage and resume runs for some minutes; the first loss or differing byte ends it
#[derive(clap::Args)]
#[command(after_help = "Example:\n  cargo xtask torture --minutes 30 --seed 7")]
pub(crate) struct Arguments {
    /// How long
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    minutes: u32,
    /// Names the moments and the damage; the number of the case that failed is printed
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut command = Command::new(workspace::cargo());
    command.args(["test", "--package", "cars-cli", "--test", "e2e", "--"]);
    command.args(["--exact", "torture::runs_end_as_if_nothing_had_happened", "--nocapture"]);
    command.env("CARS_TORTURE_MINUTES", arguments.minutes.to_string());
    command.env("CARS_TORTURE_SEED", arguments.seed.to_string());
    passthrough::become_command(command)
}
