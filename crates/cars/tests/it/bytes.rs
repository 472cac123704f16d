//! What must hold for any bytes in the place of a config, a line of the journal, or a file of a run directory: what is read
//! comes back the same, and all else is an error with words in it. Shared with the fuzz target in `fuzz/`.

use std::fs;
use std::path::Path;

use cars::config::{Checked, Config, Layers, Recipe, Settings, Text};
use cars::event::Event;
use cars::run_dir::RunDir;
use supernet::State;

/// The state that the checkpoints here hold.
type Saved = (u64, Vec<f64>, String);

/// Hands the bytes to the readers of text.
pub(crate) fn check_text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    config::<Config>(&text);
    config::<Recipe>(&text);
    match Event::from_line(&text) {
        // Texts are compared, since NaN is not equal to itself.
        Ok(event) => {
            let line = event.to_line();
            assert_eq!(Event::from_line(&line).unwrap().to_line(), line);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn config<S: Settings>(text: &str) {
    match Layers::<S>::new(Some(Text { name: "fuzz.toml", text }), &[]).and_then(Layers::check) {
        Ok(checked) => {
            let again = checked.to_toml();
            let read = Layers::<S>::new(Some(Text { name: "again.toml", text: &again }), &[]);
            assert_eq!(read.and_then(Layers::check).unwrap().to_toml(), again);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Puts the bytes in the place of a file of a run in this folder, which has one good checkpoint before, and opens it.
pub(crate) fn check_file(folder: &Path, bytes: &[u8]) {
    let Some((which, bytes)) = bytes.split_first() else { return };
    let path = folder.join("run");
    let mut run = RunDir::create(&path, &Config::default().check().unwrap()).unwrap();
    for number in 1..=2 {
        run.append(&Event::Interrupted).unwrap();
        run.save_checkpoint(number, &State::new(), &(number, vec![0.5], "state".to_owned())).unwrap();
    }
    drop(run);
    let names = [
        "config.toml",
        "journal.jsonl",
        "checkpoints/00000002.state",
        "checkpoints/00000002.safetensors",
        "lock",
    ];
    let name = names[usize::from(*which) % names.len()];
    let intact = fs::read(path.join(name)).unwrap();
    fs::write(path.join(name), bytes).unwrap();
    match RunDir::open(&path) {
        Ok(mut run) => {
            let found = run.resume_point::<Saved>();
            if name.starts_with("checkpoints") {
                let found = found.as_ref().unwrap();
                let expected = if bytes == intact { 2 } else { 1 };
                assert_eq!(found.checkpoint.as_ref().unwrap().number, expected);
            }
            if let Ok(found) = found {
                let journal = found.checkpoint.map_or(0, |checkpoint| checkpoint.journal);
                run.rewind_journal(journal).unwrap();
                run.events().unwrap();
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    fs::remove_dir_all(&path).unwrap();
}
