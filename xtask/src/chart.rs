//! `cargo xtask chart`: draws what `cargo xtask peers` has measured, points sorted a second over n, one line for each number of
//! objectives, ours and the fastest peer's. Measures nothing.

mod svg;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use crate::peers::results::{self, Medians, OURS, Row, fastest, medians};
use crate::workspace;
use svg::Line;

/// Draw the throughput of sorting from measured rows.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  cargo xtask peers unif && cargo xtask chart")]
pub(crate) struct Arguments {
    /// Rows that `cargo xtask peers` wrote
    #[arg(long, value_name = "FILE", default_value = results::DEFAULT)]
    rows: PathBuf,
    /// The kind of input to draw
    #[arg(long, default_value = "unif")]
    kind: String,
    /// The figure
    #[arg(long, default_value = "docs/sorting-throughput.svg")]
    svg: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let root = workspace::root();
    let path = root.join(&arguments.rows);
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}; `cargo xtask peers` writes it", path.display()))?;
    let rows: Vec<Row> = text.lines().filter_map(Row::parse).collect();
    let measured = medians(&rows);
    let lines = lines(&measured, &arguments.kind);
    ensure!(!lines.is_empty(), "no rows of {OURS} on `{}` in {}", arguments.kind, path.display());
    let machine = text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or("unknown machine");
    let peers = fastest_peers(&measured, &arguments.kind);
    let note = format!(
        "Inputs: {}. Solid: {OURS}. Dashed: the fastest peer of each case ({peers}). One thread, medians; {machine}.",
        arguments.kind
    );
    write(&root.join(&arguments.svg), &svg::draw(&lines, &note))?;
    println!("{} lines in {}", lines.len(), arguments.svg.display());
    Ok(ExitCode::SUCCESS)
}

/// Ours and the fastest peer's, for each number of objectives.
fn lines(measured: &Medians, kind: &str) -> Vec<Line> {
    let mut lines: BTreeMap<(usize, bool), Vec<(f64, f64)>> = BTreeMap::new();
    for (shape, peers) in measured.iter().filter(|(shape, _)| shape.kind == kind) {
        let n = shape.n as f64;
        let mut add = |is_ours, median: f64| {
            lines.entry((shape.m, is_ours)).or_default().push((n, n / median * 1e3));
        };
        if let Some(&median) = peers.get(OURS) {
            add(true, median);
        }
        if let Some((_, median)) = fastest(peers) {
            add(false, median);
        }
    }
    lines.into_iter().map(|((m, is_ours), points)| Line { m, is_ours, points }).collect()
}

/// Names of all peers that are the fastest somewhere.
fn fastest_peers(measured: &Medians, kind: &str) -> String {
    let of_kind = measured.iter().filter(|(shape, _)| shape.kind == kind);
    let mut names: Vec<&str> =
        of_kind.filter_map(|(_, peers)| fastest(peers)).map(|(peer, _)| peer).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() { "none was timed".to_owned() } else { names.join(", ") }
}

#[allow(clippy::disallowed_methods, reason = "a figure that a kill leaves half written is drawn again")]
fn write(path: &std::path::Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_points_a_second_by_size() {
        let row = |peer: &str, n: usize, median: f64| {
            Row::parse(&format!("{peer}\tunif_n{n}_m3\t0\t0\t0\t{median}\t1\t1\t-1")).unwrap()
        };
        let rows = [
            row(OURS, 10_000, 2.0),
            row(OURS, 1_000, 0.1),
            row("moors", 1_000, 5.0),
            row("slow", 1_000, 9.0),
        ];
        let lines = lines(&medians(&rows), "unif");
        let points: Vec<(bool, &[(f64, f64)])> =
            lines.iter().map(|line| (line.is_ours, line.points.as_slice())).collect();
        assert_eq!(points, [(false, &[(1e3, 2e5)][..]), (true, &[(1e3, 1e7), (1e4, 5e6)][..])]);
        assert_eq!(fastest_peers(&medians(&rows), "unif"), "moors");
    }
}
