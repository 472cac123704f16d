//! The three commands that are tortured: how each starts and goes on, what it has told, and what its result is.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::common::{cars, journal, result, small_search, stderr};

/// A command that is tortured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Job {
    Search,
    Train,
    Profile,
}

/// The undisturbed run of a command.
pub(super) struct Reference {
    path: PathBuf,
    /// How long it took.
    pub(super) time: Duration,
}

/// What a run had told at some moment.
pub(super) enum Told {
    /// The number of the newest checkpoint in the journal, and the lines that tell where the run went on from.
    Checkpoint(u64, Vec<String>),
    /// The whole lines of measurements.
    Lines(String),
}

impl Reference {
    pub(super) fn new(job: Job, folder: &Path) -> Self {
        let path = folder.join(format!("undisturbed-{job}"));
        let begun = Instant::now();
        let output = job.command(&path, 1, None).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        Self { path, time: begun.elapsed() }
    }
}

impl Job {
    pub(super) const ALL: [Self; 3] = [Self::Search, Self::Train, Self::Profile];

    /// Starts the run, or goes on with it, with so many threads.
    pub(super) fn command(self, path: &Path, threads: usize, limit: Option<u32>) -> Command {
        let mut command = match self {
            Self::Profile => profile(&table(path)),
            _ if path.join("config.toml").exists() => {
                let mut command = cars(&["resume"]);
                command.arg(path);
                command
            }
            Self::Search => search(path),
            Self::Train => train(path),
        };
        if self != Self::Profile {
            command.args(["--quiet", "--threads", &threads.to_string()]);
        }
        match limit {
            Some(blocks) => super::limited(&command, blocks),
            None => command,
        }
    }

    /// What the run has told so far.
    pub(super) fn told(self, path: &Path) -> Told {
        if self == Self::Profile {
            let text = fs::read(log(path)).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            return Told::Lines(text[..text.rfind('\n').map_or(0, |end| end + 1)].to_owned());
        }
        let told = journal(path, &["checkpoint"]).last().map_or(0, |line| number(line));
        Told::Checkpoint(told, journal(path, &["resumed"]))
    }

    /// Checks that a run which has gone on, since it had told this, began from the newest checkpoint, and has kept every
    /// measurement. `promised` is the newest checkpoint it ever told of; `damaged` of the newest may have been passed over.
    pub(super) fn check_told(
        self,
        path: &Path,
        before: &Told,
        promised: &mut u64,
        damaged: u64,
    ) -> Result<(), String> {
        match before {
            Told::Checkpoint(told, resumed_before) => {
                *promised = (*promised).max(*told);
                let resumed = journal(path, &["resumed"]);
                // A run that was killed before it told where it goes on from has told nothing new.
                match resumed.last().filter(|_| resumed != *resumed_before).map(|line| number(line)) {
                    Some(from) if from + damaged < *promised => {
                        Err(format!("checkpoint {promised} is lost: it went on from {from}"))
                    }
                    _ => Ok(()),
                }
            }
            Told::Lines(lines) => {
                let Told::Lines(now) = self.told(path) else { unreachable!("a profile tells lines") };
                let is_kept = now.starts_with(lines.as_str()) || self.is_finished(path);
                if is_kept { Ok(()) } else { Err("measurements are lost".to_owned()) }
            }
        }
    }

    /// Whether a profile has written its table. Another run says so by its exit code.
    pub(super) fn is_finished(self, path: &Path) -> bool {
        self == Self::Profile && table(path).exists()
    }

    /// Compares the result with that of the undisturbed run.
    pub(super) fn compare(self, reference: &Reference, path: &Path) -> Result<(), String> {
        if self == Self::Profile {
            // Times differ; layers, networks and conditions do not.
            return if shape(&table(path)) == shape(&table(&reference.path)) {
                Ok(())
            } else {
                Err("the table has other rows".to_owned())
            };
        }
        let kinds = ["started", "training-started", "epoch", "generation", "finished", "trained"];
        if journal(path, &kinds) != journal(&reference.path, &kinds) {
            return Err("the journal differs".to_owned());
        }
        let is_equal = match self {
            Self::Search => result(path) == result(&reference.path),
            _ => weights(path) == weights(&reference.path),
        };
        if is_equal { Ok(()) } else { Err("the result differs".to_owned()) }
    }

    /// The files that a run has written.
    pub(super) fn files(self, path: &Path) -> Vec<PathBuf> {
        if self == Self::Profile {
            return vec![log(path)].into_iter().filter(|log| log.exists()).collect();
        }
        let folders = [path.to_path_buf(), path.join("checkpoints")];
        let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
        let mut files: Vec<PathBuf> =
            entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
        files.sort();
        files
    }

    /// The file that grows line by line.
    pub(super) fn lines(self, path: &Path) -> PathBuf {
        if self == Self::Profile { log(path) } else { path.join("journal.jsonl") }
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Search => "search",
            Self::Train => "train",
            Self::Profile => "profile",
        })
    }
}

fn search(path: &Path) -> Command {
    let mut command = small_search(path, &[]);
    set(
        &mut command,
        &[
            "data.train=64",
            "data.validation=32",
            "evolution.population=4",
            "training.batch_size=16",
            "evaluation.recalibration_images=16",
        ],
    );
    command
}

fn train(path: &Path) -> Command {
    let mut command = cars(&["train", "CARS-A", "--output"]);
    command.arg(path);
    set(
        &mut command,
        &[
            "data.train=64",
            "data.cutout=8",
            "network.channels=4",
            "network.cells=3",
            "training.epochs=4",
            "training.batch_size=16",
            "training.drop_path=0.3",
        ],
    );
    command
}

fn profile(table: &Path) -> Command {
    fs::create_dir_all(table.parent().unwrap()).unwrap();
    let plan = concat!(env!("CARGO_MANIFEST_DIR"), "/../../configs/smoke.toml");
    let mut command = cars(&["profile", "--plan", plan, "-o"]);
    command.arg(table);
    command
}

fn set(command: &mut Command, settings: &[&str]) {
    for setting in settings {
        command.args(["--set", setting]);
    }
}

fn table(path: &Path) -> PathBuf {
    path.join("table.json")
}

fn log(path: &Path) -> PathBuf {
    path.join("table.json.measuring")
}

/// A table without its times: every number with a fraction is one.
fn shape(table: &Path) -> String {
    let text = fs::read_to_string(table).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    blank(&mut value);
    value.to_string()
}

fn blank(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Number(number) if number.is_f64() => *value = serde_json::Value::Null,
        serde_json::Value::Array(items) => items.iter_mut().for_each(blank),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(blank),
        _ => {}
    }
}

fn weights(path: &Path) -> Option<Vec<u8>> {
    fs::read(crate::common::checkpoint_files(path, "safetensors").pop()?).ok()
}

/// The number of the checkpoint that a line of the journal names; 0 if it names none.
fn number(line: &str) -> u64 {
    let file = line.split_once("checkpoints/").map(|(_, rest)| rest);
    file.and_then(|file| file.get(..8)?.parse().ok()).unwrap_or(0)
}
