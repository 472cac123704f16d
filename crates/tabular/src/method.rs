//! Methods that search a table with a budget of evaluations: the evolution and selection of this project, and
//! what it is compared with. All count alike: the first look at a cell costs one evaluation, and a cell seen
//! before is remembered and costs nothing.

mod evolved;
mod random_search;
mod regularised;

use evolution::{LastStage, Mix, Selection};
use space::NasBench201Cell;

use crate::error::TabularError;
use crate::problem::Problem;

/// A way to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The evolution of a search on a supernet, with the selection of the settings.
    Evolution,
    /// The same with the survivor selection of NSGA-II (Deb et al. 2002, DOI 10.1109/4235.996017).
    Nsga2,
    /// Regularised evolution (Real et al. 2019, arXiv 1802.01548).
    Regularised,
    /// Distinct cells drawn uniformly.
    Random,
}

impl Method {
    /// All methods, ours first.
    pub const ALL: [Self; 4] = [Self::Evolution, Self::Nsga2, Self::Regularised, Self::Random];

    /// The name in figures and options.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Evolution => "cars",
            Self::Nsga2 => "nsga2",
            Self::Regularised => "regularised-evolution",
            Self::Random => "random-search",
        }
    }
}

/// How the methods vary and select.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Survivors of a generation.
    pub population: usize,
    /// Offspring of a generation, as a multiple of the population.
    pub offspring: f64,
    /// Shares of mutants and crossovers; the rest is drawn at random.
    pub mix: Mix,
    /// The probability with which variation replaces an edge.
    pub gene_probability: f64,
    /// The survivor selection of [`Method::Evolution`].
    pub selection: Selection,
    /// How pNSGA-III cuts the stage that does not fit whole.
    pub last_stage: LastStage,
    /// The individuals alive in regularised evolution.
    pub regularised_population: usize,
    /// How many of them compete to be a parent.
    pub regularised_sample: usize,
}

/// What did best in a small grid for each method on NAS-Bench-201, by the column that drives (docs/reliability.md).
impl Default for Settings {
    fn default() -> Self {
        Self {
            population: 16,
            offspring: 0.5,
            mix: Mix { mutation: 0.5, crossover: 0.5 },
            gene_probability: 1.0 / 6.0,
            selection: Selection::Pnsga3Released,
            last_stage: LastStage::Niching,
            regularised_population: 100,
            regularised_sample: 25,
        }
    }
}

/// What a search evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The distinct cells, in the order of their evaluation. Fewer than the budget only if a method finds no more.
    pub cells: Vec<NasBench201Cell>,
}

/// Searches with a budget of `budget` evaluations, by draws named after `seed`.
///
/// Fails for a budget outside 1 to the size of the space, and for settings out of range.
pub fn run(
    method: Method,
    problem: &Problem,
    settings: &Settings,
    budget: usize,
    seed: u64,
) -> Result<Found, TabularError> {
    if !(1..=NasBench201Cell::COUNT).contains(&budget) {
        return Err(TabularError::Budget { found: budget });
    }
    let mut memory = Memory { seen: vec![false; NasBench201Cell::COUNT], cells: Vec::new(), budget };
    match method {
        Method::Evolution => evolved::run(problem, settings, settings.selection, seed, &mut memory)?,
        Method::Nsga2 => evolved::run(problem, settings, Selection::Nsga2, seed, &mut memory)?,
        Method::Regularised => regularised::run(problem, settings, seed, &mut memory),
        Method::Random => random_search::run(seed, &mut memory),
    }
    Ok(Found { cells: memory.cells })
}

/// A search that meets nothing new for so many looks has converged.
const MOST_REPEATS: usize = 20_000;

/// The cells evaluated so far.
struct Memory {
    seen: Vec<bool>,
    cells: Vec<NasBench201Cell>,
    budget: usize,
}

impl Memory {
    /// Looks at a cell; false if it is new and the budget is spent.
    fn look(&mut self, cell: NasBench201Cell) -> bool {
        if self.seen[cell.number()] {
            return true;
        }
        if self.is_spent() {
            return false;
        }
        self.seen[cell.number()] = true;
        self.cells.push(cell);
        true
    }

    fn is_spent(&self) -> bool {
        self.cells.len() == self.budget
    }
}
