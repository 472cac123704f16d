//! Developer commands, run as `cargo xtask COMMAND`: one file per command, and none of them compiles tensors.
//! Holds no logic of the search: `search` and its like only start the binary.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a developer tool talks to a terminal")]

mod bench;
mod chart;
mod ci;
mod golden;
mod gpu_check;
mod passthrough;
mod peers;
mod small_model_trap;
mod tidy;
mod torture;
mod verify_onnx;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Developer commands of cars.
#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the `cars` binary in release mode and run `cars search`
    ///
    /// Everything after `search` goes to the binary as it stands, `--help` included, and its exit code comes back.
    #[command(disable_help_flag = true)]
    Search(Verbatim),
    /// Build the `cars` binary in release mode and run `cars resume`
    #[command(disable_help_flag = true)]
    Resume(Verbatim),
    /// Build the `cars` binary in release mode and run `cars describe`
    #[command(disable_help_flag = true)]
    Describe(Verbatim),
    /// Check the house rules: crate edges, file headers, printing and IO in their rooms, and more
    ///
    /// Each finding names the file, the line and the remedy. The rules and their lists of rooms are in
    /// xtask/src/tidy/.
    Tidy,
    /// Run what continuous integration runs, in its order, up to the first failure
    Ci(ci::Arguments),
    /// Run the criterion benchmarks
    Bench(bench::Arguments),
    /// Time our sort beside its peers, Rust ones and those that Python calls, and print how many times faster it is
    Peers(peers::Arguments),
    /// Draw what `peers` has measured: points sorted a second over n (docs/sorting-throughput.svg)
    Chart(chart::Arguments),
    /// Search under three selections and draw which sizes survive (docs/small-model-trap.md)
    SmallModelTrap(small_model_trap::Arguments),
    /// Build the binary that checks and measures CUDA where a GPU is
    GpuCheck(gpu_check::Arguments),
    /// Kill, damage and resume runs for some minutes
    Torture(torture::Arguments),
    /// Run every published network in ONNX Runtime and compare it with our own evaluation
    VerifyOnnx(verify_onnx::Arguments),
    /// Check the golden files, or refresh them with --bless
    Golden(golden::Arguments),
}

/// Arguments that are handed on without being looked at. Declared so that clap lets all of them pass; the originals
/// come from the process, because clap drops a leading `--`.
#[derive(clap::Args)]
struct Verbatim {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    _arguments: Vec<OsString>,
}

fn main() -> ExitCode {
    let after_subcommand: Vec<OsString> = std::env::args_os().skip(2).collect();
    let outcome = match Arguments::parse().command {
        Command::Search(_) => passthrough::run("search", &after_subcommand),
        Command::Resume(_) => passthrough::run("resume", &after_subcommand),
        Command::Describe(_) => passthrough::run("describe", &after_subcommand),
        Command::Tidy => tidy::run(),
        Command::Ci(arguments) => ci::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Peers(arguments) => peers::run(&arguments),
        Command::Chart(arguments) => chart::run(&arguments),
        Command::SmallModelTrap(arguments) => small_model_trap::run(&arguments),
        Command::GpuCheck(arguments) => gpu_check::run(&arguments),
        Command::Torture(arguments) => torture::run(&arguments),
        Command::VerifyOnnx(arguments) => verify_onnx::run(&arguments),
        Command::Golden(arguments) => golden::run(&arguments),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_stops_at_no_argument() {
        for line in [
            &["--help"][..],
            &["-h"],
            &["--version"],
            &["--config", "a.toml", "--set", "x=1"],
            &["help"],
            &["--", "--b"],
            &[],
        ] {
            let line = ["cargo xtask", "search"].iter().chain(line);
            let command = Arguments::try_parse_from(line).map(|arguments| arguments.command);
            assert!(matches!(command, Ok(Command::Search(_))));
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }
}
