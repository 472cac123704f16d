//! That evolution gets somewhere: lower errors than random search, and the known front of an enumerated
//! space.

use evolution::{LastStage, Selection, Settings};
use pareto::{Objectives, hypervolume, non_dominated};
use space::{NasBench201Cell, NasBench201Operation, NasBench201Space};

use crate::toy::{Digits, SELECTIONS, generation, search, settings, trade_off};

/// The error falls with the sum of the digits, the size counts changes between neighbours: little to trade
/// off.
fn smooth(genotype: &[u8]) -> Vec<f64> {
    let sum: u32 = genotype.iter().map(|&digit| u32::from(digit)).sum();
    let changes = genotype.windows(2).filter(|pair| pair[0] != pair[1]).count();
    vec![1.0 - f64::from(sum) / 64.0, changes as f64]
}

#[test]
fn selection_finds_lower_errors_than_chance() {
    let space = Digits { length: 12, base: 4 };
    for selection in SELECTIONS {
        for last_stage in [LastStage::Niching, LastStage::Random] {
            let evolved = Settings { last_stage, ..settings(32, selection) };
            let mut evolved = search(space, evolved, 4);
            for _ in 0..25 {
                generation(&mut evolved, |genotype| smooth(genotype));
            }
            let lowest = |individuals: &[evolution::Individual<Vec<u8>>]| {
                individuals.iter().map(|one| smooth(&one.genotype)[0]).fold(f64::INFINITY, f64::min)
            };
            // As many evaluations: 32 + 25 * 32.
            let chance = search(space, settings(832, Selection::Nsga2), 4);
            let (evolved, chance) = (lowest(evolved.population()), lowest(chance.population()));
            assert!(evolved < chance, "{selection:?} {last_stage:?}: {evolved} against {chance}");
        }
    }
}

/// A smooth stand-in for the accuracy of a cell: convolutions help, less so the second on a node; nothing is
/// flat.
fn surrogate(cell: NasBench201Cell) -> Vec<f64> {
    let worth = |edge: usize| match cell.operations[edge] {
        NasBench201Operation::None => 0.0,
        NasBench201Operation::AvgPool3x3 => 1.0,
        NasBench201Operation::SkipConnect => 3.0,
        NasBench201Operation::Conv1x1 => 6.0,
        NasBench201Operation::Conv3x3 => 9.0,
    };
    let gain: f64 = (0..6).map(|edge| worth(edge) * (1.0 + edge as f64 / 8.0)).sum();
    vec![1.0 / (1.0 + gain), cell.parameters() as f64]
}

#[test]
fn the_front_of_an_enumerated_space_is_recovered() {
    let rows: Vec<f64> = NasBench201Cell::all().flat_map(surrogate).collect();
    let all = Objectives::new(&rows, 2).unwrap();
    let reference = [1.0, 2e6];
    let true_front: Vec<f64> = non_dominated(&all).iter().flat_map(|&row| all.row(row).to_vec()).collect();
    let most = hypervolume(&Objectives::new(&true_front, 2).unwrap(), &reference);
    for selection in SELECTIONS {
        let mut search = search(NasBench201Space, settings(64, selection), 6);
        let mut volumes = Vec::new();
        for _ in 0..30 {
            generation(&mut search, |cell| surrogate(*cell));
            let front: Vec<f64> =
                search.front().iter().flat_map(|one| one.objectives.clone().unwrap()).collect();
            volumes.push(hypervolume(&Objectives::new(&front, 2).unwrap(), &reference) / most);
        }
        let last = *volumes.last().unwrap();
        assert!(last > 0.999 && last > volumes[0], "{selection:?}: {volumes:?}");
    }
}

#[test]
fn the_listed_front_is_sorted_distinct_and_undominated() {
    let mut search = search(Digits { length: 8, base: 4 }, settings(48, Selection::Pnsga3Released), 9);
    assert!(search.front().is_empty(), "nobody is evaluated yet");
    for _ in 0..8 {
        generation(&mut search, |genotype| trade_off(genotype));
        let front: Vec<Vec<f64>> = search.front().iter().map(|one| one.objectives.clone().unwrap()).collect();
        assert!(!front.is_empty());
        assert!(front.windows(2).all(|pair| pair[0][1] < pair[1][1] && pair[0][0] > pair[1][0]), "{front:?}");
        for one in search.population() {
            let objectives = one.objectives.clone().unwrap();
            let covered = |row: &Vec<f64>| row[0] <= objectives[0] && row[1] <= objectives[1];
            assert!(front.iter().any(covered), "{objectives:?} is neither listed nor covered");
        }
    }
}
