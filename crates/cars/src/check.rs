//! The report card of a supernet: how well its ranking of architectures agrees with the truth, which is either a table of
//! published accuracies (NAS-Bench-201) or networks of the last population trained alone; and which operations the population was
//! made of, generation by generation. Changes nothing in the run.

mod agreement;
mod card;
mod operations;
mod retrain;
mod score;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use kernels::Opened;
use random::{Purpose, stream};
use space::{AnyArchitecture, AnySpace, NasBench201Cell, SearchSpace};
use supernet::Backend;
use tabular::Table;

use crate::config::CheckedRecipe;
use crate::event::Event;
use crate::run::{Hardware, RunError};
use crate::run_dir::RunDir;

pub use agreement::{Agreement, Interval};
pub use card::{Network, Ranking, ReportCard};
pub use operations::Operations;
use score::Scorer;

/// What the supernet's ranking is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Truth {
    /// Nothing: only the operations are counted.
    None,
    /// Cells drawn uniformly, and what a table says of them; for runs in the space of NAS-Bench-201.
    Table {
        /// The table.
        table: Table,
        /// Its column of accuracies in percent.
        column: String,
        /// How many cells.
        networks: usize,
    },
    /// Networks of the last population, spread evenly over their sizes, each trained alone on the run's training images and
    /// tested on test images; for runs in the space of DARTS.
    Retrained {
        /// How many networks.
        networks: usize,
        /// For how long each is trained.
        epochs: usize,
        /// The folder of their training runs. What is there already is gone on with.
        under: PathBuf,
    },
}

impl Truth {
    /// How often [`check_supernet`] says that it is a step further: for each network that was scored, or, which takes much longer,
    /// trained.
    pub fn steps(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Table { networks, .. } => *networks.min(&NasBench201Cell::COUNT),
            Self::Retrained { networks, .. } => *networks,
        }
    }
}

/// Grades the supernet of a run as its newest whole checkpoint has it, and calls `done` after every step. `None` if it was asked
/// to stop: a second call does not train again what was trained.
pub fn check_supernet(
    run_dir: &RunDir,
    hardware: &Hardware,
    truth: &Truth,
    done: &mut dyn FnMut(),
    stop: &AtomicBool,
) -> Result<Option<ReportCard>, RunError> {
    let ranking = match hardware.open_for(run_dir.config().device, run_dir.config().precision, &mut [])? {
        Opened::Cpu(cpu) => rank(cpu, run_dir, hardware, truth, done, stop)?,
        Opened::Cuda(cuda) => rank(cuda, run_dir, hardware, truth, done, stop)?,
    };
    let Graded::Whole(ranking) = ranking else { return Ok(None) };
    let generations = run_dir.events()?.into_iter().filter_map(|event| match event {
        Event::Generation(generation) => Some(Operations::of(&generation)),
        _ => None,
    });
    let operations: Vec<Operations> = generations.collect();
    Ok(Some(ReportCard::new(run_dir.config(), ranking, operations)))
}

/// Whether all networks could be compared.
enum Graded {
    Whole(Option<Ranking>),
    Stopped,
}

fn rank<B: Backend>(
    backend: B,
    run_dir: &RunDir,
    hardware: &Hardware,
    truth: &Truth,
    done: &mut dyn FnMut(),
    stop: &AtomicBool,
) -> Result<Graded, RunError> {
    let config = run_dir.config();
    match truth {
        Truth::None => Ok(Graded::Whole(None)),
        Truth::Table { table, column, networks } => {
            let AnySpace::NasBench201 = config.search_space() else {
                return Err(RunError::Ungradable {
                    reason: "the table is of NAS-Bench-201 and the run searched the space of DARTS; retrain some networks instead",
                });
            };
            let cells = sample(config.seed, *networks);
            let known = table.complete(column)?;
            let architectures: Vec<_> = cells.iter().copied().map(AnyArchitecture::NasBench201).collect();
            let Some(scores) = Scorer::new(backend, run_dir)?.scores(&architectures, done, stop)? else {
                return Ok(Graded::Stopped);
            };
            let truths = cells.iter().map(|cell| known[cell.number()] / 100.0).collect();
            Ok(Graded::Whole(Some(Ranking::new(config.seed, column.clone(), &architectures, scores, truths))))
        }
        Truth::Retrained { networks, epochs, under } => {
            let AnySpace::Darts(_) = config.search_space() else {
                return Err(RunError::Ungradable {
                    reason: "the run searched the space of NAS-Bench-201, where every network has been trained; compare it with a table",
                });
            };
            let mut scorer = Scorer::new(backend, run_dir)?;
            let chosen = retrain::choose(scorer.population(), *networks)?;
            let Some(scores) = scorer.scores(&chosen, &mut || (), stop)? else { return Ok(Graded::Stopped) };
            let recipe = |network| retrain::recipe(config, scorer.train_images(), network, *epochs);
            let recipes: Vec<CheckedRecipe> = chosen.iter().map(recipe).collect::<Result<_, _>>()?;
            let Some(truths) = retrain::train(&recipes, under, hardware, done, stop)? else {
                return Ok(Graded::Stopped);
            };
            let truth = format!("test accuracy after {epochs} epochs alone");
            Ok(Graded::Whole(Some(Ranking::new(config.seed, truth, &chosen, scores, truths))))
        }
    }
}

/// Distinct cells, in the order they were drawn.
fn sample(seed: u64, count: usize) -> Vec<NasBench201Cell> {
    let mut rng = stream(seed, Purpose::Sample, 0, 0);
    let mut cells: Vec<NasBench201Cell> = Vec::new();
    while cells.len() < count.min(NasBench201Cell::COUNT) {
        let cell = space::NasBench201Space.sample(&mut rng);
        if !cells.contains(&cell) {
            cells.push(cell);
        }
    }
    cells
}
