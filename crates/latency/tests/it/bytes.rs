//! What must hold for any bytes handed to the readers of tables: a table that is written and read back, or an error with
//! words in it. Shared with the fuzz target in `fuzz/`.

use latency::Table;

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
}
