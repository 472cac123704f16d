//! Reading: every field where it belongs, every fault named with its line and column.

use proptest::prelude::*;
use space::NasBench201Cell;
use tabular::{Columns, Table, TabularError};

const COLUMNS: Columns<'_> = Columns {
    cell: "arch_str",
    validation_accuracy: "valid",
    test_accuracy: "test",
    parameters: "params",
    multiply_adds: "macs",
};

const TEXT: &str = "\
index,arch_str,test,valid,macs,params
0,|none~0|+|none~0|none~1|+|none~0|none~1|nor_conv_1x1~2|,50.5,49,11715210,101306
1,|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|,100,0,7783050,73306
";

fn read(text: &str) -> Result<Table, TabularError> {
    Table::read(text.as_bytes(), &COLUMNS)
}

#[test]
fn columns_are_found_by_name() {
    let table = read(TEXT).unwrap();
    assert_eq!(table.len(), 2);
    for (cell, record) in table.iter() {
        assert_eq!(record.parameters, cell.parameters());
        assert_eq!(record.multiply_adds, cell.multiply_adds());
    }
    let cell = "|none~0|+|none~0|none~1|+|none~0|none~1|nor_conv_1x1~2|".parse().unwrap();
    let record = table.look_up(&cell).unwrap();
    assert_eq!((record.validation_accuracy, record.test_accuracy), (49.0, 50.5));
    let other: NasBench201Cell = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|".parse().unwrap();
    assert_eq!(table.look_up(&other), Err(TabularError::Unknown { cell: other }));
}

#[test]
fn faults_are_named() {
    let check = |from: &str, to: &str, expected: &str| {
        assert!(TEXT.contains(from));
        let error = read(&TEXT.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}\nexpected: {expected}");
    };
    check(
        "valid",
        "val",
        "line 1: no column `valid`; the table has index, arch_str, test, val, macs, params",
    );
    check("50.5", "150.5", "line 2, column `test`: expected a percentage from 0 to 100, found `150.5`");
    check("50.5", "NaN", "line 2, column `test`: expected a percentage from 0 to 100, found `NaN`");
    check(",49,", ",-1,", "line 2, column `valid`: expected a percentage from 0 to 100, found `-1`");
    check("73306", "7.3e4", "line 3, column `params`: expected a whole number, found `7.3e4`");
    check("7783050", "", "line 3, column `macs`: expected a whole number, found ``");
    check("avg_pool_3x3", "avgpool_3x3", "line 3: character 2: expected one of none, skip_connect");
    check(",73306", "", "line 3: ");
    check(
        "|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|",
        SECOND,
        "line 3: cell `|none~0|",
    );
    assert_eq!(read(TEXT.lines().next().unwrap()), Err(TabularError::Empty));
    assert!(matches!(read(""), Err(TabularError::Column { .. })));
    let bytes = TEXT.replace("avg", "\u{e4}vg").replace('\u{e4}', "?").into_bytes();
    let bytes: Vec<u8> = bytes.into_iter().map(|byte| if byte == b'?' { 0xff } else { byte }).collect();
    let error = Table::read(bytes.as_slice(), &COLUMNS).unwrap_err();
    assert!(matches!(error, TabularError::Text { line: 3, .. }), "{error:?}");
}

/// The cell of line 2.
const SECOND: &str = "|none~0|+|none~0|none~1|+|none~0|none~1|nor_conv_1x1~2|";

proptest! {
    #[test]
    fn a_changed_table_is_a_table_or_an_error(place in any::<prop::sample::Index>(), new in any::<u8>()) {
        let mut bytes = TEXT.as_bytes().to_vec();
        let place = place.index(bytes.len());
        bytes[place] = new;
        if let Ok(table) = Table::read(bytes.as_slice(), &COLUMNS) {
            for (_, record) in table.iter() {
                prop_assert!((0.0..=100.0).contains(&record.test_accuracy));
                prop_assert!((0.0..=100.0).contains(&record.validation_accuracy));
            }
        }
    }
}
