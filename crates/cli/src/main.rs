//! The command line of cars: arguments become a config, the config becomes a run. Everything else is in the libraries.
//! Results go to standard output, all else to standard error; a closed pipe is no failure.

mod config;
mod describe;
mod exit;
mod output;
mod report;
mod search;
mod stop;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Searches families of image classifiers: one supernet, one population, one run (CARS, CVPR 2020).
#[derive(Parser)]
#[command(name = "cars", version, max_term_width = 100, disable_help_subcommand = true, after_help = AFTER)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const AFTER: &str = "\
Exit codes: 0 done, 1 failed, 2 wrong usage, config or genotype, 130 interrupted with the state saved.";

#[derive(Subcommand)]
enum Command {
    /// Search for the best networks of every size
    Search(search::Search),
    /// Continue a search that was stopped, from its last checkpoint
    Resume(search::Resume),
    /// Make the report of a run anew from its journal
    Report(report::Report),
    /// Count the parameters and operations of a network
    Describe(describe::Describe),
    /// Show the settings of a search
    Config(config::Config),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Search(search) => search.run(),
        Command::Resume(resume) => resume.run(),
        Command::Report(report) => report.run(),
        Command::Describe(describe) => describe.run(),
        Command::Config(config) => config.run(),
    };
    outcome.unwrap_or_else(|error| {
        output::note(&format!("error: {}", exit::message(&error)));
        exit::code(&error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }
}
