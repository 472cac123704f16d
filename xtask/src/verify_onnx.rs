//! `cargo xtask verify-onnx`: exports every published network and runs it in ONNX Runtime, through the tests that skip without
//! it. Installs nothing.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use crate::passthrough::become_command;
use crate::workspace;

/// Compare exported networks with ONNX Runtime (docs/export.md)
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A Python with onnx, onnxruntime and numpy
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// Only one of the three: cifar, imagenet, nas_bench_201
    filter: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let name = arguments.python.display();
    let probe = Command::new(&arguments.python).args(["-c", "import numpy, onnx, onnxruntime"]).output();
    let probe = probe.with_context(|| format!("cannot run `{name}`; name a Python with --python"))?;
    ensure!(
        probe.status.success(),
        "`{name}` lacks what this needs: `{name} -m pip install numpy onnx onnxruntime`, or name another with --python"
    );
    let mut command = Command::new(workspace::cargo());
    let filter = format!("onnx_runtime::{}", arguments.filter.as_deref().unwrap_or_default());
    command.args(["test", "--package", "cars-cli", "--test", "e2e", "--", &filter]);
    command.args(["--nocapture", "--test-threads", "1"]).env("CARS_PYTHON", &arguments.python);
    become_command(command)
}
