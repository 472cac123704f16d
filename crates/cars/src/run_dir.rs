//! A run is a directory that survives a kill at any moment: the resolved config, the journal, checkpoints, the front and
//! the report, all written so that a reader finds the old or the new file and never half of one. Only the process that
//! holds its lock writes. Decides nothing about the search.

mod atomic;
pub(crate) mod binary;
mod checkpoint;
mod disk;
pub(crate) mod envelope;
mod error;
mod journal;
mod lock;
mod report_files;
mod seal;
mod weights;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use evolution::Snapshot;
use serde::Serialize;
use serde::de::DeserializeOwned;
use space::AnyArchitecture;

use crate::config::{Checked, CheckedConfig, CheckedRecipe, Layers, Text};
use crate::event::Event;
use crate::front::Front;
use crate::run::saved::Saved;
use crate::train::Evaluation;

pub use checkpoint::{Checkpoint, Found, Skipped};
pub use disk::{Change, Disk};
pub use error::{Fault, RunDirError};
pub use report_files::ReportFiles;
pub(crate) use weights::{decode as decode_weights, encode as encode_weights};

use journal::Journal;
use lock::Lock;

const CONFIG: &str = "config.toml";
const JOURNAL: &str = "journal.jsonl";
const CHECKPOINTS: &str = "checkpoints";
const FRONT: &str = "front.json";
const REPORT: &str = "report.html";
const TIMES: &str = "times.json";
const EVALUATION: &str = "evaluation.json";
const LOCK: &str = "lock";
const LATENCY: &str = "latency-table";

/// Replaces a file outside of any run by these bytes: after a kill it is the old one or the new one, whole.
pub fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), RunDirError> {
    atomic::write(&Disk::default(), path, bytes)
}

/// The directory of a search.
pub type RunDir = Directory<CheckedConfig>;

/// The directory of a training run.
pub type TrainingDir = Directory<CheckedRecipe>;

/// What is done in a run directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A search for networks.
    Search,
    /// The training of one network.
    Training,
}

/// What is done in this run directory: only the config of a training run names a genotype.
pub fn kind(path: &Path) -> Result<Kind, RunDirError> {
    let text = read_config(path)?;
    let is_training = text.parse::<toml::Table>().is_ok_and(|table| table.contains_key("genotype"));
    Ok(if is_training { Kind::Training } else { Kind::Search })
}

/// A run directory, locked for this process until it is dropped.
#[derive(Debug)]
pub struct Directory<C> {
    disk: Disk,
    path: PathBuf,
    config: C,
    journal: Journal,
    _lock: Lock,
}

impl<C: Checked> Directory<C> {
    /// Makes the directory of a new run and stores its config. The path may be an empty folder, or one in which this was
    /// begun and killed; anything else in it is an error, so that no run overwrites another.
    pub fn create(path: &Path, config: &C) -> Result<Self, RunDirError> {
        Self::create_on(Disk::default(), path, config)
    }

    /// Makes the directory on this disk, as [`create`](Self::create) does.
    pub fn create_on(disk: Disk, path: &Path, config: &C) -> Result<Self, RunDirError> {
        let cannot = |source| RunDirError::Write { path: path.to_path_buf(), source };
        fs::create_dir_all(path).map_err(cannot)?;
        let vacant = || {
            if is_vacant(path).map_err(cannot)? {
                Ok(())
            } else {
                Err(RunDirError::Occupied { path: path.to_path_buf() })
            }
        };
        vacant()?;
        let lock = Lock::take(path)?;
        // Another process may have made its run in between.
        vacant()?;
        let checkpoints = path.join(CHECKPOINTS);
        fs::create_dir_all(&checkpoints)
            .map_err(|source| RunDirError::Write { path: checkpoints.clone(), source })?;
        let journal = Journal::open(&disk, &path.join(JOURNAL))?;
        let read = |path: &Path| {
            fs::read(path).map_err(|source| RunDirError::Read { path: path.to_path_buf(), source })
        };
        let table = config.latency_table().map(read).transpose()?;
        if let Some(table) = &table {
            atomic::write(&disk, &path.join(LATENCY), table)?;
        }
        // The config is written last: a directory that has one is complete.
        let text = seal::seal(&config.to_toml(), LATENCY, table.as_deref());
        atomic::write(&disk, &path.join(CONFIG), text.as_bytes())?;
        Ok(Self { disk, path: path.to_path_buf(), config: config.clone(), journal, _lock: lock })
    }

    /// Opens the directory of a run that exists, and clears away what a kill left of unfinished writes.
    pub fn open(path: &Path) -> Result<Self, RunDirError> {
        Self::open_on(Disk::default(), path)
    }

    /// Opens the directory on this disk, as [`open`](Self::open) does.
    pub fn open_on(disk: Disk, path: &Path) -> Result<Self, RunDirError> {
        let text = read_config(path)?;
        let lock = Lock::take(path)?;
        check_seal(path, &text)?;
        let config = Self::stored_config(path)?;
        let checkpoints = path.join(CHECKPOINTS);
        fs::create_dir_all(&checkpoints)
            .map_err(|source| RunDirError::Write { path: checkpoints.clone(), source })?;
        atomic::clean(&disk, path)?;
        atomic::clean(&disk, &checkpoints)?;
        let journal = Journal::open(&disk, &path.join(JOURNAL))?;
        Ok(Self { disk, path: path.to_path_buf(), config, journal, _lock: lock })
    }

    /// The config of the run in this directory. The run may be at work.
    pub fn stored_config(path: &Path) -> Result<C, RunDirError> {
        let text = read_config(path)?;
        let name = path.join(CONFIG).display().to_string();
        Ok(Layers::<C::Raw>::new(Some(Text { name: &name, text: &text }), &[]).and_then(Layers::check)?)
    }

    /// What an observer needs to keep the report up to date.
    pub fn report_files(&self) -> ReportFiles<C> {
        ReportFiles { disk: self.disk.clone(), path: self.path.clone(), config: self.config.clone() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The config of the run.
    pub fn config(&self) -> &C {
        &self.config
    }

    /// Appends an event to the journal, in one write.
    pub fn append(&mut self, event: &Event) -> Result<(), RunDirError> {
        self.journal.append(event)
    }

    /// All events of the journal. A last line that a kill tore is left out.
    pub fn events(&self) -> Result<Vec<Event>, RunDirError> {
        journal::read(&self.path.join(JOURNAL))
    }

    /// Stores the weights and the state of the search as checkpoint `number`, which must be greater than that of the
    /// checkpoint before, together with the length of the journal. Keeps the newest two. Returns the name of the state's
    /// file, relative to the directory.
    pub fn save_checkpoint<T: Serialize>(
        &mut self,
        number: u64,
        weights: &supernet::State,
        state: &T,
    ) -> Result<String, RunDirError> {
        let journal = self.journal.sync()?;
        let name =
            checkpoint::save(&self.disk, &self.path.join(CHECKPOINTS), number, journal, weights, state)?;
        Ok(format!("{CHECKPOINTS}/{name}"))
    }

    /// The newest checkpoint that is whole, and those that had to be skipped, with the reason. None if there is no
    /// checkpoint at all: the run was stopped before its first. If there are some and none is whole, that is an error.
    pub fn latest_checkpoint<T: DeserializeOwned>(&self) -> Result<Found<T>, RunDirError> {
        checkpoint::latest(&self.path.join(CHECKPOINTS), None)
    }

    /// The newest checkpoint to go on from: as [`latest_checkpoint`](Self::latest_checkpoint), but one that was made after
    /// other events than those of the journal is skipped, too, so that the journal of a run that goes on is complete. If
    /// there is no journal, which a person may have moved away, it is not asked.
    pub fn resume_point<T: DeserializeOwned>(&self) -> Result<Found<T>, RunDirError> {
        checkpoint::latest(&self.path.join(CHECKPOINTS), self.journal.bytes()?.as_deref())
    }

    /// Cuts the journal back to the length it had at a checkpoint (0 for a run without one), so that what is done again
    /// is not told twice. Returns false if the journal is shorter than that and has lost events.
    pub fn rewind_journal(&mut self, length: u64) -> Result<bool, RunDirError> {
        self.journal.rewind(length)
    }

    /// The text of the run's copy of its latency table.
    pub fn latency_table(&self) -> Result<String, RunDirError> {
        let path = self.latency_table_path();
        fs::read_to_string(&path).map_err(|source| RunDirError::Read { path, source })
    }

    /// Where that copy is, if the run has one.
    pub fn latency_table_path(&self) -> PathBuf {
        self.path.join(LATENCY)
    }

    /// Removes the directory of a run that has not begun: its journal is empty. Any other stays as it is.
    pub fn remove_unused(path: &Path) -> Result<(), RunDirError> {
        let run = Self::open(path)?;
        if run.events()?.is_empty() {
            drop(run);
            fs::remove_dir_all(path)
                .map_err(|source| RunDirError::Write { path: path.to_path_buf(), source })?;
        }
        Ok(())
    }
}

impl TrainingDir {
    /// Replaces `evaluation.json`.
    pub fn write_evaluation(&self, json: &str) -> Result<(), RunDirError> {
        atomic::write(&self.disk, &self.path.join(EVALUATION), json.as_bytes())
    }

    /// What the newest test of a trained network found, if it was tested. The run may be at work.
    pub fn stored_evaluation(path: &Path) -> Result<Option<Evaluation>, RunDirError> {
        let file = path.join(EVALUATION);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(RunDirError::Read { path: file, source }),
        };
        Evaluation::from_json(&text)
            .map(Some)
            .map_err(|source| RunDirError::Evaluation { path: file, source })
    }
}

impl RunDir {
    /// Replaces `front.json`.
    pub fn write_front(&self, front: &Front) -> Result<(), RunDirError> {
        atomic::write(&self.disk, &self.path.join(FRONT), front.to_json().as_bytes())
    }

    /// The shared weights of a search as of its newest whole checkpoint, if there is one. The search may still be at work.
    pub fn stored_weights(path: &Path) -> Result<Option<supernet::State>, RunDirError> {
        let found = checkpoint::latest::<Saved<Snapshot<AnyArchitecture>>>(&path.join(CHECKPOINTS), None)?;
        Ok(found.checkpoint.map(|checkpoint| checkpoint.weights))
    }

    /// The front that a search has found so far. The search may still be at work.
    pub fn front(path: &Path) -> Result<Front, RunDirError> {
        let file = path.join(FRONT);
        let text =
            fs::read_to_string(&file).map_err(|source| RunDirError::Read { path: file.clone(), source })?;
        Front::from_json(&text).map_err(|source| RunDirError::Front { path: file, source })
    }

    /// The files in a run directory that a person may want: the front and the report.
    pub fn results(path: &Path) -> [PathBuf; 2] {
        [path.join(FRONT), path.join(REPORT)]
    }
}

/// The stored config of a run directory, which a path that is none does not have.
fn read_config(path: &Path) -> Result<String, RunDirError> {
    let file = path.join(CONFIG);
    match fs::read_to_string(&file) {
        Ok(text) => Ok(text),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(RunDirError::NotARun { path: path.to_path_buf() })
        }
        Err(source) => Err(RunDirError::Read { path: file, source }),
    }
}

/// What the run was begun with must be as it was.
fn check_seal(path: &Path, config: &str) -> Result<(), RunDirError> {
    if !seal::holds(config) {
        return Err(RunDirError::Changed { path: path.join(CONFIG) });
    }
    let table = path.join(LATENCY);
    match fs::read(&table) {
        Ok(bytes) if !seal::holds_for(config, LATENCY, &bytes) => Err(RunDirError::Changed { path: table }),
        // A search that needs it says so if it is gone.
        _ => Ok(()),
    }
}

/// A lock holds a process number and a newline; a longer file of this name is somebody else's.
const LONGEST_LOCK: u64 = 16;

/// Whether a folder is empty but for what [`RunDir::create`] makes before the config: no config, and nothing in journal
/// and checkpoints.
fn is_vacant(path: &Path) -> std::io::Result<bool> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_ours = if name == CHECKPOINTS {
            entry.file_type()?.is_dir() && fs::read_dir(entry.path())?.next().is_none()
        } else if name == JOURNAL {
            entry.metadata()?.len() == 0
        } else if name == LATENCY {
            entry.file_type()?.is_file()
        } else if name == LOCK {
            entry.metadata()?.len() <= LONGEST_LOCK
        } else {
            atomic::is_unfinished(&name)
        };
        if !is_ours {
            return Ok(false);
        }
    }
    Ok(true)
}
