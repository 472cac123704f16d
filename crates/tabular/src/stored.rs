//! The compact form of a table: a header, a checksum, the names, then the columns as they lie in memory. What
//! was cut, changed or written by a newer program is told apart from a good file.
//!
//! Little-endian: `CARSTABL`, version (u32), SHA-256 of what follows, number of columns (u32); for each its name (length
//! as u32, UTF-8); then for each 15,625 numbers (f64) by cell number.

use sha2::{Digest, Sha256};
use space::NasBench201Cell;

use crate::error::TabularError;
use crate::table::{Column, Table};

const MAGIC: &[u8; 8] = b"CARSTABL";

/// The version written, and the newest read.
const VERSION: u32 = 1;

/// More columns than any table has: a length beyond it is damage.
const MOST_COLUMNS: u32 = 1 << 16;

impl Table {
    /// The table as the bytes of a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut payload = Vec::new();
        payload.extend((self.columns.len() as u32).to_le_bytes());
        for column in &self.columns {
            payload.extend((column.name.len() as u32).to_le_bytes());
            payload.extend(column.name.as_bytes());
        }
        for value in self.columns.iter().flat_map(|column| &column.values) {
            payload.extend(value.to_le_bytes());
        }
        let sum: [u8; 32] = Sha256::digest(&payload).into();
        [&MAGIC[..], &VERSION.to_le_bytes(), &sum, &payload].concat()
    }

    /// Reads what [`Table::to_bytes`] wrote. Fails for any other file, a newer version, or a damaged one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TabularError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(TabularError::NotATable)?;
        let (version, rest) = rest.split_first_chunk::<4>().ok_or(TabularError::Damaged)?;
        let found = u32::from_le_bytes(*version);
        if found > VERSION {
            return Err(TabularError::Newer { found, known: VERSION });
        }
        let (sum, payload) = rest.split_first_chunk::<32>().ok_or(TabularError::Damaged)?;
        if <[u8; 32]>::from(Sha256::digest(payload)) != *sum {
            return Err(TabularError::Damaged);
        }
        let columns = parse(payload).ok_or(TabularError::Damaged)?;
        Ok(Self { columns })
    }
}

fn parse(mut rest: &[u8]) -> Option<Vec<Column>> {
    let count = length(&mut rest).filter(|&count| count < MOST_COLUMNS)?;
    let mut columns = Vec::new();
    for _ in 0..count {
        let name = length(&mut rest)?;
        let (name, after) = rest.split_at_checked(name as usize)?;
        columns.push(Column::empty(std::str::from_utf8(name).ok()?));
        rest = after;
    }
    let values = columns.iter_mut().flat_map(|column| &mut column.values);
    let (numbers, []) = rest.as_chunks::<8>() else { return None };
    if numbers.len() != count as usize * NasBench201Cell::COUNT {
        return None;
    }
    values.zip(numbers).for_each(|(value, bytes)| *value = f64::from_le_bytes(*bytes));
    Some(columns)
}

/// Takes a length off the front.
fn length(rest: &mut &[u8]) -> Option<u32> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    Some(u32::from_le_bytes(*length))
}
