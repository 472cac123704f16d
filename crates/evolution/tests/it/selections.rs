//! The four selections seen through the search: what they must not depend on, and where they must differ.

use evolution::{LastStage, Search, Selection, Settings};

use crate::toy::{Digits, SELECTIONS, generation, search, settings, tell_all, trade_off};

const SPACE: Digits = Digits { length: 10, base: 4 };

/// An error that falls from evaluation to evaluation, faster for large genotypes; multiples of 1/1024.
fn trained(genotype: &[u8], epoch: u32) -> Vec<f64> {
    let objectives = trade_off(genotype);
    let gain = (objectives[1] * f64::from(epoch)).min(200.0) + f64::from(genotype[0]) * 20.0;
    vec![1.0 - gain.round() / 1024.0, objectives[1]]
}

fn survivors_of_rounds(settings: Settings, measure: impl Fn(&Vec<u8>, u32) -> Vec<f64>) -> Vec<Vec<usize>> {
    let mut search = search(SPACE, settings, 13);
    (1..=6)
        .map(|epoch| {
            search.invalidate();
            generation(&mut search, |genotype| measure(genotype, epoch))
        })
        .collect()
}

#[test]
fn a_constant_added_to_an_objective_changes_no_survivor() {
    for selection in SELECTIONS {
        for last_stage in [LastStage::Niching, LastStage::Random] {
            let settings = Settings { last_stage, ..settings(24, selection) };
            let plain = survivors_of_rounds(settings.clone(), |genotype, epoch| trained(genotype, epoch));
            for [first, second] in [[8.0, 0.0], [0.0, 4096.0], [-2.0, -64.0]] {
                let shifted = survivors_of_rounds(settings.clone(), |genotype, epoch| {
                    let told = trained(genotype, epoch);
                    vec![told[0] + first, told[1] + second]
                });
                assert_eq!(plain, shifted, "{selection:?} {last_stage:?} {first} {second}");
            }
        }
    }
}

#[test]
fn survivors_keep_their_order_and_number() {
    for selection in SELECTIONS {
        for survivors in
            survivors_of_rounds(settings(24, selection), |genotype, epoch| trained(genotype, epoch))
        {
            assert_eq!(survivors.len(), 24);
            assert!(survivors.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(survivors[23] < 48);
        }
    }
}

#[test]
fn the_papers_variant_needs_a_history_to_differ() {
    let run = |selection, invalidated| {
        let mut search = search(SPACE, settings(24, selection), 17);
        let mut populations = Vec::new();
        for epoch in 1..=4 {
            if invalidated {
                search.invalidate();
            }
            search.breed().unwrap();
            tell_all(&mut search, |genotype| trained(genotype, epoch));
            populations.push(search.select().unwrap());
        }
        populations
    };
    let [paper, released] = [Selection::Pnsga3Paper, Selection::Pnsga3Released];
    assert_eq!(run(paper, false), run(released, false), "nobody is evaluated twice");
    let [with_speed, without] = [run(paper, true), run(released, true)];
    assert_eq!(with_speed[0], without[0], "the first selection has no history");
    assert_ne!(with_speed, without);
}

#[test]
fn slow_large_networks_survive_pnsga3_only() {
    // Large genotypes are worse for now: plain NSGA-III lets them die, the second sort keeps the largest.
    let behind = |genotype: &Vec<u8>| {
        let size = trade_off(genotype)[1];
        vec![0.25 + size / 64.0 + f64::from(genotype[0]) / 1024.0, size]
    };
    let largest = |search: &Search<Digits>| {
        search.population().iter().map(|one| trade_off(&one.genotype)[1]).fold(0.0, f64::max)
    };
    let run = |selection| {
        let mut search = search(SPACE, settings(32, selection), 19);
        for _ in 0..10 {
            search.invalidate();
            generation(&mut search, behind);
        }
        largest(&search)
    };
    let plain = run(Selection::Nsga3);
    for selection in [Selection::Pnsga3Released, Selection::Pnsga3Paper] {
        assert!(run(selection) >= plain + 10.0, "{selection:?}: {} against {plain}", run(selection));
    }
}

#[test]
fn everybody_is_asked_for_again_after_training() {
    let mut search = search(SPACE, settings(8, Selection::Pnsga3Paper), 1);
    generation(&mut search, |genotype| trade_off(genotype));
    assert!(search.ask().is_empty());
    search.breed().unwrap();
    assert_eq!(search.ask().len(), 8);
    search.invalidate();
    assert_eq!(search.ask().len(), 16);
    assert!(search.front().is_empty());
    let told: Vec<_> = search.population().iter().map(|one| one.previous_error).collect();
    assert!(told.iter().all(Option::is_some));
    search.invalidate();
    assert_eq!(told, search.population().iter().map(|one| one.previous_error).collect::<Vec<_>>());
}

#[test]
fn the_speed_is_of_the_last_two_evaluations() {
    let mut search = search(SPACE, settings(8, Selection::Pnsga3Paper), 1);
    for error in [0.75, 0.5, 0.375] {
        search.invalidate();
        tell_all(&mut search, |_| vec![error, 1.0]);
    }
    assert!(search.population().iter().all(|one| one.speed() == Some(0.125)));
}

#[test]
fn every_generation_draws_anew_and_the_last_stage_obeys() {
    // All alike: who survives is chance alone.
    let run = |last_stage| {
        let settings = Settings { last_stage, ..settings(24, Selection::Pnsga3Released) };
        survivors_of_rounds(settings, |_, _| vec![0.5, 1.0])
    };
    let drawn = run(LastStage::Random);
    assert!(drawn.iter().zip(&drawn[1..]).all(|(one, next)| one != next), "{drawn:?}");
    assert_eq!(drawn, run(LastStage::Random));
    assert_ne!(drawn, run(LastStage::Niching));
}

#[test]
fn every_size_has_its_second_sort() {
    // The first size is the same for all; the second alone protects the large and slow.
    let run = |selection| {
        let settings = Settings { objectives: 3, ..settings(32, selection) };
        let mut search = search(SPACE, settings, 23);
        for _ in 0..8 {
            generation(&mut search, |genotype| {
                let size = trade_off(genotype)[1];
                vec![0.25 + size / 64.0, 1.0, size]
            });
        }
        search.population().iter().map(|one| trade_off(&one.genotype)[1]).fold(0.0, f64::max)
    };
    let [released, plain] = [Selection::Pnsga3Released, Selection::Nsga3].map(run);
    assert!(released >= plain + 10.0, "{released} against {plain}");
}

#[test]
fn of_equals_the_front_lists_the_oldest() {
    let mut search = search(SPACE, settings(8, Selection::Nsga2), 1);
    tell_all(&mut search, |genotype| vec![0.5, f64::from(u8::from(genotype[0] > 1))]);
    let first = search.population().iter().find(|one| one.genotype[0] <= 1).unwrap();
    assert_eq!(search.front(), [first]);
}
