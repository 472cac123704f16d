//! A whole evolutionary search around the survivor selections of this crate, on the test problems DTLZ1 to DTLZ4 (Deb, Thiele,
//! Laumanns, Zitzler 2005, DOI 10.1007/1-84628-137-7_6), with simulated binary crossover and polynomial mutation as in Deb
//! and Jain 2014. It prints the objectives of the last population, one individual a line, and a blank line after each seed;
//! `tests/peers/dtlz.py` measures them.
//!
//! `cargo run --release -p cars-pareto --example dtlz -- nsga3 2 3 250 20`: the selection (nsga3, unsga3 or pnsga3), the
//! number of the problem, objectives, generations, seeds.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example is a program")]

use pareto::pnsga3::{Inputs, LastStage, Sorts, Variant};
use pareto::reference::{das_dennis, two_layers};
use pareto::{Objectives, ReferencePoints, nsga3, pnsga3, ranks, unsga3};
use rand_core::Rng;
use random::{Purpose, Stream, stream};
use std::f64::consts::FRAC_PI_2;

/// How near children stay to their parents, and mutants to what they were.
const CROSSOVER_INDEX: f64 = 30.0;
const MUTATION_INDEX: f64 = 20.0;

#[derive(Clone, Copy, PartialEq)]
enum Selection {
    Nsga3,
    /// Survivors as in NSGA-III, parents by tournament.
    Unsga3,
    /// The released variant, with the first objective as the error and the others as sizes.
    Pnsga3,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Vec<usize> = words.iter().skip(1).filter_map(|word| word.parse().ok()).collect();
    let selection = match words.first().map(String::as_str) {
        Some("nsga3") => Selection::Nsga3,
        Some("unsga3") => Selection::Unsga3,
        Some("pnsga3") => Selection::Pnsga3,
        _ => return eprintln!("usage: dtlz nsga3|unsga3|pnsga3 PROBLEM OBJECTIVES GENERATIONS SEEDS"),
    };
    let &[problem, m, generations, seeds] = &numbers[..] else {
        return eprintln!("four numbers are needed: problem, objectives, generations, seeds");
    };
    for seed in 0..seeds {
        let rows = search(selection, problem, m, generations, &mut stream(seed as u64, Purpose::Test, 0, 0));
        for row in rows.chunks_exact(m) {
            println!("{}", row.iter().map(f64::to_string).collect::<Vec<_>>().join(" "));
        }
        println!();
    }
}

/// The objectives of the last population, row by row.
fn search(selection: Selection, problem: usize, m: usize, generations: usize, rng: &mut Stream) -> Vec<f64> {
    // The sets of Deb and Jain, and their population sizes: the next multiple of four.
    let points = match m {
        8 => two_layers(8, 3, 2),
        5 => das_dennis(5, 6),
        _ => das_dennis(m, 12),
    };
    let size = points.len().next_multiple_of(4);
    let n_variables = m - 1 + if problem == 1 { 5 } else { 10 };
    let mut population: Vec<Vec<f64>> =
        (0..size).map(|_| (0..n_variables).map(|_| uniform(rng)).collect()).collect();
    let mut rows: Vec<f64> = population.iter().flat_map(|x| evaluate(problem, m, x)).collect();
    let mut memory = nsga3::Memory::default();
    for _ in 1..generations {
        let parents = parents(selection, &rows, &points, rng);
        for pair in parents.chunks_exact(2) {
            for mut child in crossover(&population[pair[0]], &population[pair[1]], rng) {
                mutate(&mut child, rng);
                rows.extend(evaluate(problem, m, &child));
                population.push(child);
            }
        }
        let survivors = survivors(selection, &rows, size, &points, &mut memory, rng);
        population = survivors.iter().map(|&i| std::mem::take(&mut population[i])).collect();
        rows = survivors.iter().flat_map(|&i| &rows[i * m..][..m]).copied().collect();
    }
    rows
}

fn parents(selection: Selection, rows: &[f64], points: &ReferencePoints, rng: &mut Stream) -> Vec<usize> {
    let objectives = Objectives::new(rows, points.m()).expect("DTLZ has no NaN");
    let n = objectives.n();
    if selection == Selection::Unsga3 {
        let ties = nsga3::associate(&objectives, points);
        return unsga3::tournament(&ranks(&objectives), &ties, n, rng);
    }
    let mut order: Vec<usize> = (0..n).collect();
    for i in 0..n {
        order.swap(i, i + (uniform(rng) * (n - i) as f64) as usize);
    }
    order
}

fn survivors(
    selection: Selection,
    rows: &[f64],
    keep: usize,
    points: &ReferencePoints,
    memory: &mut nsga3::Memory,
    rng: &mut Stream,
) -> Vec<usize> {
    let m = points.m();
    let objectives = Objectives::new(rows, m).expect("DTLZ has no NaN");
    if selection != Selection::Pnsga3 {
        return nsga3::select_with_memory(&objectives, keep, points, memory, rng);
    }
    let columns: Vec<Vec<f64>> = (0..m).map(|j| rows.iter().skip(j).step_by(m).copied().collect()).collect();
    let sizes: Vec<&[f64]> = columns[1..].iter().map(Vec::as_slice).collect();
    let inputs = Inputs { error: &columns[0], sizes: &sizes, speed: None };
    let sorts = Sorts::new(&inputs, Variant::Released).expect("columns of equal length");
    pnsga3::select(&sorts.primary(), &sorts.objectives(), keep, LastStage::Niching(points), rng)
}

fn uniform(rng: &mut Stream) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

fn evaluate(problem: usize, m: usize, x: &[f64]) -> Vec<f64> {
    let (place, rest) = x.split_at(m - 1);
    let square = |x: &f64| (x - 0.5) * (x - 0.5);
    let rastrigin = |x: &f64| square(x) - (20.0 * std::f64::consts::PI * (x - 0.5)).cos();
    let g = if problem == 1 || problem == 3 {
        100.0 * (rest.len() as f64 + rest.iter().map(rastrigin).sum::<f64>())
    } else {
        rest.iter().map(square).sum()
    };
    // Objective j is a product over the first coordinates and one factor of the next, if there is one.
    let angle = |x: f64| if problem == 4 { x.powi(100) * FRAC_PI_2 } else { x * FRAC_PI_2 };
    let objective = |j: usize| {
        let (head, next) = (&place[..m - 1 - j], (j > 0).then(|| place[m - 1 - j]));
        if problem == 1 {
            0.5 * (1.0 + g) * head.iter().product::<f64>() * next.map_or(1.0, |x| 1.0 - x)
        } else {
            (1.0 + g)
                * head.iter().map(|&x| angle(x).cos()).product::<f64>()
                * next.map_or(1.0, |x| angle(x).sin())
        }
    };
    (0..m).map(objective).collect()
}

/// Simulated binary crossover of two parents in the unit cube (Deb and Agrawal 1995): half of the coordinates are crossed.
fn crossover(a: &[f64], b: &[f64], rng: &mut Stream) -> [Vec<f64>; 2] {
    let (mut first, mut second) = (a.to_vec(), b.to_vec());
    for (x, y) in first.iter_mut().zip(&mut second) {
        if uniform(rng) < 0.5 || (*x - *y).abs() < 1e-14 {
            continue;
        }
        let (low, high) = (x.min(*y), x.max(*y));
        let draw = uniform(rng);
        // How far a child may lie outside its parents, so that it stays within the cube.
        let spread = |room: f64| {
            let alpha = 2.0 - (1.0 + 2.0 * room / (high - low)).powf(-(CROSSOVER_INDEX + 1.0));
            let base = if draw <= 1.0 / alpha { draw * alpha } else { 1.0 / (2.0 - draw * alpha) };
            base.powf(1.0 / (CROSSOVER_INDEX + 1.0))
        };
        let middle = f64::midpoint(low, high);
        let below = (middle - 0.5 * spread(low) * (high - low)).clamp(0.0, 1.0);
        let above = (middle + 0.5 * spread(1.0 - high) * (high - low)).clamp(0.0, 1.0);
        (*x, *y) = if uniform(rng) < 0.5 { (below, above) } else { (above, below) };
    }
    [first, second]
}

/// Polynomial mutation within the unit cube (Deb and Goyal 1996): on average of one coordinate.
fn mutate(child: &mut [f64], rng: &mut Stream) {
    let rate = 1.0 / child.len() as f64;
    for x in child {
        if uniform(rng) < rate {
            let draw = uniform(rng);
            let power = MUTATION_INDEX + 1.0;
            let step = if draw < 0.5 {
                (2.0 * draw + (1.0 - 2.0 * draw) * (1.0 - *x).powf(power)).powf(1.0 / power) - 1.0
            } else {
                1.0 - (2.0 * (1.0 - draw) + (2.0 * draw - 1.0) * x.powf(power)).powf(1.0 / power)
            };
            *x = (*x + step).clamp(0.0, 1.0);
        }
    }
}
