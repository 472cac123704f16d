//! `cars tabular`: searches a table of trained networks, many seeds of several methods, and says how near they come to
//! the true front.

mod import;

use std::fmt::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use cars::tabular::{Method, Problem, Quartiles, Settings, Study, Table, study};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::exit::WrongInput;
use crate::output;

/// Search a table of trained networks, in seconds
///
/// Runs the evolution and selection of a search on NAS-Bench-201, where every network has been trained already, beside
/// random search, regularised evolution and NSGA-II with the same budget. One column of accuracies drives the search, another
/// judges the front it reports: the hypervolume is a share of that of the true front, which is scaled to span 0 to 1 in each
/// objective, with the reference point at 1.1. A cell costs one evaluation when it is first looked at, for every method.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_long_help = EXAMPLES)]
pub(crate) struct Tabular {
    #[command(subcommand)]
    command: Option<Command>,
    /// The table, as `cars tabular import` writes it
    #[arg(long, value_name = "FILE", required = true)]
    table: Option<PathBuf>,
    /// What to trade off: accuracy (or error), then parameters, macs, or columns of the table, all minimised
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "accuracy,parameters")]
    objectives: Vec<String>,
    /// Distinct networks each search may look at
    #[arg(long, value_name = "N", default_value_t = 500)]
    budget: usize,
    /// The seeds, as FROM..TO (TO is left out)
    #[arg(long, value_name = "RANGE", default_value = "0..100", value_parser = seeds)]
    seeds: Range<u64>,
    /// The column of accuracies that drives the searches
    #[arg(long, value_name = "COLUMN", default_value = "c10_valid_acc_12ep")]
    drive: String,
    /// The column of accuracies that judges what they report
    #[arg(long, value_name = "COLUMN", default_value = "c10_test_acc_200ep")]
    judge: String,
    #[command(flatten)]
    variation: Variation,
    /// Write one JSON object instead of a table
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  cars tabular import nb201_cifar10.csv.gz -o nb201.bin
  cars tabular --table nb201.bin --objectives accuracy,parameters --budget 500
  cars tabular import nb201_cifar10.csv.gz nb201_cifar10_latency.csv.gz -o nb201.bin
  cars tabular --table nb201.bin --objectives error,macs,eyeriss_ms --seeds 0..20 --json";

#[derive(Subcommand)]
enum Command {
    Import(import::Import),
}

/// How the evolution varies; the defaults are those of `tabular::Settings`.
#[derive(Args)]
struct Variation {
    /// Survivors of a generation
    #[arg(long, value_name = "N", default_value_t = Settings::default().population)]
    population: usize,
    /// Offspring of a generation, as a multiple of the population
    #[arg(long, value_name = "RATIO", default_value_t = Settings::default().offspring)]
    offspring: f64,
    /// Share of offspring that are mutants
    #[arg(long, value_name = "SHARE", default_value_t = Settings::default().mix.mutation)]
    mutation: f64,
    /// Share of offspring that are crossovers; the rest is drawn at random
    #[arg(long, value_name = "SHARE", default_value_t = Settings::default().mix.crossover)]
    crossover: f64,
    /// Probability with which variation replaces an edge [default: 1/6]
    #[arg(long, value_name = "P", default_value_t = Settings::default().gene_probability, hide_default_value = true)]
    gene_probability: f64,
    /// Networks alive in regularised evolution
    #[arg(long, value_name = "N", default_value_t = Settings::default().regularised_population)]
    regularised_population: usize,
    /// Networks that compete to be a parent in regularised evolution
    #[arg(long, value_name = "N", default_value_t = Settings::default().regularised_sample)]
    regularised_sample: usize,
}

/// What `--json` writes.
#[derive(Serialize)]
struct Outcome<'a> {
    schema: u32,
    objectives: &'a [String],
    drive: &'a str,
    judge: &'a str,
    budget: usize,
    seeds: [u64; 2],
    methods: &'a [Study],
}

impl Tabular {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        if let Some(Command::Import(import)) = &self.command {
            return import.run();
        }
        let table = read(self.table.as_deref().context("no --table")?)?;
        let objectives: Vec<&str> = self.objectives.iter().map(String::as_str).collect();
        let problem = Problem::new(&table, &objectives, [&self.drive, &self.judge]).map_err(wrong)?;
        let settings = self.variation.settings();
        let mut studies = Vec::new();
        for method in Method::ALL {
            let seeds = self.seeds.clone();
            studies.push(study(method, &problem, &settings, self.budget, seeds).map_err(wrong)?);
        }
        let text = if self.json { self.as_json(&studies)? } else { self.as_table(&studies)? };
        output::write(&text)?;
        Ok(ExitCode::SUCCESS)
    }

    fn as_json(&self, methods: &[Study]) -> Result<String> {
        let Self { objectives, drive, judge, budget, seeds, .. } = self;
        let seeds = [seeds.start, seeds.end];
        let outcome = Outcome { schema: 1, objectives, drive, judge, budget: *budget, seeds, methods };
        Ok(serde_json::to_string_pretty(&outcome)? + "\n")
    }

    fn as_table(&self, studies: &[Study]) -> Result<String> {
        let mut text = format!(
            "{} after {} evaluations, seeds {}..{}; median (quartiles)\n\n{:<24}{:<28}{:<28}{}\n",
            self.objectives.join(", "),
            self.budget,
            self.seeds.start,
            self.seeds.end,
            "method",
            "hypervolume, judged",
            "hypervolume, driven",
            "best judged accuracy",
        );
        for study in studies {
            let [judged, driven] = [study.hypervolume, study.drive_hypervolume].map(|q| spread(q, 4));
            let best = spread(study.best_accuracy, 2);
            writeln!(text, "{:<24}{judged:<28}{driven:<28}{best}", study.method)?;
        }
        for study in studies.iter().filter(|study| study.evaluations < self.budget) {
            let (method, made) = (study.method, study.evaluations);
            writeln!(text, "\n{method} found nothing new after {made} evaluations for one of the seeds")?;
        }
        Ok(text)
    }
}

impl Variation {
    fn settings(&self) -> Settings {
        let mut settings = Settings {
            population: self.population,
            offspring: self.offspring,
            gene_probability: self.gene_probability,
            regularised_population: self.regularised_population,
            regularised_sample: self.regularised_sample,
            ..Settings::default()
        };
        settings.mix.mutation = self.mutation;
        settings.mix.crossover = self.crossover;
        settings
    }
}

fn spread(quartiles: Quartiles, digits: usize) -> String {
    let Quartiles { lower, median, upper } = quartiles;
    format!("{median:.digits$} ({lower:.digits$} to {upper:.digits$})")
}

/// Reads a table from its compact form.
pub(crate) fn read(path: &Path) -> Result<Table> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Table::from_bytes(&bytes).map_err(wrong).with_context(|| path.display().to_string())
}

fn wrong(error: impl Into<anyhow::Error>) -> WrongInput {
    WrongInput(error.into())
}

fn seeds(text: &str) -> Result<Range<u64>> {
    let numbers = text.split_once("..").map(|(from, to)| (from.parse(), to.parse()));
    match numbers {
        Some((Ok(from), Ok(to))) if from < to => Ok(from..to),
        _ => Err(anyhow!("expected FROM..TO with FROM below TO, as in 0..100")),
    }
}
