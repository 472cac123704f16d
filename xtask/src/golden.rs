//! `cargo xtask golden`: runs the tests that compare with stored text, or lets them rewrite it.
//! The texts themselves live beside their tests (expect-test).

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::{passthrough, workspace};

/// Packages whose tests compare with stored text.
const PACKAGES: &[&str] = &["cars"];

/// Check the golden files, or refresh them.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Rewrite the stored texts with what the code now prints; read the difference before committing it
    #[arg(long)]
    bless: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut command = Command::new(workspace::cargo());
    command.arg("test");
    for package in PACKAGES {
        command.args(["--package", package]);
    }
    if arguments.bless {
        command.env("UPDATE_EXPECT", "1");
    } else {
        // A value left in the shell must not turn a check into a rewrite.
        command.env_remove("UPDATE_EXPECT");
    }
    passthrough::become_command(command)
}
