//! Several ranks under `mpirun`: the bytes of one process, an end for all when one of them dies, and a resume with other numbers of
//! them. Needs the feature `mpi`, and `mpirun` in the path.

#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common::{assert_same_result, finished_search, journal};

const PATHS: [&str; 4] = ["--set", "training.paths_per_step=2", "--threads", "1"];

/// Whether there is an `mpirun`; says so if there is none.
fn has_mpirun() -> bool {
    let found = Command::new("mpirun").arg("--version").output().is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("SKIPPED: no mpirun in the path");
    }
    found
}

/// So many ranks of `cars`, on however few processors.
fn ranks(count: usize, arguments: &[&str], run_dir: &[&Path]) -> Command {
    let mut command = Command::new("mpirun");
    command.args(["--allow-run-as-root", "--oversubscribe", "-n", &count.to_string()]);
    command.arg(env!("CARGO_BIN_EXE_cars")).args(arguments).args(run_dir);
    command
}

fn search(count: usize, run_dir: &Path) -> Command {
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/../../configs/smoke.toml");
    let mut arguments = vec!["search", "--quiet", "--config", config];
    arguments.extend(PATHS);
    arguments.push("--run-dir");
    ranks(count, &arguments, &[run_dir])
}

fn well(mut command: Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The processes that `mpirun` has started.
fn children(mpirun: &Child) -> Vec<String> {
    let path = format!("/proc/{0}/task/{0}/children", mpirun.id());
    fs::read_to_string(path).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

#[test]
fn two_ranks_and_three_give_the_bytes_of_one_process() {
    if !has_mpirun() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let one = folder.path().join("1");
    finished_search(&one, &PATHS);
    for count in [2, 3] {
        let several = folder.path().join(count.to_string());
        well(search(count, &several));
        assert_same_result(&one, &several, &format!("{count} ranks"));
    }
}

#[test]
fn a_rank_that_dies_ends_the_others_and_the_run_goes_on_with_any_number() {
    if !has_mpirun() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let undisturbed = folder.path().join("undisturbed");
    finished_search(&undisturbed, &PATHS);
    for (dies, resumed) in [(0, 1), (1, 3)] {
        let run = folder.path().join(format!("rank-{dies}"));
        let mut job = search(2, &run).stderr(Stdio::null()).spawn().unwrap();
        while journal(&run, &["checkpoint"]).is_empty() {
            assert!(job.try_wait().unwrap().is_none(), "the search ended before it was disturbed");
            sleep(Duration::from_millis(5));
        }
        let ranks = children(&job);
        assert_eq!(ranks.len(), 2, "ranks of mpirun");
        assert!(Command::new("kill").args(["-KILL", &ranks[dies]]).status().unwrap().success());
        let killed = Instant::now();
        assert!(!job.wait().unwrap().success());
        let all_gone = || ranks.iter().all(|rank| !Path::new(&format!("/proc/{rank}/exe")).exists());
        while !all_gone() && killed.elapsed() < Duration::from_secs(10) {
            sleep(Duration::from_millis(20));
        }
        assert!(all_gone(), "a rank outlived the other by more than {:?}", killed.elapsed());
        well(ranks_resume(resumed, &run));
        assert_same_result(&undisturbed, &run, &format!("rank {dies} died, resumed on {resumed}"));
    }
}

fn ranks_resume(count: usize, run: &Path) -> Command {
    ranks(count, &["resume", "--quiet", "--threads", "1"], &[run])
}
