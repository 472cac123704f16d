//! Every change that a search makes to its files, refused in turn: the search stops with an error that names a file, what it
//! has told of is on disk, and resumed it ends as the undisturbed one.

use std::cell::RefCell;
use std::fs;
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use cars::config::{CheckedConfig, Config};
use cars::event::Event;
use cars::observe::Observer;
use cars::run::{self, Hardware};
use cars::run_dir::{Change, Disk, RunDir, RunDirError};

/// For how long changes are refused.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    Once,
    FromThenOn,
}

/// Takes note of the checkpoints that a run tells of.
struct Told(Rc<RefCell<Vec<String>>>);

impl Observer for Told {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Checkpoint { file } => self.0.borrow_mut().push(file.clone()),
            Event::Resumed(resumed) => self.0.borrow_mut().extend(resumed.from.clone()),
            _ => {}
        }
    }
}

/// A search of seconds: two epochs of two steps.
pub(crate) fn config() -> CheckedConfig {
    let mut config = Config::default();
    config.data.train = 16;
    config.data.validation = 8;
    config.network.channels = 4;
    config.network.cells = 3;
    config.training.epochs = 2;
    config.training.warm_up_epochs = 1;
    config.training.batch_size = 8;
    config.evolution.population = 2;
    config.evolution.interval = 1;
    config.evaluation.recalibration_images = 8;
    config.check().unwrap()
}

/// The run, begun or resumed, to its end or to the first refused change; and the checkpoints it told of.
fn search(path: &Path, disk: Disk) -> (Result<(), String>, Vec<String>) {
    let told = Rc::new(RefCell::new(Vec::new()));
    let mut observers: Vec<Box<dyn Observer>> = vec![Box::new(Told(Rc::clone(&told)))];
    let (hardware, stop) = (Hardware::default(), AtomicBool::new(false));
    let begun = path.join("config.toml").exists();
    let opened = if begun { RunDir::open_on(disk, path) } else { RunDir::create_on(disk, path, &config()) };
    let outcome = match opened {
        Err(error) => Err(error.to_string()),
        Ok(directory) => {
            let carry_on = if begun { run::resume } else { run::start };
            carry_on(directory, &hardware, &mut observers, &stop).map_err(|error| error.to_string())
        }
    };
    drop(observers);
    (outcome.map(|_| ()), Rc::into_inner(told).unwrap().into_inner())
}

/// What a run comes to: its front, its last weights, and its journal but for interruptions.
fn result(path: &Path) -> (Vec<u8>, Vec<u8>, Vec<Event>) {
    let mut weights: Vec<_> =
        fs::read_dir(path.join("checkpoints")).unwrap().map(|entry| entry.unwrap().path()).collect();
    weights.retain(|path| path.extension().is_some_and(|extension| extension == "safetensors"));
    weights.sort();
    let mut events = RunDir::open(path).unwrap().events().unwrap();
    events.retain(|event| !matches!(event, Event::Resumed(_) | Event::Checkpoint { .. }));
    (fs::read(path.join("front.json")).unwrap(), fs::read(weights.pop().unwrap()).unwrap(), events)
}

#[test]
fn any_refused_change_stops_the_run_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let undisturbed = folder.path().join("undisturbed");
    let changes = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&changes);
    let counting = Disk::with_gate(move |_, _| {
        count.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    search(&undisturbed, counting).0.unwrap();
    let expected = result(&undisturbed);
    let changes = changes.load(Ordering::Relaxed);
    assert!(changes > 40, "{changes} changes");
    for refused in 0..changes {
        let fault = if refused % 2 == 0 { Fault::Once } else { Fault::FromThenOn };
        let path = folder.path().join(refused.to_string());
        let made = AtomicUsize::new(0);
        let gate = move |change: Change, _: &Path| {
            let number = made.fetch_add(1, Ordering::Relaxed);
            let is_refused = number == refused || (number > refused && fault == Fault::FromThenOn);
            if is_refused { Err(io::Error::other(format!("{change:?} refused"))) } else { Ok(()) }
        };
        let (outcome, told) = search(&path, Disk::with_gate(gate));
        let what = format!("change {refused} refused {fault:?}");
        let error = outcome.expect_err(&what);
        assert!(error.contains("refused") && error.contains(&*path.to_string_lossy()), "{what}: {error}");
        let (outcome, gone_on) = search(&path, Disk::default());
        outcome.unwrap_or_else(|error| panic!("{what}: {error}"));
        if let Some(last) = told.last() {
            assert!(
                gone_on.first() >= Some(last),
                "{what}: {last} is lost, it went on from {:?}",
                gone_on.first()
            );
        }
        assert!(result(&path) == expected, "{what}: the result differs");
        fs::remove_dir_all(&path).unwrap();
    }
}

/// A finished run whose journal was changed, resumed.
fn with_changed_journal(change: impl Fn(&mut Vec<u8>)) -> (tempfile::TempDir, Result<(), String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    search(&path, Disk::default()).0.unwrap();
    let journal = path.join("journal.jsonl");
    let mut bytes = fs::read(&journal).unwrap();
    change(&mut bytes);
    fs::write(&journal, bytes).unwrap();
    let outcome = search(&path, Disk::default()).0;
    (folder, outcome)
}

#[test]
fn a_changed_journal_goes_back_to_the_checkpoint_before_or_is_named() {
    let (folder, outcome) = with_changed_journal(|bytes| {
        let last = String::from_utf8_lossy(bytes).rfind("\"event\":\"generation\"").unwrap();
        bytes[last + 12] ^= 1;
    });
    outcome.unwrap();
    let events = RunDir::open(&folder.path().join("run")).unwrap().events().unwrap();
    let warns =
        |event: &Event| matches!(event, Event::Warning { message } if message.contains("journal.jsonl"));
    assert_eq!(events.iter().filter(|event| warns(event)).count(), 1, "{events:?}");

    let (folder, outcome) = with_changed_journal(|bytes| bytes[40] ^= 1);
    let error = outcome.unwrap_err();
    assert!(error.contains("journal.jsonl was damaged or cut"), "{error}");
    let path = folder.path().join("run");
    fs::remove_file(path.join("journal.jsonl")).unwrap();
    search(&path, Disk::default()).0.unwrap();
}

#[test]
fn a_changed_config_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    drop(RunDir::create(&path, &config()).unwrap());
    let file = path.join("config.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("momentum = 0.9", "momentum = 0.8")).unwrap();
    let error = RunDir::open(&path).unwrap_err();
    assert!(matches!(&error, RunDirError::Changed { path } if *path == file), "{error}");
}
