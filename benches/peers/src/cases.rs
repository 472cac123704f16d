//! Files of matrices: `NDSCASE1`, rows and columns as u64, then f64 row by row, all little-endian. A file named `NAME_xK.bin`
//! holds K matrices of equal size, one under the other, to be sorted in rotation. `NAME.ranks` beside it (`NDSRANK1`, rows and
//! fronts as u64, then u32) are the expected ranks. Trusts no length that the file does not bear out.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

const MATRIX: &[u8; 8] = b"NDSCASE1";
const RANKS: &[u8; 8] = b"NDSRANK1";
const HEADER: usize = 24;

/// Matrices of one size and kind.
pub(crate) struct Case {
    /// The file's name without its ending.
    pub(crate) name: String,
    pub(crate) n: usize,
    pub(crate) m: usize,
    /// Row-major.
    pub(crate) matrices: Vec<Vec<f64>>,
    /// What the first matrix must give, if known.
    pub(crate) ranks: Option<Vec<u32>>,
}

pub(crate) fn read(path: &Path) -> Result<Case> {
    let name = path.file_stem().and_then(|stem| stem.to_str()).context("a file needs a readable name")?;
    let (body, rows, m) = parts(path, MATRIX)?;
    ensure!(
        m > 0 && rows.checked_mul(m).and_then(|len| len.checked_mul(8)) == Some(body.len()),
        "{}: {rows} x {m} numbers do not fit its length",
        path.display()
    );
    let copies = copies(name);
    ensure!(rows % copies == 0, "{}: {rows} rows are no {copies} matrices", path.display());
    let n = rows / copies;
    let values: Vec<f64> = body.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    let matrices =
        if n == 0 { vec![Vec::new()] } else { values.chunks_exact(n * m).map(<[f64]>::to_vec).collect() };
    let beside = path.with_extension("ranks");
    let ranks = if copies == 1 && beside.is_file() { Some(ranks(&beside, n)?) } else { None };
    Ok(Case { name: name.to_owned(), n, m, matrices, ranks })
}

pub(crate) fn write(path: &Path, m: usize, values: &[f64]) -> Result<()> {
    let mut bytes = Vec::with_capacity(HEADER + 8 * values.len());
    bytes.extend_from_slice(MATRIX);
    bytes.extend_from_slice(&((values.len() / m) as u64).to_le_bytes());
    bytes.extend_from_slice(&(m as u64).to_le_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

fn ranks(path: &Path, n: usize) -> Result<Vec<u32>> {
    let (body, rows, _) = parts(path, RANKS)?;
    ensure!(rows == n && body.len() == 4 * n, "{}: not the ranks of {n} rows", path.display());
    Ok(body.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
}

/// The bytes behind the header, and the header's two numbers.
fn parts(path: &Path, magic: &[u8; 8]) -> Result<(Vec<u8>, usize, usize)> {
    let mut bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(
        bytes.len() >= HEADER && bytes.starts_with(magic),
        "{}: does not begin with {}",
        path.display(),
        magic.escape_ascii()
    );
    let body = bytes.split_off(HEADER);
    let (numbers, _) = bytes[8..].as_chunks();
    let [first, second] = [0, 1].map(|index: usize| u64::from_le_bytes(numbers[index]));
    Ok((body, usize::try_from(first)?, usize::try_from(second)?))
}

/// How many matrices a file of that name holds.
fn copies(name: &str) -> usize {
    name.rsplit_once("_x")
        .and_then(|(_, copies)| copies.parse().ok())
        .filter(|&copies| copies > 0)
        .unwrap_or(1)
}
