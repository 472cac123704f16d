//! Damaged checkpoints: the run falls back to the one before, says so, and still ends as the undisturbed one.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::{
    assert_same_result, cars, checkpoint_files, finished_search, journal, resume, small_search, stderr,
};

/// A run killed once it has two checkpoints.
fn killed(run: &Path) {
    let mut child =
        small_search(run, &["--quiet"]).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    while journal(run, &["checkpoint"]).len() < 3 {
        assert!(child.try_wait().unwrap().is_none(), "the search ended before it could be killed");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn check(extension: &str, damage: impl Fn(&mut Vec<u8>), reason: &str) {
    let folder = tempfile::tempdir().unwrap();
    let [undisturbed, run] = ["undisturbed", "damaged"].map(|name| folder.path().join(name));
    finished_search(&undisturbed, &[]);
    killed(&run);
    let newest = checkpoint_files(&run, "state").pop().unwrap().with_extension(extension);
    let mut bytes = fs::read(&newest).unwrap();
    damage(&mut bytes);
    fs::write(&newest, bytes).unwrap();
    let said = resume(&run);
    let name = newest.file_name().unwrap().to_str().unwrap();
    assert!(said.contains(name) && said.contains(reason), "{said}");
    let warnings = journal(&run, &["warning"]);
    assert!(warnings.len() == 1 && warnings[0].contains(name), "{warnings:?}");
    assert_same_result(&undisturbed, &run, reason);
}

#[test]
fn a_truncated_checkpoint_is_skipped() {
    check("state", |bytes| bytes.truncate(bytes.len() / 2), "truncated");
}

#[test]
fn a_flipped_bit_is_noticed() {
    check("state", |bytes| *bytes.last_mut().unwrap() ^= 4, "checksum");
}

#[test]
fn a_newer_version_is_skipped() {
    // The version stands behind the magic number of eight bytes.
    check("state", |bytes| bytes[8] += 1, "version");
}

#[test]
fn damaged_weights_are_noticed() {
    check("safetensors", |bytes| bytes[5000] ^= 1, "checksum");
}

#[test]
fn without_a_good_checkpoint_the_run_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    finished_search(&run, &[]);
    for file in checkpoint_files(&run, "state") {
        fs::write(file, b"nothing of ours").unwrap();
    }
    let front = fs::read(run.join("front.json")).unwrap();
    let output = cars(&["resume"]).arg(&run).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(stderr(&output).matches("error:").count(), 1, "{}", stderr(&output));
    assert_eq!(fs::read(run.join("front.json")).unwrap(), front);
}

#[test]
fn a_run_in_use_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let mut child: std::process::Child =
        small_search(&run, &["--quiet"]).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    while journal(&run, &["epoch"]).is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "the search ended before it could be looked at");
    }
    let second: fn(&Path) -> Command = |run| {
        let mut command = cars(&["resume"]);
        command.arg(run);
        command
    };
    let output = second(&run).output().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("in use"), "{}", stderr(&output));
    resume(&run);
}
