//! `cars-pareto` alone: rows of numbers in; fronts, survivors and a hypervolume out. Every column is minimised, so negate what
//! should be large. Run it on built-in rows, on a file, or with `-` on standard input:
//!
//! `cargo run --package cars-examples --bin pareto_only [FILE]`

#![allow(clippy::print_stdout, reason = "an example shows its results")]

use std::io::Read;

use anyhow::{Context, Result, ensure};
use pareto::reference::{das_dennis, divisions};
use pareto::{Objectives, fronts, hypervolume, non_dominated, nsga3};
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

/// Ten networks, invented: error in percent, parameters in millions, latency in milliseconds.
const NETWORKS: &str = "\
error, parameters, latency
3.1, 2.4, 11
2.9, 2.9, 14
2.7, 3.3, 13
2.8, 3.5, 15
2.6, 3.6, 19
2.6, 4.2, 21
3.0, 2.4, 16
2.5, 5.1, 30
3.4, 2.2,  9
3.5, 2.6, 10
";

fn main() -> Result<()> {
    let text = match std::env::args().nth(1).as_deref() {
        None => NETWORKS.to_owned(),
        Some("-") => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
            text
        }
        Some(path) => std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?,
    };
    let (values, m) = parse(&text)?;

    // The one input type: a checked view of rows. A NaN is refused here, with its row and column.
    let objectives = Objectives::new(&values, m)?;
    let n = objectives.n();
    println!("{n} rows of {m} objectives\n");

    // Who dominates whom, layer by layer. `ranks` gives the same as one number a row.
    for (rank, front) in fronts(&objectives).iter().enumerate() {
        println!("front {rank}: rows {front:?}");
    }

    // The first front alone is cheaper than all of them.
    let best = non_dominated(&objectives);
    println!("\nnot dominated by any row: {} of {n}", best.len());

    // Half of the rows survive, spread evenly over directions. The same seed gives the same survivors.
    let keep = n / 2;
    let directions = das_dennis(m, divisions(m, keep));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let survivors = nsga3::select(&objectives, keep, &directions, &mut rng);
    println!("NSGA-III keeps {keep} of {n}: rows {survivors:?}");

    // The volume that the first front dominates, up to a point a tenth beyond the worst of every objective.
    let reference: Vec<f64> = (0..m).map(|column| beyond_worst(&objectives, column)).collect();
    println!("hypervolume up to {reference:.2?}: {:.4}", hypervolume(&objectives, &reference));
    Ok(())
}

fn beyond_worst(objectives: &Objectives<'_>, column: usize) -> f64 {
    let column = || objectives.rows().map(|row| row[column]);
    let (least, most) = (column().fold(f64::INFINITY, f64::min), column().fold(f64::NEG_INFINITY, f64::max));
    most + 0.1 * (most - least)
}

/// Numbers between commas, semicolons or blanks, a row a line; a heading, empty lines and lines from `#` on are passed over.
fn parse(text: &str) -> Result<(Vec<f64>, usize)> {
    let mut values = Vec::new();
    let mut m = 0;
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#')) {
        let is_separator = |c: char| c == ',' || c == ';' || c.is_whitespace();
        let words: Vec<&str> = line.split(is_separator).filter(|word| !word.is_empty()).collect();
        let numbers: Vec<f64> = words.iter().filter_map(|word| word.parse().ok()).collect();
        let is_heading = values.is_empty() && numbers.is_empty();
        if words.is_empty() || is_heading {
            continue;
        }
        ensure!(
            numbers.len() == words.len(),
            "line {}: `{line}` holds something that is no number",
            index + 1
        );
        m = if m == 0 { numbers.len() } else { m };
        ensure!(numbers.len() == m, "line {}: {} numbers, the rows above have {m}", index + 1, numbers.len());
        values.extend(numbers);
    }
    ensure!(!values.is_empty(), "no rows of numbers");
    Ok((values, m))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_people_write_them() {
        let rows = |text| parse(text).unwrap();
        assert_eq!(rows("a,b\n1, 2\n\n# c\n3;4\n"), (vec![1.0, 2.0, 3.0, 4.0], 2));
        assert_eq!(rows("1e3\t-inf\n"), (vec![1e3, f64::NEG_INFINITY], 2));
        for (text, message) in
            [("1,2\n3\n", "line 2: 1 numbers"), ("1,2\n3,x\n", "line 2: `3,x` holds"), ("a,b\n", "no rows")]
        {
            assert!(parse(text).unwrap_err().to_string().starts_with(message), "{text:?}");
        }
        assert_eq!(rows(NETWORKS).1, 3);
    }
}
