//! The compact form: what was written is read back, and nothing else.

use tabular::{Table, TabularError};

use crate::reading::TEXT;

#[test]
fn what_was_written_is_read() {
    let table = Table::read(TEXT.as_bytes()).unwrap();
    let bytes = table.to_bytes();
    assert_eq!(Table::from_bytes(&bytes).unwrap(), table);
    assert_eq!(Table::from_bytes(TEXT.as_bytes()), Err(TabularError::NotATable));
    assert_eq!(Table::from_bytes(&[]), Err(TabularError::NotATable));
    for length in [8, 11, 12, 43, 44, 60, bytes.len() - 8, bytes.len() - 1] {
        assert_eq!(Table::from_bytes(&bytes[..length]), Err(TabularError::Damaged), "length {length}");
    }
    let longer = [&bytes[..], &[0; 8]].concat();
    assert_eq!(Table::from_bytes(&longer), Err(TabularError::Damaged));
    for byte in [12, 44, 48, 60, bytes.len() / 2, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[byte] ^= 1;
        assert_eq!(Table::from_bytes(&damaged), Err(TabularError::Damaged), "byte {byte}");
    }
    let mut newer = bytes;
    newer[8] = 2;
    assert_eq!(Table::from_bytes(&newer), Err(TabularError::Newer { found: 2, known: 1 }));
}
