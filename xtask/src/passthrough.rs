//! `cargo xtask search` and its like: build the `cars` binary in release mode and become it.
//! Looks at none of the arguments.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::workspace;

/// Runs `cars SUBCOMMAND ARGUMENTS...` in the caller's folder, so that relative paths mean what they say.
pub(crate) fn run(subcommand: &str, arguments: &[OsString]) -> Result<ExitCode> {
    let mut command = Command::new(workspace::cargo());
    command
        .args(["run", "--release", "--package", "cars-cli", "--bin", "cars", "--", subcommand])
        .args(arguments);
    become_command(command)
}

/// Replaces this process: signals, exit code and terminal belong to the command alone, and Ctrl-C waits for it to
/// save its state.
#[cfg(unix)]
pub(crate) fn become_command(mut command: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(anyhow::Error::new(error).context(format!("cannot start {}", command.get_program().display())))
}

/// Runs the command and hands on its exit code (255 when it has none that fits).
#[cfg(not(unix))]
pub(crate) fn become_command(mut command: Command) -> Result<ExitCode> {
    use anyhow::Context;
    let status =
        command.status().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX);
    Ok(ExitCode::from(code))
}
