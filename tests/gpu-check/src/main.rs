//! Checks and measures the CUDA backend where a device is, in single precision and in bf16: the numerical suite that every backend
//! passes, training steps and evaluations of sampled architectures, a short search, and what the paper's search would take. Prints
//! tables, writes JSON.
//! Exit codes: 0 all passed, 1 something failed, 2 wrong usage, 3 no usable device.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

mod architectures;
mod evaluation;
mod profile;
mod projection;
mod search;
mod site;
mod sizes;
mod step;
mod suite;
mod time;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use kernels::cuda::CudaOptions;
use kernels::{Cpu, Cuda, CudaError, Device, Opened, Precision};
use serde::Serialize;

use architectures::{Architecture, described};
use evaluation::Evaluation;
use projection::Projection;
use search::Search;
use site::{Place, Ready, Site};
use sizes::Sizes;
use step::Step;
use suite::Check;

/// Checks and measures the CUDA backend on this machine.
#[derive(Parser)]
#[command(
    name = "cars-gpu-check",
    after_help = "Exit codes: 0 all passed, 1 something failed, 2 wrong usage, 3 no usable device.\n\
                  The environment variable CARS_NVRTC may name the folder of libnvrtc.so.*"
)]
struct Arguments {
    /// Where to compute: cuda, cuda:N, or cpu (slow; to compare, or with --tiny to try this program)
    #[arg(long, default_value = "cuda")]
    device: Device,
    /// Folder with CIFAR-10's binary files for the short search; without it, built-in images
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where the figures go, as JSON
    #[arg(long, value_name = "FILE", default_value = "gpu-check.json")]
    out: PathBuf,
    /// Batch sizes of the training steps
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_value = "128,256,512")]
    batches: Vec<usize>,
    /// Seconds for each measured architecture and batch size
    #[arg(long, default_value_t = 1.0)]
    budget: f64,
    /// Only run one step and one evaluation of this architecture, 0 to 7, for a profiler:
    /// `ncu --profile-from-start off --clock-control none cars-gpu-check --profile 0`
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..architectures::ARCHITECTURES as i64))]
    profile: Option<u8>,
    /// The precision of --profile; everything else is measured in both
    #[arg(long, default_value = "f32", requires = "profile")]
    precision: Precision,
    /// Small networks, images and batches: shows that everything runs; the figures mean nothing
    #[arg(long, conflicts_with_all = ["data", "batches"])]
    tiny: bool,
}

/// As clap exits with what it refuses.
const WRONG_USAGE: u8 = 2;

/// Where no device can be used.
const NO_DEVICE: u8 = 3;

/// All that was found, for other programs.
#[derive(Serialize)]
struct Report {
    device: String,
    version: &'static str,
    architectures: Vec<Architecture>,
    channels: usize,
    cells: usize,
    /// In single precision.
    #[serde(flatten)]
    measured: Measured,
    /// The same in bfloat16, where the device has it.
    bf16: Option<Measured>,
}

/// What was found in one precision.
#[derive(Serialize)]
struct Measured {
    /// Compiling the kernels, and loading them.
    start_seconds: f64,
    checks: Vec<Check>,
    steps: Vec<Step>,
    evaluations: Vec<Evaluation>,
    search: Search,
    paper: Projection,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let sizes = if arguments.tiny {
        Sizes::tiny()?
    } else {
        Sizes::full(arguments.batches.clone(), arguments.data.clone())?
    };
    // Compiled kernels and the search's run directory.
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let cuda = CudaOptions {
        cache: Some(folder.path().join("kernels")),
        nvrtc: std::env::var_os("CARS_NVRTC").map(PathBuf::from),
        precision: arguments.precision,
    };
    let place = Place { device: arguments.device, cuda };
    let ready = match place.open() {
        Ok(ready) => ready,
        Err(error) => {
            eprintln!("error: nothing was checked: {error}");
            return Ok(ExitCode::from(NO_DEVICE));
        }
    };
    let device = match &ready.opened {
        Opened::Cpu(_) => "the processor".to_owned(),
        Opened::Cuda(cuda) => cuda.machine().description()?,
    };
    println!("{device}");

    if let Some(architecture) = arguments.profile {
        let Opened::Cuda(cuda) = ready.opened else {
            eprintln!("error: --profile is for a CUDA device, not for `--device {}`", arguments.device);
            return Ok(ExitCode::from(WRONG_USAGE));
        };
        profile::run(cuda, &sizes, usize::from(architecture))?;
        return Ok(ExitCode::SUCCESS);
    }
    let measure = |ready, place: &Place| measure(ready, place, &sizes, arguments.budget, folder.path());
    let mut report = Report {
        device,
        version: env!("CARGO_PKG_VERSION"),
        architectures: described(&sizes.plan)?,
        channels: sizes.plan.channels,
        cells: sizes.plan.cells,
        measured: measure(ready, &place)?,
        bf16: None,
    };
    // What there is stays if bf16 fails.
    write(&arguments.out, &report)?;
    let in_bf16 = place.in_precision(Precision::Bf16);
    match in_bf16.open() {
        Ok(ready @ Ready { opened: Opened::Cuda(_), .. }) => {
            report.bf16 = Some(measure(ready, &in_bf16).context("in bf16")?);
            write(&arguments.out, &report)?;
        }
        // The processor has none.
        Ok(_) => {}
        Err(error @ CudaError::NoBf16 { .. }) => println!("\nbf16: skipped: {error}"),
        Err(error) => return Err(error).context("in bf16"),
    }
    println!("\nfigures: {}", arguments.out.display());
    let passed = [Some(&report.measured), report.bf16.as_ref()].into_iter().flatten().all(Measured::passed);
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Measured {
    fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.failure.is_none())
    }
}

/// Everything in the place's precision; `folder` is for the search.
fn measure(ready: Ready, place: &Place, sizes: &Sizes, budget: f64, folder: &Path) -> Result<Measured> {
    let precision = place.cuda.precision;
    let Ready { opened, seconds: start_seconds } = ready;
    println!("\n{precision}: ready after {start_seconds:.1} s\n");
    let (checks, steps, evaluations) = match opened {
        Opened::Cpu(cpu) => parts::<Cpu>(&cpu, place, sizes, budget)?,
        Opened::Cuda(cuda) => parts::<Cuda>(&cuda, place, sizes, budget)?,
    };
    let search = search::run(&sizes.search, place, &folder.join(format!("search-{precision}")))?;
    let paper = Projection::new(&sizes::paper()?, &steps, &evaluations, &search)?;
    paper.print();
    Ok(Measured { start_seconds, checks, steps, evaluations, search, paper })
}

/// What needs the backend itself.
fn parts<B: Site>(
    backend: &B,
    place: &Place,
    sizes: &Sizes,
    budget: f64,
) -> Result<(Vec<Check>, Vec<Step>, Vec<Evaluation>)> {
    let checks = suite::run(backend);
    let steps = step::steps::<B>(place, sizes, budget)?;
    let evaluations = evaluation::evaluations::<B>(place, sizes, budget)?;
    Ok((checks, steps, evaluations))
}

#[allow(clippy::disallowed_methods, reason = "a developer tool writes where it is told to")]
fn write(path: &Path, report: &Report) -> Result<()> {
    let text = serde_json::to_string_pretty(report)?;
    std::fs::write(path, text + "\n").with_context(|| format!("cannot write {}", path.display()))
}
