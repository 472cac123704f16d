//! Settings from files and flags, and run directories that cannot be used.

use std::fs;

use crate::{cars, fails, text};

#[test]
fn the_settings_are_shown_with_their_origin() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("my.toml");
    fs::write(&file, "seed = 3\n[training]\nbatch_size = 32\n").unwrap();
    let file = file.to_str().unwrap();
    let output = cars(&["config", "show", "--config", file, "--set", "training.momentum=0.5", "--seed", "4"]);
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for line in [
        "seed = 4  # command line",
        "momentum = 0.5  # command line",
        &format!("batch_size = 32  # {file}:3"),
        "channels = 8",
    ] {
        assert!(shown.lines().any(|found| found == line || found.starts_with("channels")), "{line}: {shown}");
    }
}

#[test]
fn the_settings_of_training_are_shown_too() {
    let output = cars(&[
        "config",
        "show",
        "--train",
        "CARS-A",
        "--set",
        "training.label_smoothing=0.1",
        "--seed",
        "4",
    ]);
    let shown = text(&output.stdout);
    for line in ["label_smoothing = 0.1  # command line", "schedule = \"cosine\"", "seed = 4  # command line"]
    {
        assert!(shown.lines().any(|found| found == line), "{line}: {shown}");
    }
    let output = cars(&["config", "show", "--train", "CARS-A", "--set", "evolution.population=4"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("unknown key `evolution.population`"));
}

#[test]
fn bad_settings_are_named_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let search = |arguments: &[&str]| {
        let output = cars(&[&["search", "--run-dir", run.to_str().unwrap()], arguments].concat());
        assert!(!run.exists());
        output
    };
    fails(
        &search(&["--set", "training.epoch=3"]),
        2,
        "command line: unknown key `training.epoch`; did you mean `training.epochs`?",
    );
    fails(
        &search(&["--objectives", "parameters,accuracy"]),
        2,
        "command line: `selection.objectives` is [parameters, accuracy]: expected accuracy, then one or more of \
         parameters, multiply-adds, latency",
    );
    let output = search(&["--config", "absent.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("error: cannot read the config absent.toml: "));
    for usage in [&["--set", "seed"][..], &["--threads", "0"], &["--json", "--quiet"], &["--nonsense"]] {
        assert_eq!(search(usage).status.code(), Some(2), "{usage:?}");
    }
}

#[test]
fn a_missing_data_folder_is_named_and_leaves_no_run_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (run, data) = (folder.path().join("run"), folder.path().join("images"));
    let output = cars(&[
        "search",
        "--quiet",
        "--set",
        "data.source=cifar-10",
        "--data-dir",
        data.to_str().unwrap(),
        "--run-dir",
        run.to_str().unwrap(),
    ]);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains(data.to_str().unwrap()) && error.lines().count() == 1, "{error}");
    assert!(!run.exists());
}

#[test]
fn a_directory_that_is_no_run_or_not_empty_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    for command in ["resume", "report"] {
        fails(&cars(&[command, path]), 1, &format!("{path} is no run directory: it holds no config.toml"));
    }
    fs::write(folder.path().join("thesis.tex"), "").unwrap();
    let output = cars(&["search", "--quiet", "--run-dir", path]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).starts_with(&format!("error: {path} is not empty: ")));
}

#[test]
fn help_has_examples() {
    for command in ["search", "resume", "report", "describe"] {
        let output = cars(&[command, "--help"]);
        assert!(text(&output.stdout).contains("Example"), "{command}");
    }
}
