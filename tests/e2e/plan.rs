//! `cars plan` on the processor, and for a GPU that is not there.

use crate::common::{run, stderr, stdout};

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../configs/smoke.toml");

fn plan(more: &[&str]) -> serde_json::Value {
    let mut arguments = vec!["plan", "--config", CONFIG, "--set", "training.paths_per_step=4", "--json"];
    arguments.extend(more);
    let output = run(&arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn column(plan: &serde_json::Value, name: &str) -> Vec<f64> {
    plan["plan"].as_array().unwrap().iter().map(|row| row[name].as_f64().unwrap()).collect()
}

#[test]
fn a_plan_measures_and_multiplies() {
    let measured = plan(&["--ranks", "3", "--threads", "1"]);
    // 4 epochs of 2 steps; 2 generations of 8 individuals and 8 offspring.
    assert_eq!(measured["work"]["steps"], 8);
    assert_eq!(measured["work"]["individuals"].as_array().unwrap().len(), 16);
    assert_eq!(column(&measured, "ranks"), [1.0, 2.0, 3.0, 8.0, 64.0]);
    assert!(measured["costs"]["fixed"].as_f64().unwrap() > 0.0);
    let (steps, exchange) = (column(&measured, "step"), column(&measured, "exchange"));
    assert_eq!(exchange[0], 0.0);
    assert!(exchange[1..].iter().all(|&seconds| seconds > 0.0), "{exchange:?}");
    let path = measured["costs"]["path"].as_f64().unwrap();
    assert!(path < steps[4] && steps[4] < steps[1] && steps[1] < steps[0], "{path} {steps:?}");
}

#[test]
fn a_gpu_that_is_not_here_needs_figures_from_there() {
    let stated = ["--gpu", "h200", "--step-seconds", "0.5", "--evaluation-seconds", "0.25"];
    let stated = plan(&[&["--ranks", "64", "--link", "cluster"], &stated[..]].concat());
    let costs = &stated["costs"];
    assert_eq!(
        (&costs["path"], &costs["evaluation"], &costs["fixed"]),
        (&0.5.into(), &0.25.into(), &0.0.into())
    );
    assert_eq!(stated["bandwidth"], 1e10);
    let floor = stated["gpu"]["floor"]["step"].as_f64().unwrap();
    assert!(0.0 < floor && floor < 0.5, "{floor}");
    let generation = column(&stated, "generation");
    assert!((generation[0] - 16.0 * 0.25).abs() < 1e-9, "{generation:?}");

    let missing = run(&["plan", "--ranks", "8", "--gpu", "h200"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("--step-seconds"), "{}", stderr(&missing));
    assert_eq!(stdout(&missing), "");
}

#[test]
fn an_epoch_of_one_step_cannot_be_timed() {
    let output = run(&["plan", "--ranks", "2", "--config", CONFIG, "--set", "training.paths_per_step=8"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("which take 512 training images"), "{}", stderr(&output));
}
