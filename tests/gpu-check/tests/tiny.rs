//! The whole program at tiny sizes on the processor: every part runs, and its JSON has what other programs read.
#![allow(missing_docs, clippy::unwrap_used)]

use std::process::Command;

use serde_json::Value;

#[test]
fn every_part_runs_and_leaves_its_figures() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("figures.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_cars-gpu-check"));
    command.args(["--device", "cpu", "--tiny", "--budget", "0", "--out"]).arg(&out);
    let output = command.output().unwrap();
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}\n{errors}");
    assert!(text.contains("the paper's search, 97500 steps and 11520 evaluations on 25000 images"), "{text}");

    let report: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    let len = |key: &str| report[key].as_array().unwrap().len();
    assert_eq!([len("checks"), len("architectures"), len("steps"), len("evaluations")], [8, 8, 8, 1]);
    assert!(report["bf16"].is_null(), "the processor has no bf16");
    // Two epochs after the warm-up: two generations of four parents and four offspring; two steps an epoch.
    assert_eq!(report["search"]["steps"], 6);
    assert_eq!(report["search"]["evaluations"], 16);
    for figure in [
        &report["steps"][7]["images_per_second"],
        &report["evaluations"][0]["images_per_second"],
        &report["search"]["evaluation_seconds"],
        &report["search"]["step_seconds"],
        &report["paper"]["device_days"],
        &report["paper"]["search_days"],
    ] {
        assert!(figure.as_f64().unwrap() > 0.0, "{report:#}");
    }
}

#[test]
fn a_device_that_is_not_there_is_told_apart_from_a_failure() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cars-gpu-check"));
    let output = command.args(["--device", "cuda:99", "--tiny"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing was checked"));
}
