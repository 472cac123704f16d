//! `cars check-supernet`: the report card of a supernet.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use cars::check::{Truth, check_supernet};
use cars::config::Device;
use cars::observe::Progress;
use cars::run_dir::RunDir;
use clap::Args;

use crate::hardware::hardware;
use crate::{exit, output, stop, tabular};

/// Grade a supernet: does its ranking of networks agree with the truth?
///
/// Compares accuracies with shared weights, recalibrated and not, with networks trained alone (--retrain), or in a run on
/// NAS-Bench-201 with published accuracies (--table): Kendall's tau and Spearman's rank correlation with their 95 % intervals. Then
/// the operations of each generation, with an alarm where skip connections take over.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CheckSupernet {
    /// The directory of a search
    #[arg(value_name = "RUN")]
    run_dir: PathBuf,
    /// The published accuracies, as `cars tabular import` writes them
    #[arg(long, value_name = "FILE", conflicts_with = "retrain")]
    table: Option<PathBuf>,
    /// The column of the table that is the truth
    #[arg(long, value_name = "COLUMN", default_value = "c10_test_acc_200ep")]
    truth: String,
    /// Cells to draw from the table
    #[arg(long, value_name = "N", default_value_t = 200)]
    networks: usize,
    /// Train so many networks of the last population alone, spread over their sizes
    #[arg(long, value_name = "K", requires = "epochs")]
    retrain: Option<usize>,
    /// How long each is trained
    #[arg(long, value_name = "E", requires = "retrain")]
    epochs: Option<usize>,
    /// Where to compute: cpu, cuda, cuda:N or auto [default: the device of the run's config]
    #[arg(long, value_name = "DEVICE")]
    device: Option<Device>,
    /// Write one JSON object instead of tables
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  cars check-supernet runs/quick --retrain 8 --epochs 10
  cars check-supernet runs/nb201 --table nb201.bin --networks 200

The networks trained alone stay in RUN/check-supernet; a check that was stopped goes on there.";

impl CheckSupernet {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let truth = match (&self.table, self.retrain, self.epochs) {
            (Some(path), ..) => {
                let column = self.truth.clone();
                Truth::Table { table: tabular::read(path)?, column, networks: self.networks }
            }
            (None, Some(networks), Some(epochs)) => {
                Truth::Retrained { networks, epochs, under: self.run_dir.join("check-supernet") }
            }
            _ => Truth::None,
        };
        let stop = stop::on_interrupt()?;
        let run_dir = RunDir::open(&self.run_dir)?;
        let mut progress = Progress::new("network", truth.steps(), 0);
        let mut done = || progress.step();
        let card = check_supernet(&run_dir, &hardware(self.device), &truth, &mut done, stop)?;
        drop(progress);
        let Some(card) = card else { return Ok(exit::interrupted()) };
        output::write(&if self.json { card.to_json() } else { card.to_markdown() })?;
        Ok(ExitCode::SUCCESS)
    }
}
