//! `cars tabular import`: comma-separated text, plain or gzip, becomes the compact form of a table.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use cars::run_dir::replace_file;
use cars::tabular::Table;
use clap::Args;
use flate2::read::GzDecoder;

use super::wrong;
use crate::output;

/// Make the compact form of a table from comma-separated text
///
/// The first file names its cells in the notation of NAS-Bench-201; further files, as of latencies, do so too or have the same
/// column `index`. Every column of numbers is taken, under its own name.
#[derive(Args)]
pub(super) struct Import {
    /// The files, plain or gzip
    #[arg(value_name = "CSV", required = true)]
    files: Vec<PathBuf>,
    /// The table to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Import {
    pub(super) fn run(&self) -> Result<ExitCode> {
        let mut table: Option<Table> = None;
        for path in &self.files {
            let text = text(path)?;
            let outcome = match &mut table {
                Some(table) => table.add(text.as_slice()),
                None => Table::read(text.as_slice()).map(|first| table = Some(first)),
            };
            outcome.map_err(wrong).with_context(|| path.display().to_string())?;
        }
        let table = table.ok_or_else(|| anyhow!("no file"))?;
        replace_file(&self.output, &table.to_bytes())?;
        let columns: Vec<&str> = table.names().collect();
        output::note(&format!("{}: {}", self.output.display(), columns.join(", ")));
        Ok(ExitCode::SUCCESS)
    }
}

/// The text of a file, unpacked if it begins as gzip does.
fn text(path: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut text = Vec::new();
    let unpacked = GzDecoder::new(bytes.as_slice()).read_to_end(&mut text);
    unpacked.map_err(wrong).with_context(|| format!("cannot unpack {}", path.display()))?;
    Ok(text)
}
