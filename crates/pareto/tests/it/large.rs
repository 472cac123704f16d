//! Inputs large enough for every part of the sort (blocks, divisions, tables, sweeps), on every width of vectors, against
//! the definition: the rank of a row is the length of the longest chain of dominance that ends in it.

use crate::slow::dominates;
use pareto::{Objectives, Sorter, Vectors};
use rand_core::Rng;
use random::{Purpose, Stream, stream};

fn uniform(rng: &mut Stream) -> f64 {
    f64::from(rng.next_u32()) / 4_294_967_296.0
}

/// Row `i` of a matrix of one kind.
fn row(kind: &str, i: usize, m: usize, rng: &mut Stream) -> Vec<f64> {
    let u: Vec<f64> = (0..m).map(|_| uniform(rng)).collect();
    let common = uniform(rng);
    let sum: f64 = u.iter().sum();
    match kind {
        "uniform" => u,
        "one front" => u.iter().map(|u| u / sum).collect(),
        "near one front" => u.iter().map(|u| u / sum + 0.05 * common).collect(),
        "near chain" => u.iter().map(|u| i as f64 + 3.0 * u).collect(),
        "correlated" => u.iter().map(|u| common + 0.02 * u).collect(),
        "grid" => u.iter().map(|u| (u * 12.0).floor()).collect(),
        "skewed" => u.iter().map(|u| (40.0 * u * u).exp() - 1e3).collect(),
        "infinite" => {
            u.iter().map(|&u| if u < 0.02 { f64::NEG_INFINITY } else { 1.0 / (0.9 - u).max(0.0) }).collect()
        }
        "rounded" => {
            u.iter().enumerate().map(|(j, u)| (u * 40.0_f64.powi(1 + j as i32 % 3)).round()).collect()
        }
        _ => unreachable!("{kind}"),
    }
}

/// Longest chains, in an order in which dominators come first.
fn chains(rows: &[f64], m: usize) -> Vec<u32> {
    let row = |i: usize| &rows[i * m..][..m];
    let mut order: Vec<usize> = (0..rows.len() / m).collect();
    order.sort_by(|&a, &b| row(a).partial_cmp(row(b)).unwrap());
    let mut ranks = vec![0; order.len()];
    for (at, &i) in order.iter().enumerate() {
        let above = |&&j: &&usize| ranks[j] >= ranks[i] && dominates(row(j), row(i));
        ranks[i] = order[..at].iter().filter(above).map(|&j| ranks[j] + 1).max().unwrap_or(0);
    }
    ranks
}

#[test]
fn ranks_are_longest_chains_on_every_width() {
    let kinds = [
        "uniform",
        "one front",
        "near one front",
        "near chain",
        "correlated",
        "grid",
        "skewed",
        "infinite",
        "rounded",
    ];
    let widths = [Vectors::Target, Vectors::UpTo256Bits, Vectors::Widest];
    let mut sorters = widths.map(Sorter::with_vectors);
    for (k, kind) in kinds.into_iter().enumerate() {
        for (m, n) in [(1, 700), (2, 3000), (3, 2048), (3, 4500), (4, 4700), (5, 2048), (8, 2500), (12, 2200)]
        {
            let mut rng = stream(1, Purpose::Test, k as u64, (n * 20 + m) as u64);
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by_cached_key(|_| rng.next_u32());
            let rows: Vec<f64> = order.iter().flat_map(|&i| row(kind, i, m, &mut rng)).collect();
            let objectives = Objectives::new(&rows, m).unwrap();
            let expected = chains(&rows, m);
            let first: Vec<usize> = (0..n).filter(|&i| expected[i] == 0).collect();
            for (sorter, width) in sorters.iter_mut().zip(widths) {
                assert!(sorter.ranks(&objectives) == expected, "{kind}, {n} x {m}, {width:?}");
                assert_eq!(sorter.non_dominated(&objectives), first, "{kind}, {n} x {m}, {width:?}");
            }
        }
    }
}

/// With the feature `rayon`, this many rows are split between threads.
#[test]
fn fronts_of_very_many_rows_follow_their_definition() {
    let (n, m) = (60_000, 4);
    let mut rng = stream(2, Purpose::Test, 0, 0);
    let rows: Vec<f64> = (0..n).flat_map(|i| row("near one front", i, m, &mut rng)).collect();
    let ranks = Sorter::default().ranks(&Objectives::new(&rows, m).unwrap()).to_vec();
    let row = |i: usize| &rows[i * m..][..m];
    // A sample of the rows: some row of the front before dominates each, and none of its own front or of a later one.
    for i in (0..n).step_by(400) {
        let dominators = (0..n).filter(|&j| dominates(row(j), row(i)));
        assert_eq!(dominators.map(|j| ranks[j] + 1).max().unwrap_or(0), ranks[i], "row {i}");
    }
}
