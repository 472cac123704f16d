//! Run directories: what is written comes back, and what was killed, damaged, taken or forbidden is dealt with.

use std::fs;
use std::path::{Path, PathBuf};

use cars::event::Event;
use cars::run_dir::{Fault, Found, RunDir, RunDirError};

use crate::sample;

type State = (u64, Vec<f64>);

fn fresh() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs/one");
    (folder, path)
}

/// A run with checkpoints 1, 2 and 3, of which the first has been pruned. Their states are (number, ...).
fn three_checkpoints(path: &Path) {
    let mut run = RunDir::create(path, &sample::config()).unwrap();
    for number in 1..=3 {
        run.append(&sample::epoch(number as usize)).unwrap();
        run.save_checkpoint(number, &sample::weights(number as f32), &(number, vec![0.1; 3])).unwrap();
    }
}

fn file(path: &Path, number: u64, extension: &str) -> PathBuf {
    path.join(format!("checkpoints/{number:08}.{extension}"))
}

fn damage(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[track_caller]
fn falls_back(path: &Path, faulty: &str) -> Fault {
    let found: Found<State> = RunDir::open(path).unwrap().latest_checkpoint().unwrap();
    let checkpoint = found.checkpoint.unwrap();
    assert_eq!((checkpoint.number, checkpoint.state), (2, (2, vec![0.1; 3])));
    assert_eq!(found.skipped.len(), 1);
    assert_eq!(found.skipped[0].file, faulty);
    found.skipped[0].fault.clone()
}

#[test]
fn what_is_written_comes_back() {
    let (_folder, path) = fresh();
    three_checkpoints(&path);
    let run = RunDir::open(&path).unwrap();
    assert_eq!(run.config(), &sample::config());
    assert_eq!(run.events().unwrap(), [sample::epoch(1), sample::epoch(2), sample::epoch(3)]);
    let found: Found<State> = run.latest_checkpoint().unwrap();
    assert!(found.skipped.is_empty());
    let checkpoint = found.checkpoint.unwrap();
    assert_eq!(checkpoint.file, "checkpoints/00000003.state");
    assert_eq!(checkpoint.state, (3, vec![0.1; 3]));
    assert_eq!(checkpoint.journal, fs::metadata(path.join("journal.jsonl")).unwrap().len());
    for (name, tensor) in sample::weights(3.0) {
        let found = &checkpoint.weights[&name];
        assert_eq!(found.shape, tensor.shape);
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&found.values), bits(&tensor.values), "{name}");
    }
}

#[test]
fn the_newest_two_checkpoints_are_kept() {
    let (_folder, path) = fresh();
    three_checkpoints(&path);
    let mut names: Vec<_> = fs::read_dir(path.join("checkpoints"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["00000002.safetensors", "00000002.state", "00000003.safetensors", "00000003.state"]);
}

#[test]
fn the_same_checkpoint_is_the_same_bytes() {
    let (_folder, path) = fresh();
    three_checkpoints(&path);
    let (_other_folder, other) = fresh();
    three_checkpoints(&other);
    for name in ["state", "safetensors"] {
        assert_eq!(fs::read(file(&path, 3, name)).unwrap(), fs::read(file(&other, 3, name)).unwrap());
    }
}

#[test]
fn a_truncated_checkpoint_falls_back() {
    for (name, extension) in [("state", "state"), ("weights", "safetensors")] {
        for keep in [0, 7, 40, 70] {
            let (_folder, path) = fresh();
            three_checkpoints(&path);
            damage(&file(&path, 3, extension), |bytes| bytes.truncate(keep));
            let fault = falls_back(&path, &format!("checkpoints/00000003.{extension}"));
            assert!(
                matches!(fault, Fault::Length { found, .. } if found == keep as u64),
                "{name} {keep}: {fault}"
            );
        }
    }
}

#[test]
fn a_flipped_bit_falls_back() {
    for extension in ["state", "safetensors"] {
        let (_folder, path) = fresh();
        three_checkpoints(&path);
        damage(&file(&path, 3, extension), |bytes| *bytes.last_mut().unwrap() ^= 0x10);
        let fault = falls_back(&path, &format!("checkpoints/00000003.{extension}"));
        assert_eq!(fault, Fault::Damaged);
    }
}

#[test]
fn another_version_falls_back() {
    let (_folder, path) = fresh();
    three_checkpoints(&path);
    damage(&file(&path, 3, "state"), |bytes| bytes[8] = 9);
    let fault = falls_back(&path, "checkpoints/00000003.state");
    assert_eq!(fault, Fault::Version { found: 9, known: 2 });
}

#[test]
fn missing_or_exchanged_weights_fall_back() {
    let (_folder, path) = fresh();
    three_checkpoints(&path);
    fs::copy(file(&path, 2, "safetensors"), file(&path, 3, "safetensors")).unwrap();
    assert_eq!(falls_back(&path, "checkpoints/00000003.safetensors"), Fault::Damaged);
    fs::remove_file(file(&path, 3, "safetensors")).unwrap();
    let fault = falls_back(&path, "checkpoints/00000003.safetensors");
    assert!(matches!(fault, Fault::Unreadable { .. }), "{fault}");
}

#[test]
fn a_state_of_another_shape_is_refused() {
    let (_folder, path) = fresh();
    three_checkpoints(&path);
    let run = RunDir::open(&path).unwrap();
    let error = run.latest_checkpoint::<(u64, Vec<f64>, String)>().unwrap_err();
    assert!(matches!(error, RunDirError::NoUsableCheckpoint { .. }), "{error}");
}

#[test]
fn after_a_fall_back_the_next_checkpoint_replaces_the_faulty_one() {
    let (_folder, path) = fresh();
    three_checkpoints(&path);
    damage(&file(&path, 3, "state"), |bytes| bytes.truncate(60));
    falls_back(&path, "checkpoints/00000003.state");
    let mut run = RunDir::open(&path).unwrap();
    run.save_checkpoint(3, &sample::weights(3.0), &(3_u64, vec![0.5])).unwrap();
    let found: Found<State> = run.latest_checkpoint().unwrap();
    assert_eq!((found.checkpoint.unwrap().state, found.skipped.len()), ((3, vec![0.5]), 0));
}

#[test]
fn no_good_checkpoint_is_one_clear_error_and_none_at_all_is_none() {
    let (_folder, path) = fresh();
    three_checkpoints(&path);
    damage(&file(&path, 2, "state"), |bytes| bytes[0] = b'X');
    damage(&file(&path, 3, "safetensors"), |bytes| bytes.push(0));
    let run = RunDir::open(&path).unwrap();
    let error = run.latest_checkpoint::<State>().unwrap_err().to_string();
    for part in
        ["checkpoints/00000002.state is no checkpoint", "checkpoints/00000003.safetensors is too long"]
    {
        assert!(error.contains(part), "{error}");
    }
    drop(run);

    let (_folder, path) = fresh();
    drop(RunDir::create(&path, &sample::config()).unwrap());
    // Weights without a state: the process was killed between the two files.
    fs::write(file(&path, 1, "safetensors"), "").unwrap();
    let found: Found<State> = RunDir::open(&path).unwrap().latest_checkpoint().unwrap();
    assert_eq!(found, Found { checkpoint: None, skipped: vec![] });
}

#[test]
fn the_journal_goes_back_to_the_checkpoint() {
    let (_folder, path) = fresh();
    three_checkpoints(&path);
    let mut run = RunDir::open(&path).unwrap();
    let journal = run.latest_checkpoint::<State>().unwrap().checkpoint.unwrap().journal;
    run.append(&sample::epoch(4)).unwrap();
    assert!(run.rewind_journal(journal).unwrap());
    run.append(&sample::epoch(5)).unwrap();
    let events = [sample::epoch(1), sample::epoch(2), sample::epoch(3), sample::epoch(5)];
    assert_eq!(run.events().unwrap(), events);
    assert!(!run.rewind_journal(1_000_000).unwrap(), "a journal cannot grow back");
    assert_eq!(run.events().unwrap(), events);
}

#[test]
fn a_torn_line_is_left_out_and_a_broken_one_is_named() {
    let (_folder, path) = fresh();
    three_checkpoints(&path);
    let journal = path.join("journal.jsonl");
    damage(&journal, |bytes| bytes.extend(br#"{"schema":1,"eve"#));
    let mut run = RunDir::open(&path).unwrap();
    assert_eq!(run.events().unwrap().len(), 3);
    run.append(&Event::Interrupted).unwrap();
    assert_eq!(run.events().unwrap().len(), 4);
    drop(run);

    damage(&journal, |bytes| bytes[0] = b'!');
    let error = RunDir::open(&path).unwrap().events().unwrap_err().to_string();
    assert!(error.contains("journal.jsonl:1: not an event"), "{error}");
}

#[test]
fn a_second_process_is_turned_away() {
    let (_folder, path) = fresh();
    let run = RunDir::create(&path, &sample::config()).unwrap();
    let error = RunDir::open(&path).unwrap_err().to_string();
    let expected = format!("{} is in use by process {}: ", path.display(), std::process::id());
    assert!(error.starts_with(&expected), "{error}");
    assert!(matches!(RunDir::create(&path, &sample::config()), Err(RunDirError::Occupied { .. })));
    drop(run);
    RunDir::open(&path).unwrap();
}

#[test]
fn a_run_never_overwrites_another() {
    let (_folder, path) = fresh();
    three_checkpoints(&path);
    let error = RunDir::create(&path, &sample::config()).unwrap_err();
    assert!(matches!(error, RunDirError::Occupied { .. }), "{error}");
    RunDir::open(&path).unwrap().latest_checkpoint::<State>().unwrap();
}

#[test]
fn a_folder_without_a_run_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_path_buf(), folder.path().join("absent")] {
        let error = RunDir::open(&path).unwrap_err();
        assert!(matches!(&error, RunDirError::NotARun { path: found } if *found == path), "{error}");
        assert!(!path.join("lock").exists(), "nothing is written into a strange folder");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    // A file in the place of a parent folder stops any user, root included.
    fs::write(folder.path().join("file"), "").unwrap();
    let path = folder.path().join("file/run");
    let error = RunDir::create(&path, &sample::config()).unwrap_err();
    assert!(matches!(&error, RunDirError::Write { path: found, .. } if *found == path), "{error}");
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_named_and_nothing_is_lost() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = fresh();
    three_checkpoints(&path);
    let mut run = RunDir::open(&path).unwrap();
    let checkpoints = path.join("checkpoints");
    fs::set_permissions(&checkpoints, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(checkpoints.join("probe"), "").is_ok() {
        eprintln!("skipped: this user may write to read-only folders");
        return;
    }
    let error = run.save_checkpoint(4, &sample::weights(4.0), &(4_u64, vec![0.0])).unwrap_err();
    fs::set_permissions(&checkpoints, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(error.to_string().contains("00000004.safetensors"), "{error}");
    assert_eq!(run.latest_checkpoint::<State>().unwrap().checkpoint.unwrap().number, 3);
}
