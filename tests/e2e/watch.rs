//! What a person and a program see of a search.

use std::fs;

use crate::common::{journal, run, small_search, stderr, stdout};

#[test]
fn a_person_sees_progress_and_the_front() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let output = small_search(&path, &[]).output().unwrap();
    let (table, progress) = (stdout(&output), stderr(&output));
    assert!(output.status.success(), "{progress}");
    for word in ["accuracy", "parameters"] {
        assert!(table.contains(word), "{table}");
    }
    for word in ["report.html", "front.json"] {
        assert!(progress.contains(word), "{progress}");
    }
    let front: serde_json::Value =
        serde_json::from_slice(&fs::read(path.join("front.json")).unwrap()).unwrap();
    let members = front["members"].as_array().unwrap();
    assert!(!members.is_empty());
    for member in members {
        let genotype = member["genotype"].as_str().unwrap();
        let counts = stdout(&run(&["describe", genotype, "--json"]));
        assert!(counts.contains("\"parameters\""), "{counts}");
    }
    let report = fs::read_to_string(path.join("report.html")).unwrap();
    assert!(report.contains("<svg") && !report.contains("http://") && !report.contains("<script src"));
}

#[test]
fn a_program_sees_the_journal_and_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let output = small_search(&path, &["--json"]).output().unwrap();
    let events = stdout(&output);
    for line in events.lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["schema"], 1);
    }
    for line in journal(&path, &["started", "epoch", "generation", "checkpoint", "finished"]) {
        assert!(events.lines().any(|event| event == line), "{line}");
    }
    assert!(events.contains("\"event\":\"step\""));
}
