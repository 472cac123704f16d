//! Reading: every field where it belongs, every fault named with its line and column.

use proptest::prelude::*;
use space::NasBench201Cell;
use tabular::{Table, TabularError};

pub(crate) const TEXT: &str = "\
index,arch_str,note,test,valid,ms
7,|none~0|+|none~0|none~1|+|none~0|none~1|nor_conv_1x1~2|,first,50.5,49,1.5
9,|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|,second,100,0,
";

/// The cell of line 2.
const FIRST: &str = "|none~0|+|none~0|none~1|+|none~0|none~1|nor_conv_1x1~2|";
/// The cell of line 3.
const SECOND: &str = "|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|";

fn read(text: &str) -> Result<Table, TabularError> {
    Table::read(text.as_bytes())
}

#[test]
fn columns_of_numbers_are_taken() {
    let table = read(TEXT).unwrap();
    assert_eq!(table.names().collect::<Vec<_>>(), ["index", "test", "valid", "ms"]);
    let value = |column: &str, cell: &str| table.value(column, &cell.parse().unwrap()).unwrap();
    assert_eq!(
        (value("valid", FIRST), value("test", FIRST), value("ms", FIRST)),
        (Some(49.0), Some(50.5), Some(1.5))
    );
    assert_eq!((value("test", SECOND), value("ms", SECOND)), (Some(100.0), None));
    let other = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|";
    assert_eq!(value("test", other), None);
    let gaps = table.complete("ms").unwrap_err().to_string();
    assert!(
        gaps.starts_with(&format!("column `ms` lacks 15624 of 15625 cells, the first is {other}")),
        "{gaps}"
    );
    let unknown = table.complete("tset").unwrap_err().to_string();
    assert_eq!(unknown, "the table has no column `tset`; it has index, test, valid, ms");
}

#[test]
fn a_second_file_is_joined_by_cell_or_index() {
    let mut table = read(TEXT).unwrap();
    table.add(format!("joules,cell\n3,{SECOND}\n").as_bytes()).unwrap();
    table.add("index,pixel_ms\n9,12.5\n7,4\n".as_bytes()).unwrap();
    let value = |column: &str, cell: &str| table.value(column, &cell.parse().unwrap()).unwrap();
    assert_eq!((value("joules", FIRST), value("joules", SECOND)), (None, Some(3.0)));
    assert_eq!((value("pixel_ms", FIRST), value("pixel_ms", SECOND)), (Some(4.0), Some(12.5)));
    let mut refuse = |text: &str, expected: &str| {
        let error = table.add(text.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\nexpected: {expected}");
    };
    refuse("index,watts\n8,1\n", "line 2, column `index`: expected an index of the table, found `8`");
    refuse("index,valid\n9,1\n", "column `valid` is there twice");
    refuse("number,watts\n9,1\n", "no column names cells");
}

#[test]
fn faults_are_named() {
    let check = |from: &str, to: &str, expected: &str| {
        assert!(TEXT.contains(from));
        let error = read(&TEXT.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\nexpected: {expected}");
    };
    check("100", "NaN", "line 3, column `test`: expected a finite number or nothing, found `NaN`");
    check("100", "much", "line 3, column `test`: expected a finite number or nothing, found `much`");
    check("avg_pool_3x3", "avgpool_3x3", "line 3: character 2: expected one of none, skip_connect");
    check(",second", "", "line 3: ");
    check(SECOND, FIRST, "line 3: cell `|none~0|");
    assert_eq!(read(TEXT.lines().next().unwrap()), Err(TabularError::Empty));
    assert!(matches!(read("a,b\n1,2\n"), Err(TabularError::NoCell { .. })));
    let mut bytes = TEXT.as_bytes().to_vec();
    let place = TEXT.find("avg").unwrap();
    bytes[place] = 0xff;
    let error = Table::read(bytes.as_slice()).unwrap_err();
    assert!(matches!(error, TabularError::Text { line: 3, .. }), "{error:?}");
}

proptest! {
    #[test]
    fn a_changed_table_is_a_table_or_an_error(place in any::<prop::sample::Index>(), new in any::<u8>()) {
        let mut bytes = TEXT.as_bytes().to_vec();
        let place = place.index(bytes.len());
        bytes[place] = new;
        if let Ok(table) = Table::read(bytes.as_slice()) {
            let first: NasBench201Cell = FIRST.parse().unwrap();
            for name in table.names() {
                prop_assert!(table.value(name, &first).unwrap().is_none_or(f64::is_finite));
            }
        }
    }
}
