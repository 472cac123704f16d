//! `cars reproduce`: the same with any number of threads, and the first difference named with exit code 3.

use std::fs;

use crate::common::{cars, finished_search, stderr, stdout};

#[test]
fn a_run_is_reproduced_with_any_number_of_threads_or_its_first_difference_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let [run, again] = ["run", "again"].map(|name| folder.path().join(name));
    finished_search(&run, &["--threads", "1"]);
    for threads in ["2", "4"] {
        let output = cars(&["reproduce", "--quiet", "--threads", threads]).arg(&run).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
        assert!(stdout(&output).starts_with("reproduced: "), "{}", stdout(&output));
    }

    let journal = run.join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let (before, after) = text.rsplit_once("\"loss\":").unwrap();
    fs::write(&journal, format!("{before}\"loss\":9{after}")).unwrap();
    let output = cars(&["reproduce", "--quiet", "-o"]).arg(&again).arg(&run).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("(epoch), loss: 9"), "{}", stdout(&output));
    assert!(again.join("front.json").exists());
}

#[test]
fn what_has_not_ended_or_was_changed_is_not_reproduced() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    finished_search(&run, &[]);
    let refused = |word: &str| {
        let output = cars(&["reproduce", "--quiet"]).arg(&run).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(stderr(&output).contains(word), "{}", stderr(&output));
    };
    let journal = run.join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    fs::write(&journal, &text[..text.rfind("{\"schema\"").unwrap()]).unwrap();
    refused("cars resume");
    let config = run.join("config.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("momentum = 0.9", "momentum = 0.8")).unwrap();
    refused("config.toml was changed or damaged");
}
