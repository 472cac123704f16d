//! Searches over a made-up table whose front is known.

use std::collections::BTreeSet;
use std::fmt::Write;

use evolution::Selection;
use space::{NasBench201Cell, NasBench201Operation};
use tabular::{Method, Problem, Settings, Table, TabularError, run, study};

/// All cells with an accuracy that grows with convolutions, more so late in the cell, and a test
/// accuracy that is a little off the validation accuracy in a fixed, irregular way.
pub(crate) fn made_up() -> Table {
    let worth = |operation| match operation {
        NasBench201Operation::None => 0.0,
        NasBench201Operation::AvgPool3x3 => 0.5,
        NasBench201Operation::SkipConnect => 1.5,
        NasBench201Operation::Conv1x1 => 2.5,
        NasBench201Operation::Conv3x3 => 3.0,
    };
    let mut text = String::from("cell,valid,test,ms\n");
    for (number, cell) in NasBench201Cell::all().enumerate() {
        let gain: f64 = cell.operations.iter().zip(1..).map(|(&o, edge)| worth(o) * f64::from(edge)).sum();
        let valid = 10.0 + gain;
        let test = valid + (number * 7919 % 101) as f64 / 100.0;
        writeln!(text, "{cell},{valid},{test},{}", 1 + number % 13).unwrap();
    }
    Table::read(text.as_bytes()).unwrap()
}

#[test]
fn every_method_keeps_to_its_budget_and_repeats() {
    let table = made_up();
    let problem = Problem::new(&table, &["error", "parameters"], ["valid", "test"]).unwrap();
    for method in Method::ALL {
        let find = |budget, seed| run(method, &problem, &Settings::default(), budget, seed).unwrap();
        for budget in [1, 7, 300] {
            let found = find(budget, 1);
            let distinct: BTreeSet<_> = found.cells.iter().collect();
            assert_eq!((found.cells.len(), distinct.len()), (budget, budget), "{method:?}");
        }
        assert_eq!(find(100, 3), find(100, 3), "{method:?}");
        assert_ne!(find(100, 3), find(100, 4), "{method:?}");
    }
}

#[test]
fn the_whole_space_is_the_true_front() {
    let table = made_up();
    let problem = Problem::new(&table, &["accuracy", "macs", "ms"], ["valid", "test"]).unwrap();
    let all = run(Method::Random, &problem, &Settings::default(), NasBench201Cell::COUNT, 0).unwrap();
    let verdict = problem.judge(&all);
    assert_eq!(verdict.drive_share, 1.0);
    assert!(verdict.share <= 1.0 && verdict.share > 0.9, "{verdict:?}");
    let same = Problem::new(&table, &["accuracy", "macs", "ms"], ["test", "test"]).unwrap();
    assert_eq!(same.judge(&all).share, 1.0);
}

#[test]
fn every_selection_beats_chance_on_a_made_up_table() {
    let table = made_up();
    let problem = Problem::new(&table, &["accuracy", "parameters"], ["valid", "test"]).unwrap();
    let median = |method, selection| {
        let settings = Settings { selection, ..Settings::default() };
        study(method, &problem, &settings, 300, 0..11).unwrap().drive_hypervolume.median
    };
    let chance = median(Method::Random, Selection::Nsga2);
    for selection in [Selection::Pnsga3Released, Selection::Pnsga3Paper, Selection::Nsga3, Selection::Nsga2] {
        let share = median(Method::Evolution, selection);
        assert!(share > chance && share > 0.93, "{selection:?}: {share}, by chance {chance}");
    }
    let regularised = median(Method::Regularised, Selection::Nsga2);
    assert!(regularised > chance, "{regularised}, by chance {chance}");
}

#[test]
fn what_cannot_be_searched_for_is_named() {
    let table = made_up();
    let refuse = |objectives: &[&str], columns: [&str; 2], expected: &str| {
        let error = Problem::new(&table, objectives, columns).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\nexpected: {expected}");
    };
    let columns = ["valid", "test"];
    refuse(&["parameters"], columns, "objectives `parameters`: expected accuracy or error, then");
    refuse(&["accuracy"], columns, "objectives `accuracy`: expected");
    refuse(&["accuracy", "ms", "ms"], columns, "objectives `accuracy,ms,ms`: expected");
    refuse(&["accuracy", "error"], columns, "objectives `accuracy,error`: expected");
    refuse(&["accuracy", "watts"], columns, "the table has no column `watts`; it has valid, test, ms");
    refuse(&["accuracy", "ms"], ["valid", "tset"], "the table has no column `tset`");
    let problem = Problem::new(&table, &["accuracy", "ms"], columns).unwrap();
    for budget in [0, NasBench201Cell::COUNT + 1] {
        let error = run(Method::Random, &problem, &Settings::default(), budget, 0);
        assert_eq!(error, Err(TabularError::Budget { found: budget }));
    }
}
