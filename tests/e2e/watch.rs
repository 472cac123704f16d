//! What a person and a program see of a search.

use std::fs;

use crate::common::{finished_search, journal, run, small_search, stderr, stdout};

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
    // Made again from the journal, it is the same: what a clock said while the search ran is not in it.
    assert!(run(&["report", path.to_str().unwrap()]).status.success());
    assert!(fs::read_to_string(path.join("report.html")).unwrap() == report, "the report differs");
}

#[test]
fn several_searches_have_one_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let [first, second, page] = ["first", "second", "page.html"].map(path);
    finished_search(first.as_ref(), &["--seed", "1"]);
    finished_search(second.as_ref(), &["--seed", "2"]);
    let output = run(&["report", &first, &second, "--output", &page]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains("first") && stdout(&output).ends_with("page.html\n"));
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.contains("<td>seed<td") && html.contains("id=show1"));
    for (wrong, said) in [
        (vec![first.as_str(), "-o", &page], "one run"),
        (vec![&first, &second, "--retrained", "x"], "one search"),
    ] {
        let output = run(&[vec!["report"], wrong].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    }
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
