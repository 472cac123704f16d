//! `cars train`: killed and resumed to the same bytes, networks named in three ways, and errors.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::common::{cars, checkpoint_files, finished_search, journal, resume, run, stderr, stdout};

/// A training run of seconds, with drop-path and cut-out.
fn small_training(network: &str, directory: &Path) -> Command {
    let mut command = cars(&["train", network, "--quiet", "--output"]);
    command.arg(directory);
    for setting in [
        "data.train=256",
        "data.cutout=8",
        "network.channels=4",
        "training.epochs=4",
        "training.drop_path=0.3",
    ] {
        command.args(["--set", setting]);
    }
    command
}

#[track_caller]
fn finished(mut command: Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

fn weights(directory: &Path) -> Vec<u8> {
    fs::read(checkpoint_files(directory, "safetensors").pop().unwrap()).unwrap()
}

#[test]
fn killed_training_ends_as_the_undisturbed_one() {
    let folder = tempfile::tempdir().unwrap();
    let undisturbed = folder.path().join("undisturbed");
    finished(small_training("CARS-A", &undisturbed));
    let kinds = ["training-started", "epoch", "trained"];
    assert_eq!(journal(&undisturbed, &kinds).len(), 6);
    for lines in [1, 2, 3, 4] {
        let killed = folder.path().join(format!("killed-{lines}"));
        let mut child = small_training("CARS-A", &killed).stderr(Stdio::null()).spawn().unwrap();
        while journal(&killed, &kinds).len() < lines && child.try_wait().unwrap().is_none() {
            sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        resume(&killed);
        assert!(weights(&undisturbed) == weights(&killed), "killed after {lines} lines: the weights differ");
        assert_eq!(journal(&undisturbed, &kinds), journal(&killed, &kinds));
    }
}

#[test]
fn a_member_of_a_front_is_trained_by_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let [search, trained] = ["search", "trained"].map(|name| folder.path().join(name));
    finished_search(&search, &[]);
    let front = fs::read_to_string(search.join("front.json")).unwrap();
    let front: serde_json::Value = serde_json::from_str(&front).unwrap();
    finished(small_training(&format!("{}:1", search.display()), &trained));
    let genotype = front["members"][0]["genotype"].as_str().unwrap();
    assert!(journal(&trained, &["training-started"])[0].contains(genotype));
    let output = run(&["train", &format!("{}:99", search.display())]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("members 1 to"), "{}", stderr(&output));
}

#[test]
fn a_member_starts_from_the_weights_of_its_search() {
    let folder = tempfile::tempdir().unwrap();
    let [search, trained] = ["search", "trained"].map(|name| folder.path().join(name));
    finished_search(&search, &[]);
    let config = fs::read_to_string(search.join("config.toml")).unwrap();
    let frame = |key: &str| format!("network.{}", config.lines().find(|line| line.starts_with(key)).unwrap());
    let member = format!("{}:1", search.display());
    let mut command = small_training(&member, &trained);
    command.args(["--inherit", "--set", &frame("channels"), "--set", &frame("cells")]);
    finished(command);
    let events = journal(&trained, &["training-started", "epoch", "checkpoint"]);
    assert!(events[1].contains("00000001.state"), "inherited weights are kept before the first epoch");
    fs::remove_dir_all(&search).unwrap();
    assert!(resume(&trained).contains("resumed from"), "the search is not needed again");
    let output = run(&["train", "CARS-A", "--inherit"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("RUN:N"), "{}", stderr(&output));
}

#[test]
fn a_front_is_compared_before_and_after_retraining() {
    let folder = tempfile::tempdir().unwrap();
    let [search, trained] = ["search", "trained"].map(|name| folder.path().join(name));
    finished_search(&search, &[]);
    finished(small_training(&format!("{}:1", search.display()), &trained));
    let report =
        |directory: &Path| cars(&["report"]).arg(&search).arg("--retrained").arg(directory).output().unwrap();
    let output = report(&trained);
    assert!(stderr(&output).contains("has not been tested yet: cars evaluate"), "{}", stderr(&output));
    finished(cars(&["evaluate", trained.to_str().unwrap()]));
    let output = report(&trained);
    assert!(stdout(&output).contains("too few"), "{}", stderr(&output));
    assert!(fs::read_to_string(search.join("report.html")).unwrap().contains("<h2>Retraining</h2>"));
}

#[test]
fn what_is_no_network_or_no_setting_is_named() {
    for (arguments, word) in [
        (["train", "CARS-Z", "--seed", "1"], "CARS"),
        (["train", "no/run:1", "--seed", "1"], "front.json"),
        (["train", "CARS-A", "--set", "training.drop_pat=0.1"], "training.drop_path"),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(word), "{}", stderr(&output));
    }
}

#[test]
fn a_trained_network_is_tested_on_other_images() {
    let folder = tempfile::tempdir().unwrap();
    let trained = folder.path().join("trained");
    finished(small_training("CARS-A", &trained));
    let output = cars(&["evaluate"]).arg(&trained).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let json = fs::read_to_string(trained.join("evaluation.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rows = json["confusion"].as_array().unwrap();
    let count = |row: usize, column: usize| rows[row][column].as_u64().unwrap();
    let total: u64 = (0..10).flat_map(|row| (0..10).map(move |column| count(row, column))).sum();
    let right: u64 = (0..10).map(|class| count(class, class)).sum();
    assert_eq!((total, json["images"].as_u64(), json["epochs"].as_u64()), (1000, Some(1000), Some(4)));
    assert_eq!(json["top_1"].as_f64(), Some(right as f64 / 1000.0));
    assert!(json["top_5"].as_f64() > json["top_1"].as_f64());
    let top_1 = format!("top-1 {:.2} %", right as f64 / 10.0);
    assert!(stdout(&output).contains(&top_1), "{}", stdout(&output));
    let some = |range| cars(&["evaluate", "--images", range]).arg(&trained).output().unwrap();
    assert!(stdout(&some("0..100")).starts_with("100 images"));
    let report = fs::read_to_string(trained.join("report.html")).unwrap();
    assert!(report.contains("Confusion") && report.contains("100 images from number 0"));
    for range in ["900..1001", "5..5"] {
        let output = some(range);
        assert!(stderr(&output).contains("at most 1000"), "{}", stderr(&output));
    }
}
