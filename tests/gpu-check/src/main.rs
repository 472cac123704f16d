//! Checks and measures the CUDA backend where a device is: the numerical suite that every backend passes, training steps and
//! evaluations of sampled architectures. Prints a table, writes JSON. Exit codes: 0 all passed, 1 something failed, 2 wrong
//! usage, 3 no usable device.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

mod measure;
mod suite;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use kernels::Cuda;
use kernels::cuda::{CudaOptions, Driver};
use serde::Serialize;
use space::MacroPlan;

use measure::{Architecture, Evaluation, Site, Step};
use suite::Check;

/// Checks and measures the CUDA backend on this machine.
#[derive(Parser)]
#[command(
    name = "cars-gpu-check",
    after_help = "Exit codes: 0 all passed, 1 something failed, 2 wrong usage, 3 no usable device.\n\
                  The environment variable CARS_NVRTC may name the folder of libnvrtc.so.*"
)]
struct Arguments {
    /// Number of the CUDA device
    #[arg(long, default_value_t = 0)]
    device: usize,
    /// Where the figures go, as JSON
    #[arg(long, value_name = "FILE", default_value = "gpu-check.json")]
    out: PathBuf,
    /// Batch sizes of the training steps
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_value = "128,256,512")]
    batches: Vec<usize>,
    /// Seconds for each measured architecture and batch size
    #[arg(long, default_value_t = 1.0)]
    budget: f64,
}

/// Where no device can be used.
const NO_DEVICE: u8 = 3;

/// All that was found, for other programs.
#[derive(Serialize)]
struct Report {
    device: String,
    version: &'static str,
    /// Compiling or reading the kernels, and loading them.
    start_seconds: f64,
    checks: Vec<Check>,
    architectures: Vec<Architecture>,
    channels: usize,
    cells: usize,
    steps: Vec<Step>,
    evaluations: Vec<Evaluation>,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let options = CudaOptions { cache: None, nvrtc: std::env::var_os("CARS_NVRTC").map(PathBuf::from) };
    let start = measure::now();
    let open = || Driver::open(arguments.device, &options);
    let driver = match open() {
        Ok(driver) => driver,
        Err(error) => {
            eprintln!("error: nothing was checked: {error}");
            return Ok(ExitCode::from(NO_DEVICE));
        }
    };
    let start_seconds = start.elapsed().as_secs_f64();
    let device = driver.description()?;
    println!("{device}; kernels ready after {start_seconds:.1} s\n");

    let cuda = Cuda::on(driver);
    let checks = suite::run(&cuda);
    let passed = checks.iter().all(|check| check.failure.is_none());
    let plan = MacroPlan::search();
    let site =
        Site { wait: |cuda: &Cuda| Ok(cuda.machine().wait()?), launches: |cuda: &Cuda| cuda.launches() };
    let steps = measure::steps(|| Ok(Cuda::on(open()?)), &site, &plan, &arguments.batches, arguments.budget)?;
    let evaluations = measure::evaluations(|| Ok(Cuda::on(open()?)), &site, &plan, arguments.budget)?;
    let report = Report {
        device,
        version: env!("CARGO_PKG_VERSION"),
        start_seconds,
        checks,
        architectures: measure::described(&plan)?,
        channels: plan.channels,
        cells: plan.cells,
        steps,
        evaluations,
    };
    write(&arguments.out, &report)?;
    println!("\nfigures: {}", arguments.out.display());
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[allow(clippy::disallowed_methods, reason = "a developer tool writes where it is told to")]
fn write(path: &std::path::Path, report: &Report) -> Result<()> {
    let text = serde_json::to_string_pretty(report)?;
    std::fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))
}
