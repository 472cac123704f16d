//! Damaged checkpoints: the run falls back to the one before, says so, and still ends as the undisturbed one.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::common::{
    assert_same_result, cars, checkpoint_files, finished_search, journal, resume, small_search, stderr,
};

/// A run killed once it has two checkpoints.
fn killed(run: &Path) {
    let mut child =
        small_search(run, &["--quiet"]).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    while journal(run, &["checkpoint"]).len() < 3 && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(1));
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
    // Long enough not to end by itself meanwhile; it is killed.
    let long = ["--quiet", "--set", "training.epochs=402", "--set", "evolution.interval=400"];
    let mut child = small_search(&run, &long).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    while journal(&run, &["checkpoint"]).is_empty() && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(1));
    }
    let output = cars(&["resume"]).arg(&run).output().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("in use"), "{}", stderr(&output));
}

#[test]
fn another_config_is_not_mixed_in() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    finished_search(&run, &[]);
    let config = run.join("config.toml");
    let text = fs::read_to_string(&config).unwrap().replace("momentum = 0.9", "momentum = 0.8");
    fs::write(&config, text).unwrap();
    let output = cars(&["resume"]).arg(&run).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("config.toml was changed or damaged"), "{}", stderr(&output));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_stops_the_run_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let [undisturbed, run] = ["undisturbed", "full"].map(|name| folder.path().join(name));
    finished_search(&undisturbed, &[]);
    killed(&run);
    // No file may grow beyond 100 blocks: neither weights nor journal can be written any more.
    let limited = "trap '' XFSZ; ulimit -f 100; exec \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", limited, "sh", env!("CARGO_BIN_EXE_cars"), "resume"]).arg(&run);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(stderr(&output).matches("error:").count(), 1, "{}", stderr(&output));
    assert!(stderr(&output).contains("safetensors"), "{}", stderr(&output));
    resume(&run);
    assert_same_result(&undisturbed, &run, "full disk");
}
