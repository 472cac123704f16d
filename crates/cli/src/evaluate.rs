//! `cars evaluate`: a trained network on the test images of its recipe.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use cars::config::Device;
use cars::run_dir::TrainingDir;
use cars::train::evaluate;
use clap::Args;

use crate::hardware::hardware;
use crate::output;

/// Test a trained network on images it was not trained on
///
/// Prints top-1 and top-5 accuracy, a line for each class and the confusion matrix, and writes them to evaluation.json in
/// the directory of the run.
#[derive(Args)]
#[command(after_long_help = "Example:\n  cars evaluate third")]
pub(crate) struct Evaluate {
    /// The directory of a training run
    #[arg(value_name = "RUN")]
    run_dir: PathBuf,
    /// Where to compute: cpu, cuda, cuda:N or auto [default: the device of the run's config]
    #[arg(long, value_name = "DEVICE")]
    device: Option<Device>,
}

impl Evaluate {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let directory = TrainingDir::open(&self.run_dir)?;
        output::write(&evaluate(&directory, &hardware(self.device))?.table())?;
        Ok(ExitCode::SUCCESS)
    }
}
