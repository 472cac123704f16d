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
    assert_eq!(measured["schema"], 1);
    // 4 epochs of 2 steps; 2 generations of 8 individuals and 8 offspring.
    assert_eq!(measured["load"]["steps"], 8);
    assert_eq!(measured["load"]["individuals"].as_array().unwrap().len(), 16);
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

    let text = |paths: &str, ranks: &str| {
        let paths = format!("training.paths_per_step={paths}");
        let figures = ["--gpu", "h200", "--step-seconds", "0.5", "--evaluation-seconds", "0.25"];
        let output =
            run(&[&["plan", "--config", CONFIG, "--set", &paths, "--ranks", ranks], &figures[..]].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
    };
    let lone = text("1", "2");
    assert!(lone.contains("start and checkpoints left out"), "{lone}");
    assert!(lone.ends_with(
        "training.paths_per_step = 1: every rank trains the same path; only evaluations are shared out\n"
    ));
    assert!(text("2", "3").ends_with("= 2: so many ranks train, the others only evaluate\n"));
    // The table goes up to 64 ranks, but that many are not asked for.
    assert!(text("2", "2").ends_with(" %\n"));

    let missing = run(&["plan", "--ranks", "8", "--gpu", "h200"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("--step-seconds"), "{}", stderr(&missing));
    assert_eq!(stdout(&missing), "");
}

#[test]
fn figures_that_no_gpu_can_have_are_refused() {
    for (step, evaluation, option) in [("1e-9", "1", "--step-seconds"), ("1", "1e-9", "--evaluation-seconds")]
    {
        let figures = ["--step-seconds", step, "--evaluation-seconds", evaluation];
        let output =
            run(&[&["plan", "--config", CONFIG, "--ranks", "2", "--gpu", "h200"], &figures[..]].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(&format!("{option} 0.000000001: ")), "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
}

#[test]
fn an_epoch_of_one_step_cannot_be_timed() {
    let output = run(&["plan", "--ranks", "2", "--config", CONFIG, "--set", "training.paths_per_step=8"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("which take 512 training images"), "{}", stderr(&output));
}
