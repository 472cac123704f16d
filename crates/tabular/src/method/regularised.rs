//! Regularised evolution (Real et al., AAAI 2019, arXiv 1802.01548): a queue of individuals; the best of a random
//! sample has a child with one edge changed, and the oldest dies. With several objectives the best is one of the
//! sample that no other of it dominates, drawn at random.

use std::collections::VecDeque;

use pareto::{Objectives, non_dominated};
use rand::{Rng, RngExt};
use random::{Purpose, stream};
use space::{NasBench201Cell, NasBench201Operation, NasBench201Space, SearchSpace};

use super::{MOST_REPEATS, Memory, Method, Settings};
use crate::problem::Problem;

pub(super) fn run(problem: &Problem, settings: &Settings, seed: u64, memory: &mut Memory) {
    let mut rng = stream(seed, Purpose::Tabular, Method::Regularised as u64, 0);
    let size = settings.regularised_population.max(1);
    let mut alive: VecDeque<NasBench201Cell> = VecDeque::new();
    while alive.len() < size && !memory.is_spent() {
        let cell = NasBench201Space.sample(&mut rng);
        memory.look(cell);
        alive.push_back(cell);
    }
    let mut repeats = 0;
    while !memory.is_spent() && repeats < MOST_REPEATS {
        let child = mutant(parent(problem, settings, &alive, &mut rng), &mut rng);
        let evaluated = memory.cells.len();
        memory.look(child);
        repeats = if memory.cells.len() > evaluated { 0 } else { repeats + 1 };
        alive.push_back(child);
        alive.pop_front();
    }
}

/// The winner of a sample drawn with replacement.
fn parent(
    problem: &Problem,
    settings: &Settings,
    alive: &VecDeque<NasBench201Cell>,
    rng: &mut impl Rng,
) -> NasBench201Cell {
    let mut draw = |below: usize| rng.random_range(0..below as u32) as usize;
    let sample: Vec<NasBench201Cell> =
        (0..settings.regularised_sample.max(1)).map(|_| alive[draw(alive.len())]).collect();
    let rows: Vec<f64> = sample.iter().flat_map(|cell| problem.objectives(cell)).copied().collect();
    let rows = Objectives::new(&rows, problem.width()).expect("a table's numbers are finite");
    let best = non_dominated(&rows);
    sample[best[draw(best.len())]]
}

/// The cell with another operation on one edge.
fn mutant(parent: NasBench201Cell, rng: &mut impl Rng) -> NasBench201Cell {
    let mut child = parent;
    let edge = rng.random_range(0..child.operations.len() as u32) as usize;
    let others = NasBench201Operation::ALL.len() as u32 - 1;
    let step = 1 + rng.random_range(0..others);
    let operation = (child.operations[edge] as u32 + step) % (others + 1);
    child.operations[edge] = NasBench201Operation::ALL[operation as usize];
    child
}
