//! `cargo xtask gpu-check`: builds the one binary that checks and measures the CUDA backend where a GPU is, and says how to
//! use it. What it checks is in tests/gpu-check.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::{passthrough, workspace};

/// Small enough to carry anywhere.
const LARGEST: u64 = 12_000_000;

/// Build the binary, and run it here if asked to.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  cargo xtask gpu-check                            build, and print what to carry\n  \
                  cargo xtask gpu-check --run -- --device cuda:1   build, and run on this machine's second device"
)]
pub(crate) struct Arguments {
    /// Run it on this machine; its exit code (3: no usable device) comes back
    #[arg(long)]
    run: bool,
    /// Arguments for the binary
    #[arg(last = true, requires = "run")]
    arguments: Vec<OsString>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let mut build = Command::new(workspace::cargo());
    build.args(["build", "--profile", "carry", "--package", "cars-gpu-check"]);
    let status = build.status().context("cannot start cargo")?;
    if !status.success() {
        bail!("cars-gpu-check does not build: {status}");
    }
    let folder =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace::root().join("target"), Into::into);
    let binary = folder.join("carry").join(format!("cars-gpu-check{}", std::env::consts::EXE_SUFFIX));
    let bytes = binary.metadata().with_context(|| format!("cannot find {}", binary.display()))?.len();
    println!("{}: {:.1} MB", binary.display(), bytes as f64 / 1e6);
    if bytes > LARGEST {
        bail!("the binary is larger than {LARGEST} bytes: something is linked in that it does not need");
    }
    if arguments.run {
        let mut command = Command::new(binary);
        command.args(&arguments.arguments);
        return passthrough::become_command(command);
    }
    println!(
        "Copy it to a machine with NVIDIA's driver and NVRTC (`pip install nvidia-cuda-nvrtc`; CARS_NVRTC names its\n\
         folder) and start it: it prints tables and writes gpu-check.json, which tests/peers/torch_step.py reads."
    );
    Ok(ExitCode::SUCCESS)
}
