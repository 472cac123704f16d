//! `cars evaluate`: a trained network on the test images of its recipe.

use std::ops::Range;
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
#[command(after_long_help = "Examples:\n  cars evaluate third\n  cars evaluate third --images 0..1000")]
pub(crate) struct Evaluate {
    /// The directory of a training run
    #[arg(value_name = "RUN")]
    run_dir: PathBuf,
    /// Only these of the recipe's test images, counted from 0, without the one at the end
    #[arg(long, value_name = "FIRST..END", value_parser = range)]
    images: Option<Range<usize>>,
    /// Where to compute: cpu, cuda, cuda:N or auto [default: the device of the run's config]
    #[arg(long, value_name = "DEVICE")]
    device: Option<Device>,
}

impl Evaluate {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let directory = TrainingDir::open(&self.run_dir)?;
        output::write(&evaluate(&directory, &hardware(self.device), self.images.clone())?.table())?;
        Ok(ExitCode::SUCCESS)
    }
}

fn range(text: &str) -> Result<Range<usize>, String> {
    let ends = text.split_once("..").and_then(|(first, end)| Some(first.parse().ok()?..end.parse().ok()?));
    ends.ok_or_else(|| "expected FIRST..END, as in 0..1000".to_owned())
}
