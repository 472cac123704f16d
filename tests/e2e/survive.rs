//! A run that is killed, interrupted or given other threads ends as the undisturbed one, byte for byte.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::common::{assert_same_result, cars, finished_search, journal, resume, small_search, stderr};

#[test]
fn threads_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
    finished_search(&one, &["--threads", "1"]);
    finished_search(&two, &["--threads", "2"]);
    assert_same_result(&one, &two, "2 threads");
    let kinds = ["started", "epoch", "generation", "checkpoint", "finished"];
    assert_eq!(journal(&one, &kinds), journal(&two, &kinds));
    assert_eq!(journal(&one, &["generation"]).len(), 2);
}

#[test]
fn another_seed_changes_the_result() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
    finished_search(&one, &[]);
    finished_search(&two, &["--seed", "2"]);
    assert_ne!(journal(&one, &["generation"]), journal(&two, &["generation"]));
}

#[test]
fn a_killed_run_ends_as_the_undisturbed_one() {
    let folder = tempfile::tempdir().unwrap();
    let undisturbed = folder.path().join("undisturbed");
    finished_search(&undisturbed, &[]);
    for (index, lines) in [0, 1, 2, 3, 5, 6, 7, 9].into_iter().enumerate() {
        let run = folder.path().join(format!("killed-{index}"));
        let quiet =
            |mut command: Command| command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        // The first kill comes when the journal has so many lines, and a moment that varies; the second comes while
        // the resumed run works.
        let mut child = quiet(small_search(&run, &[]));
        while journal_length(&run) < lines && child.try_wait().unwrap().is_none() {
            sleep(Duration::from_millis(1));
        }
        sleep(Duration::from_millis(7 * index as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        if !run.join("config.toml").exists() {
            // Killed before there was a run: the same command starts it.
            finished_search(&run, &[]);
        }
        let mut command = cars(&["resume"]);
        command.arg(&run);
        let mut child = quiet(command);
        sleep(Duration::from_millis(40 * index as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        resume(&run);
        assert_same_result(&undisturbed, &run, &format!("killed after {lines} lines"));
        let kinds = ["started", "epoch", "generation", "finished"];
        assert_eq!(journal(&undisturbed, &kinds), journal(&run, &kinds));
    }
}

#[test]
#[cfg(unix)]
fn an_interrupted_run_saves_says_how_to_go_on_and_does() {
    let folder = tempfile::tempdir().unwrap();
    let [undisturbed, run] = ["undisturbed", "interrupted"].map(|name| folder.path().join(name));
    finished_search(&undisturbed, &[]);
    let mut child = small_search(&run, &[]).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    while journal_length(&run) < 2 && child.try_wait().unwrap().is_none() {
        sleep(Duration::from_millis(1));
    }
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    assert!(stderr(&output).contains(&format!("cars resume {}", run.display())), "{}", stderr(&output));
    assert_eq!(journal(&run, &["interrupted"]).len(), 1);
    resume(&run);
    assert_same_result(&undisturbed, &run, "interrupted");
}

#[test]
fn a_finished_run_can_be_resumed_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let [run, copy] = ["run", "copy"].map(|name| folder.path().join(name));
    finished_search(&run, &[]);
    finished_search(&copy, &[]);
    resume(&run);
    assert_same_result(&run, &copy, "resumed after its end");
}

fn journal_length(run: &Path) -> usize {
    journal(run, &["started", "epoch", "generation", "checkpoint"]).len()
}
