//! What must hold for any bytes handed to the readers of tables: a table that is written and read back, or an error with
//! words in it. Shared with the fuzz target in `fuzz/`.

use latency::{Conditions, Precision, Table};
use space::{MacroPlan, Style};

pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for read in [Table::from_json(&text), Table::from_csv(&text)] {
        match read {
            Ok(table) => {
                assert_eq!(Table::from_json(&table.to_json()).as_ref(), Ok(&table));
                assert_eq!(Table::from_csv(&table.to_csv()).as_ref(), Ok(&table));
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    if let Ok(table) = Table::from_measured(&text, conditions()) {
        assert_eq!(Table::from_json(&table.to_json()), Ok(table));
    }
}

fn conditions() -> Conditions {
    Conditions {
        device: "device".to_owned(),
        threads: 1,
        batch: 1,
        precision: Precision::F32,
        warm_up: 0,
        repeats: 1,
        network: Style::StandAlone,
        frame: MacroPlan::search(),
        software: "software".to_owned(),
        date: "2026-11-25".to_owned(),
    }
}
