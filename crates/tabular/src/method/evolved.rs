//! The search of `evolution`, asked and told: what runs on a supernet runs here, from the same code. The table
//! does not change, so nobody is evaluated twice.

use evolution::{Search, Selection};
use space::NasBench201Space;

use super::{MOST_REPEATS, Memory, Settings};
use crate::error::TabularError;
use crate::problem::Problem;

pub(super) fn run(
    problem: &Problem,
    settings: &Settings,
    selection: Selection,
    seed: u64,
    memory: &mut Memory,
) -> Result<(), TabularError> {
    let checked = evolution::Settings {
        population: settings.population,
        offspring_ratio: settings.offspring,
        mix: settings.mix,
        gene_probability: settings.gene_probability,
        objectives: problem.width(),
        selection,
        last_stage: settings.last_stage,
    };
    let mut search = Search::new(NasBench201Space, checked.check()?, seed)?;
    let mut repeats = 0;
    tell(problem, &mut search, memory)?;
    while !memory.is_spent() && repeats < MOST_REPEATS {
        let bred = search.breed()?.bred;
        if bred == 0 {
            break;
        }
        let before = memory.cells.len();
        tell(problem, &mut search, memory)?;
        repeats = if memory.cells.len() > before { 0 } else { repeats + bred };
        if !memory.is_spent() {
            search.select()?;
        }
    }
    Ok(())
}

/// Tells the search what the table says of everybody it asks about, until the budget is spent.
fn tell(
    problem: &Problem,
    search: &mut Search<NasBench201Space>,
    memory: &mut Memory,
) -> Result<(), TabularError> {
    for (index, cell) in search.ask() {
        if !memory.look(cell) {
            break;
        }
        search.tell(index, problem.objectives(&cell).to_vec())?;
    }
    Ok(())
}
