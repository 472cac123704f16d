//! Tables of trained networks: imported, searched, and set beside the ranking of a supernet.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use space::NasBench201Cell;

use crate::common::{finished_search, resume, run, stderr, stdout};

/// A table of the whole space whose accuracies follow parameters, imported into the folder.
fn table(folder: &Path) -> String {
    let mut text = String::from("index,arch_str,c10_valid_acc_12ep,c10_test_acc_200ep\n");
    for (index, cell) in NasBench201Cell::all().enumerate() {
        let accuracy = 10.0 + cell.parameters() as f64 / 40_000.0 + (index * 7919 % 101) as f64 / 100.0;
        writeln!(text, "{index},{cell},{accuracy},{}", accuracy + 1.0).unwrap();
    }
    let mut times = String::from("index,board_ms\n");
    for index in 0..NasBench201Cell::COUNT {
        writeln!(times, "{index},{}", 1 + index % 7).unwrap();
    }
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let [csv, ms, table] = ["table.csv", "ms.csv", "table.bin"].map(path);
    fs::write(&csv, text).unwrap();
    fs::write(&ms, times).unwrap();
    let output = run(&["tabular", "import", &csv, &ms, "-o", &table]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stderr(&output).contains("c10_test_acc_200ep, board_ms"), "{}", stderr(&output));
    table
}

#[test]
fn a_table_is_imported_and_searched() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path());
    let search = ["tabular", "--table", &table, "--budget", "60", "--seeds", "3..8", "--json"];
    let output = run(&[&search[..], &["--objectives", "error,macs,board_ms"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let found: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    let methods = found["methods"].as_array().unwrap();
    let names: Vec<&str> = methods.iter().map(|method| method["method"].as_str().unwrap()).collect();
    assert_eq!(names, ["cars", "nsga2", "regularised-evolution", "random-search"]);
    for method in methods {
        assert_eq!(method["by_seed"].as_array().unwrap().len(), 5);
        let median = method["hypervolume"]["median"].as_f64().unwrap();
        assert!(median > 0.1 && median <= 1.0, "{method}");
    }
    for (arguments, expected) in [
        (["--objectives", "accuracy"], "objectives `accuracy`: expected accuracy or error, then"),
        (["--objectives", "accuracy,watts"], "no column `watts`; it has index,"),
        (["--budget", "0"], "a budget of 0 evaluations: expected 1 to 15625"),
        (["--seeds", "8..3"], "expected FROM..TO"),
        (["--judge", "test"], "no column `test`"),
    ] {
        let output = run(&[&["tabular", "--table", &table][..], &arguments].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
    let mut bytes = fs::read(&table).unwrap();
    bytes[5_000] ^= 1;
    fs::write(&table, bytes).unwrap();
    let damaged = run(&["tabular", "--table", &table]);
    assert_eq!(damaged.status.code(), Some(2));
    assert!(stderr(&damaged).contains("table.bin: the table is damaged"), "{}", stderr(&damaged));
}

#[test]
fn a_search_on_nas_bench_201_is_graded_by_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let table = table(folder.path());
    let searched = folder.path().join("run");
    finished_search(&searched, &["--set", "space=nas-bench-201"]);
    let front: serde_json::Value =
        serde_json::from_slice(&fs::read(searched.join("front.json")).unwrap()).unwrap();
    for member in front["members"].as_array().unwrap() {
        member["genotype"].as_str().unwrap().parse::<NasBench201Cell>().unwrap();
        assert!(member["cells"].is_null());
    }
    assert!(fs::read_to_string(searched.join("report.html")).unwrap().contains("nor_conv_3x3"));
    resume(&searched);

    let name = searched.to_str().unwrap();
    let output = run(&["check-supernet", name, "--table", &table, "--networks", "12", "--json"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let card: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(card["ranking"]["networks"].as_array().unwrap().len(), 12);
    let kendall = &card["ranking"]["recalibrated"]["kendall"];
    assert!(kendall["low"].as_f64() <= kendall["value"].as_f64(), "{kendall}");
    let shares = card["operations"][0]["shares"].as_object().unwrap();
    assert!((shares.values().filter_map(serde_json::Value::as_f64).sum::<f64>() - 1.0).abs() < 1e-9);

    let retrain = run(&["check-supernet", name, "--retrain", "2", "--epochs", "1"]);
    assert_eq!(retrain.status.code(), Some(1));
    assert!(stderr(&retrain).contains("compare it with a table"), "{}", stderr(&retrain));
}

#[test]
fn a_search_on_darts_is_graded_by_networks_trained_alone() {
    let folder = tempfile::tempdir().unwrap();
    let searched = folder.path().join("run");
    finished_search(&searched, &[]);
    let name = searched.to_str().unwrap();
    let grade = ["check-supernet", name, "--retrain", "3", "--epochs", "1"];
    let output = run(&grade);
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.contains("## Ranking of 3 networks against test accuracy after 1 epochs alone"), "{text}");
    assert!(text.contains("| recalibrated |") && text.contains("skip_connect"), "{text}");
    // What was trained is not trained again, and says the same.
    assert_eq!(stdout(&run(&grade)), text);
    assert!(searched.join("check-supernet/network-3/evaluation.json").exists());
    let table = table(folder.path());
    let foreign = run(&["check-supernet", name, "--table", &table]);
    assert!(stderr(&foreign).contains("retrain some networks instead"), "{}", stderr(&foreign));
}
