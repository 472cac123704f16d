//! Runs an ONNX file in ONNX Runtime, called through Python, and compares its scores with our own. What the numbers mean, the
//! library knows.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use cars::export::Expected;

const SCRIPT: &str = include_str!("run_onnx.py");

/// The largest difference allowed, as a share of the largest score, or of 1 if that is smaller.
const TOLERANCE: f32 = 1e-4;

/// Whether the Python can do it, found out before anything long begins.
pub(super) fn find(python: &Path) -> Result<()> {
    let name = python.display();
    let probe = Command::new(python).args(["-c", "import numpy, onnxruntime"]).output();
    let probe = probe.with_context(|| format!("cannot run `{name}`; name a Python with --python"))?;
    ensure!(
        probe.status.success(),
        "--verify runs the file in ONNX Runtime, and `{name}` lacks it: `{name} -m pip install onnxruntime numpy`, or name \
         another Python with --python"
    );
    Ok(())
}

/// Compares; returns what there is to tell, or an error if the scores are not ours.
pub(super) fn verify(python: &Path, model: &[u8], expected: &Expected, samples: usize) -> Result<String> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let [file, images, scores] = ["model.onnx", "images", "scores"].map(|name| folder.path().join(name));
    write(&file, model)?;
    write(&images, &bytes(&expected.images))?;
    let output = Command::new(python).args(["-c", SCRIPT]).args([&file, &images, &scores]).output()?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("ONNX Runtime refuses the model: {}", complaint.lines().last().unwrap_or_default());
    }
    let version = String::from_utf8_lossy(&output.stdout);
    let scores = fs::read(&scores).context("ONNX Runtime left no scores")?;
    let (scores, _) = scores.as_chunks::<4>();
    let scores: Vec<f32> = scores.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
    let (difference, largest) = expected.difference(&scores);
    let what = format!(
        "ONNX Runtime {} on {samples} inputs: largest difference {difference:.1e}, largest score {largest:.2}",
        version.trim()
    );
    ensure!(difference <= TOLERANCE * largest.max(1.0), "{what}; the file was not written");
    Ok(what)
}

#[allow(clippy::disallowed_methods, reason = "files in a temporary folder need not survive a kill")]
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
