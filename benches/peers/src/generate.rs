//! The matrices of the published table, drawn anew: the same kinds and sizes, other numbers; and the uniform cube at every size,
//! so that a chart over n has no gaps. Small matrices come in many copies, or the branch predictor learns them by heart.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use rand::RngExt;
use random::{Purpose, Stream, stream};

use crate::cases;

const PUBLISHED: &str = include_str!("../published.tsv");
const SIZES: [usize; 5] = [100, 256, 1_000, 10_000, 100_000];
const OBJECTIVES: [usize; 7] = [2, 3, 4, 5, 8, 10, 15];

/// Rows of a file with small matrices, about.
const ROWS: usize = 65_536;

/// Writes every file that is not there yet.
pub(crate) fn all(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (n, m, kind) in shapes()? {
        // Powers of two, or one matrix alone.
        let copies = if n <= 1_000 { 1 << (ROWS / n).ilog2() } else { 1 };
        let suffix = if copies > 1 { format!("_x{copies}") } else { String::new() };
        let path = folder.join(format!("{kind}_n{n}_m{m}{suffix}.bin"));
        if !path.is_file() {
            let values: Vec<f64> = (0..copies).flat_map(|copy| matrix(kind, n, m, copy)).collect();
            cases::write(&path, m, &values)?;
        }
    }
    Ok(())
}

/// Size, objectives and kind of every case.
fn shapes() -> Result<Vec<(usize, usize, &'static str)>> {
    let mut shapes = Vec::new();
    for line in PUBLISHED.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [n, m, kind, ..] = columns[..] else { anyhow::bail!("published.tsv: `{line}` has no kind") };
        shapes.push((n.parse()?, m.parse()?, kind));
    }
    shapes.extend(SIZES.iter().flat_map(|&n| OBJECTIVES.map(|m| (n, m, "unif"))));
    shapes.sort_unstable();
    shapes.dedup();
    Ok(shapes)
}

fn matrix(kind: &str, n: usize, m: usize, copy: u64) -> Vec<f64> {
    let mut rng = stream(kind.bytes().map(u64::from).sum(), Purpose::Test, copy, (n * 100 + m) as u64);
    if kind == "chain" {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            order.swap(i, rng.random_range(0..=i));
        }
        return order.iter().flat_map(|&place| vec![place as f64; m]).collect();
    }
    (0..n).flat_map(|_| row(kind, m, &mut rng)).collect()
}

fn row(kind: &str, m: usize, rng: &mut Stream) -> Vec<f64> {
    match kind {
        "sphere" => on_sphere(m, rng),
        "evo" => {
            let distance = 1.0 + 0.15 * exponential(rng);
            on_sphere(m, rng).iter().map(|value| value * distance).collect()
        }
        "corr" => {
            let common: f64 = rng.random();
            (0..m).map(|_| common + 0.02 * rng.random::<f64>()).collect()
        }
        "int10" => (0..m).map(|_| f64::from(rng.random_range(0..10))).collect(),
        "acc" => (0..m).map(|column| rounded(column, rng)).collect(),
        _ => (0..m).map(|_| rng.random()).collect(),
    }
}

/// On the front of DTLZ2: the positive part of the unit sphere, uniformly.
fn on_sphere(m: usize, rng: &mut Stream) -> Vec<f64> {
    let point: Vec<f64> = (0..m).map(|_| normal(rng).abs()).collect();
    let length = point.iter().map(|value| value * value).sum::<f64>().sqrt();
    point.iter().map(|value| value / length).collect()
}

/// Values of an architecture search: an error to three digits, then a whole latency and a power of two by turns.
fn rounded(column: usize, rng: &mut Stream) -> f64 {
    match column {
        0 => {
            // The second smallest of six uniform numbers is a draw of Beta(2, 5).
            let mut draws: [f64; 6] = std::array::from_fn(|_| rng.random());
            draws.sort_unstable_by(f64::total_cmp);
            ((0.05 + 0.3 * (1.0 - draws[1])) * 1000.0).round() / 1000.0
        }
        _ if column % 2 == 1 => (3.0 + 0.6 * normal(rng)).exp().floor(),
        _ => f64::from(1_u32 << rng.random_range(4..14)),
    }
}

fn exponential(rng: &mut Stream) -> f64 {
    -(1.0 - rng.random::<f64>()).ln()
}

/// A standard normal number (Box and Muller 1958, DOI 10.1214/aoms/1177706645).
fn normal(rng: &mut Stream) -> f64 {
    (2.0 * exponential(rng)).sqrt() * (std::f64::consts::TAU * rng.random::<f64>()).cos()
}
