//! The command line of cars: arguments become a config, the config becomes a run. Everything else is in the libraries.
//! Results go to standard output, all else to standard error; a closed pipe is no failure.

mod check_supernet;
mod cluster;
mod compare;
mod config;
mod data;
mod describe;
mod doctor;
mod dry_run;
mod evaluate;
mod exit;
mod export;
mod hardware;
mod output;
mod plan;
mod profile;
mod report;
mod reproduce;
mod search;
mod stop;
mod tabular;
mod train;

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
Exit codes: 0 done, 1 failed, 2 wrong usage, config or genotype, 3 not reproduced, 130 interrupted: after the first Ctrl-C with the state\nsaved, after a second at once.";

// Each command is documented where its arguments are.
#[derive(Subcommand)]
enum Command {
    Search(search::Search),
    Plan(plan::Plan),
    Train(train::Train),
    Evaluate(evaluate::Evaluate),
    Export(export::Export),
    Resume(search::Resume),
    Reproduce(reproduce::Reproduce),
    Report(report::Report),
    /// Compare the populations of several runs
    Compare(compare::Compare),
    Describe(describe::Describe),
    Profile(profile::Profile),
    Tabular(tabular::Tabular),
    CheckSupernet(check_supernet::CheckSupernet),
    Config(config::Config),
    Doctor(doctor::Doctor),
    Data(data::Data),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Search(search) => search.run(),
        Command::Plan(plan) => plan.run(),
        Command::Train(train) => train.run(),
        Command::Evaluate(evaluate) => evaluate.run(),
        Command::Export(export) => export.run(),
        Command::Resume(resume) => resume.run(),
        Command::Reproduce(reproduce) => reproduce.run(),
        Command::Report(report) => report.run(),
        Command::Compare(compare) => compare.run(),
        Command::Describe(describe) => describe.run(),
        Command::Profile(profile) => profile.run(),
        Command::Tabular(tabular) => tabular.run(),
        Command::CheckSupernet(check) => check.run(),
        Command::Config(config) => config.run(),
        Command::Doctor(doctor) => doctor.run(),
        Command::Data(data) => data.run(),
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
