//! Running the binary, and looking at what a run leaves behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A command that runs `cars`.
pub(crate) fn cars(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cars"));
    command.args(arguments);
    command
}

/// Runs `cars` to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    cars(arguments).output().unwrap()
}

/// A search of seconds, into `run_dir`.
pub(crate) fn small_search(run_dir: &Path, extra: &[&str]) -> Command {
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../configs/smoke.toml");
    let mut command = cars(&["search", "--config"]);
    command.arg(config).arg("--run-dir").arg(run_dir).args(extra);
    command
}

/// Runs a small search to its end, which must be a good one.
pub(crate) fn finished_search(run_dir: &Path, extra: &[&str]) {
    let output = small_search(run_dir, &["--quiet"]).args(extra).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
}

/// Resumes a run to its end, which must be a good one; returns what it said.
pub(crate) fn resume(run_dir: &Path) -> String {
    let output = cars(&["resume"]).arg(run_dir).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    stderr(&output)
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The result of a run: `front.json` and the weights of its last checkpoint.
pub(crate) fn result(run_dir: &Path) -> [Vec<u8>; 2] {
    let weights = checkpoint_files(run_dir, "safetensors").pop().unwrap();
    [fs::read(run_dir.join("front.json")).unwrap(), fs::read(weights).unwrap()]
}

/// Asserts that two runs ended alike, byte for byte, without printing the bytes.
pub(crate) fn assert_same_result(one: &Path, other: &Path, what: &str) {
    let (one, other) = (result(one), result(other));
    assert!(one[0] == other[0], "{what}: front.json differs");
    assert!(one[1] == other[1], "{what}: the weights differ");
}

/// Checkpoint files of one kind, oldest first.
pub(crate) fn checkpoint_files(run_dir: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(run_dir.join("checkpoints")).unwrap();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

/// The journal's lines of some kinds.
pub(crate) fn journal(run_dir: &Path, kinds: &[&str]) -> Vec<String> {
    let text = fs::read_to_string(run_dir.join("journal.jsonl")).unwrap_or_default();
    let is_wanted = |line: &&str| kinds.iter().any(|kind| line.contains(&format!("\"event\":\"{kind}\"")));
    text.lines().filter(is_wanted).map(str::to_owned).collect()
}
