//! Times the sort of `cars-pareto` beside that of other Rust crates: the same matrices, the same process, in turn.
//! `cargo xtask peers` drives it; alone it writes its own matrices, and reads those of any other program in that format.
//! Knows no peers outside Rust.

mod cases;
mod generate;
mod peers;
mod timing;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};

const USAGE: &str = "usage:
  cars-peers generate DIR                               write the matrices of the published table to DIR
  cars-peers time [--only NAME] [--budget SECONDS] FILE...
                                                        sort the matrices of each file in turn, one line a peer:
                                                        peer, case, n, m, min_ms, median_ms, runs, fronts, wrong";

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("generate") => match (arguments.next(), arguments.next()) {
            (Some(folder), None) => generate::all(&PathBuf::from(folder)),
            _ => bail!("generate takes one folder\n{USAGE}"),
        },
        Some("time") => time(arguments),
        _ => bail!("{USAGE}"),
    }
}

fn time(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let mut only = None;
    let mut budget = 0.4;
    let mut files = Vec::new();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--only" => only = arguments.next(),
            "--budget" => {
                let text = arguments.next().unwrap_or_default();
                budget = match text.parse() {
                    Ok(seconds) if (0.0..=3600.0).contains(&seconds) => seconds,
                    _ => bail!("--budget takes seconds, found `{text}`"),
                };
            }
            option if option.starts_with("--") => bail!("unknown option {option}\n{USAGE}"),
            file => files.push(PathBuf::from(file)),
        }
    }
    for file in files {
        let case = cases::read(&file)?;
        let mut peers = peers::all(&case);
        peers.retain(|peer| only.as_deref().is_none_or(|only| peer.name().contains(only)));
        timing::run(&case, &mut peers, Duration::from_secs_f64(budget));
    }
    Ok(())
}
