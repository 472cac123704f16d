//! A search by ask and tell over a table: the driver that any tabular benchmark needs, and a made-up table
//! whose front is known.

use std::fmt::Write;

use evolution::{IndividualId, Search, Selection, Settings};
use pareto::{Objectives, hypervolume, non_dominated};
use space::{NasBench201Cell, NasBench201Operation, NasBench201Space};
use tabular::{Columns, Record, Table};

/// What a search minimises besides its error on the accuracy handed in: parameters.
pub(crate) fn objectives(record: &Record, accuracy: impl Fn(&Record) -> f64) -> Vec<f64> {
    vec![1.0 - accuracy(record) / 100.0, record.parameters as f64]
}

/// A population of 50 and 19 generations of 50 offspring: a thousand evaluations.
pub(crate) const EVALUATIONS: usize = 1_000;
pub(crate) const SELECTIONS: [Selection; 4] =
    [Selection::Pnsga3Released, Selection::Pnsga3Paper, Selection::Nsga3, Selection::Nsga2];

/// Searches a table with so many evaluations.
pub(crate) fn evolve(
    table: &Table,
    selection: Selection,
    seed: u64,
    accuracy: impl Fn(&Record) -> f64 + Copy,
) -> Search<NasBench201Space> {
    let mut search = begin(50, selection, seed);
    for _ in 0..19 {
        search.breed().unwrap();
        tell_all(&mut search, table, accuracy);
        search.select().unwrap();
    }
    assert_eq!(search.snapshot().next_id, IndividualId(EVALUATIONS as u64));
    search
}

/// As many distinct cells drawn blindly.
pub(crate) fn draw(
    table: &Table,
    seed: u64,
    accuracy: impl Fn(&Record) -> f64 + Copy,
) -> Search<NasBench201Space> {
    let mut search = begin(EVALUATIONS, Selection::Nsga2, seed);
    tell_all(&mut search, table, accuracy);
    search
}

fn begin(population: usize, selection: Selection, seed: u64) -> Search<NasBench201Space> {
    let settings = Settings { population, selection, ..Settings::default() };
    Search::new(NasBench201Space, settings.check().unwrap(), seed).unwrap()
}

fn tell_all(search: &mut Search<NasBench201Space>, table: &Table, accuracy: impl Fn(&Record) -> f64 + Copy) {
    for (index, cell) in search.ask() {
        search.tell(index, objectives(table.look_up(&cell).unwrap(), accuracy)).unwrap();
    }
}

/// The share of the hypervolume that the best possible front of the table has, measured from an error of 1
/// and 2 million parameters.
pub(crate) fn volume(
    table: &Table,
    search: &Search<NasBench201Space>,
    accuracy: impl Fn(&Record) -> f64 + Copy,
) -> f64 {
    let reference = [1.0, 2e6];
    let area = |rows: &[f64]| hypervolume(&Objectives::new(rows, 2).unwrap(), &reference);
    let all: Vec<f64> = table.iter().flat_map(|(_, record)| objectives(record, accuracy)).collect();
    let matrix = Objectives::new(&all, 2).unwrap();
    let best: Vec<f64> =
        non_dominated(&matrix).into_iter().flat_map(|row| matrix.row(row).to_vec()).collect();
    let found: Vec<f64> = search.front().iter().flat_map(|one| one.objectives.clone().unwrap()).collect();
    area(&found) / area(&best)
}

/// A table of all cells with an accuracy that grows with convolutions, more so late in the cell, and a test
/// accuracy that is a little off the validation accuracy in a fixed, irregular way.
fn made_up() -> Table {
    let worth = |operation| match operation {
        NasBench201Operation::None => 0.0,
        NasBench201Operation::AvgPool3x3 => 0.5,
        NasBench201Operation::SkipConnect => 1.5,
        NasBench201Operation::Conv1x1 => 2.5,
        NasBench201Operation::Conv3x3 => 3.0,
    };
    let mut text = String::from("cell,valid,test,params,macs\n");
    for (number, cell) in NasBench201Cell::all().enumerate() {
        let gain: f64 = cell.operations.iter().zip(1..).map(|(&o, edge)| worth(o) * f64::from(edge)).sum();
        let valid = 10.0 + gain;
        let test = valid + (number * 7919 % 101) as f64 / 100.0;
        writeln!(text, "{cell},{valid},{test},{},{}", cell.parameters(), cell.multiply_adds()).unwrap();
    }
    let columns = Columns {
        cell: "cell",
        validation_accuracy: "valid",
        test_accuracy: "test",
        parameters: "params",
        multiply_adds: "macs",
    };
    Table::read(text.as_bytes(), &columns).unwrap()
}

#[test]
fn every_selection_beats_chance_on_a_made_up_table() {
    let table = made_up();
    assert_eq!(table.len(), NasBench201Cell::COUNT);
    let accuracy = |record: &Record| record.validation_accuracy;
    let best = table.iter().map(|(_, record)| accuracy(record)).fold(0.0, f64::max);
    for seed in 0..10 {
        let chance = volume(&table, &draw(&table, seed, accuracy), accuracy);
        for selection in SELECTIONS {
            let search = evolve(&table, selection, seed, accuracy);
            let share = volume(&table, &search, accuracy);
            let found = 100.0 * (1.0 - search.front().last().unwrap().error().unwrap());
            assert!(
                share > chance && share > 0.97,
                "{selection:?}, seed {seed}: {share}, by chance {chance}"
            );
            assert!(best - found <= 3.0, "{selection:?}, seed {seed}: {found} of {best}");
        }
    }
}
