//! From a device to a search on its latency: measure, predict, search, and what is refused on the way.

use std::fs;

use crate::common::{run, small_search, stderr, stdout};

const SMOKE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../configs/smoke.toml");

#[test]
fn a_device_is_measured_and_searched_on() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("table.json");
    let table_name = table.to_str().unwrap();
    let profile = ["profile", "--plan", SMOKE, "-o", table_name];
    let output = run(&profile);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains("on 60 networks not used for the fit"), "{}", stdout(&output));
    assert!(!folder.path().join("table.json.measuring").exists());

    // A table is never overwritten.
    let before = fs::read(&table).unwrap();
    let again = run(&profile);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("is there already"), "{}", stderr(&again));
    assert_eq!(fs::read(&table).unwrap(), before);

    let searched = folder.path().join("run");
    let objectives = ["--objectives", "accuracy,parameters,latency", "--latency-table", table_name];
    let output = small_search(&searched, &objectives).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let front: serde_json::Value =
        serde_json::from_slice(&fs::read(searched.join("front.json")).unwrap()).unwrap();
    assert_eq!(front["objectives"][2]["unit"], "milliseconds");
    for member in front["members"].as_array().unwrap() {
        let latency = &member["latency"];
        let [predicted, measured] =
            ["predicted_ms", "measured_ms"].map(|field| latency[field].as_f64().unwrap());
        assert!(predicted > 0.0 && measured > 0.0, "{latency}");
    }
    assert!(fs::read_to_string(searched.join("report.html")).unwrap().contains("Measured ms"));

    // The table may go: the run has its own.
    fs::remove_file(&table).unwrap();
    let output = run(&["resume", searched.to_str().unwrap()]);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_table_of_another_plan_is_refused_with_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let [layers, table, searched] = ["layers", "phone.csv", "run"].map(path);
    let output = run(&["profile", "--plan", "search", "--export-layers", &layers]);
    assert!(output.status.success(), "{}", stderr(&output));
    // The column `ms` is empty in the index, and the table refuses it so.
    let index = format!("{layers}/index.csv");
    let import = ["profile", "--import", &index, "--device", "phone", "-o", &table];
    assert!(stderr(&run(&import)).contains("line 2: expected a number of milliseconds"));
    let text = fs::read_to_string(&index).unwrap();
    let filled: Vec<String> = text
        .lines()
        .map(|line| if line.ends_with(',') { format!("{line}0.5") } else { line.to_owned() })
        .collect();
    fs::write(&index, filled.join("\n")).unwrap();
    assert!(run(&import).status.success());

    let described = run(&["describe", "CARS_A", "--net", "search", "--latency", &table, "--json"]);
    let described: serde_json::Value = serde_json::from_str(&stdout(&described)).unwrap();
    let milliseconds = described["latency"]["predicted_ms"].as_f64().unwrap();
    assert!(milliseconds > 10.0 && described["latency"]["interval_ms"].is_null(), "{described}");

    let refused = run(&["describe", "CARS_A", "--net", "cifar", "--latency", &table]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("cars profile --plan cifar -o TABLE"), "{}", stderr(&refused));
    let guessed = run(&["describe", "CARS_A", "--net", "cifar", "--latency", &table, "--strict", "false"]);
    assert!(stdout(&guessed).contains("a guess: the table lacks"), "{}", stdout(&guessed));

    let latency = ["--objectives", "accuracy,latency"];
    let searched = std::path::Path::new(&searched);
    let without = small_search(searched, &latency).output().unwrap();
    assert_eq!(without.status.code(), Some(2));
    assert!(stderr(&without).contains("--latency-table TABLE"), "{}", stderr(&without));
    let lacking = small_search(searched, &latency).args(["--latency-table", &table]).output().unwrap();
    assert_eq!(lacking.status.code(), Some(1));
    assert!(stderr(&lacking).contains("lacks") && !searched.exists(), "{}", stderr(&lacking));
    fs::write(&table, "cars-latency-table,2\n").unwrap();
    let truncated = small_search(searched, &latency).args(["--latency-table", &table]).output().unwrap();
    assert!(stderr(&truncated).contains("ends too early"), "{}", stderr(&truncated));
}
