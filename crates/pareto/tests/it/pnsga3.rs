//! pNSGA-III against worked examples whose fronts and selections were found by two other implementations.

use pareto::pnsga3::{Inputs, LastStage, Sorts, Variant, merged_stages, select};
use pareto::{fronts, reference};
use proptest::prelude::*;
use random::{Purpose, stream};
use serde_json::Value;

const SEEDS: u64 = 300;

#[test]
fn the_worked_examples() {
    let text = include_str!("../data/pnsga_examples.json");
    let examples: Vec<Value> = serde_json::from_str(text).unwrap();
    assert_eq!(examples.len(), 5);
    for example in &examples {
        let error: Vec<f64> = numbers(&example["acc"]).iter().map(|accuracy| 1.0 - accuracy).collect();
        let size = numbers(&example["size"]);
        let sorts =
            Sorts::new(&Inputs { error: &error, sizes: &[&size], speed: None }, Variant::Released).unwrap();
        let matrices = sorts.objectives();
        assert_eq!(fronts(&matrices[0]), lists(&example["P_fronts_max_acc_min_size"]));
        assert_eq!(fronts(&matrices[1]), lists(&example["Q_fronts_max_acc_max_size"]));
        assert_eq!(merged_stages(&matrices), lists(&example["R_merged"]));
        for selection in example["selection"].as_array().unwrap() {
            check_selection(&sorts, selection);
        }
    }
}

/// Over many seeds every selection holds what is certain, draws the rest from the split stage, and can draw each of it.
fn check_selection(sorts: &Sorts, selection: &Value) {
    let keep = selection["N"].as_u64().unwrap() as usize;
    let certain = indices(&selection["certain"]);
    let draw_from = indices(&selection["draw_from"]);
    let draw_count = selection["draw_count"].as_u64().unwrap() as usize;
    let points = reference::das_dennis(2, 5);
    for last in [LastStage::Random, LastStage::Niching(&points)] {
        let mut ever = Vec::new();
        for seed in 0..SEEDS {
            let mut rng = stream(seed, Purpose::Selection, 0, 0);
            let survivors = select(&sorts.primary(), &sorts.objectives(), keep, last, &mut rng);
            assert_eq!(survivors.len(), keep);
            assert!(survivors.is_sorted() && certain.iter().all(|i| survivors.contains(i)), "{selection}");
            let drawn: Vec<usize> = survivors.into_iter().filter(|i| !certain.contains(i)).collect();
            assert!(drawn.len() == draw_count && drawn.iter().all(|i| draw_from.contains(i)), "{selection}");
            ever.extend(drawn);
        }
        if matches!(last, LastStage::Random) && draw_count > 0 {
            assert!(draw_from.iter().all(|i| ever.contains(i)), "everyone can be drawn: {selection}");
        }
    }
}

#[test]
fn niching_cuts_in_the_primary_objectives() {
    // One stage, a line from (0, 1) to (1, 0): five directions, five survivors, each the nearest to its direction.
    let error: Vec<f64> = (0..=20).map(|k| f64::from(k) / 20.0).collect();
    let size: Vec<f64> = error.iter().map(|x| 1.0 - x).collect();
    let sorts =
        Sorts::new(&Inputs { error: &error, sizes: &[&size], speed: None }, Variant::Released).unwrap();
    let points = reference::das_dennis(2, 4);
    for seed in 0..20 {
        let mut rng = stream(seed, Purpose::Selection, 0, 0);
        let survivors =
            select(&sorts.primary(), &sorts.objectives(), 5, LastStage::Niching(&points), &mut rng);
        assert_eq!(survivors, [0, 5, 10, 15, 20]);
    }
}

#[test]
fn the_second_sort_saves_the_large() {
    // Small networks that learn fast dominate on (error, size); a large one that improves fastest must stay.
    let (error, size) = ([0.3, 0.31, 0.32, 0.6], [1.0, 1.1, 1.2, 4.0]);
    let inputs = Inputs { error: &error, sizes: &[&size], speed: Some(&[0.01, 0.02, 0.01, 0.05]) };
    let survivors = |variant, keep| {
        let sorts = Sorts::new(&inputs, variant).unwrap();
        select(
            &sorts.primary(),
            &sorts.objectives(),
            keep,
            LastStage::Random,
            &mut stream(1, Purpose::Selection, 0, 0),
        )
    };
    assert_eq!(survivors(Variant::Paper, 2), [0, 3]);
    assert_eq!(merged_stages(&Sorts::new(&inputs, Variant::Released).unwrap().objectives())[0], [0, 1, 2, 3]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn stages_are_the_union_of_fronts_minus_earlier_stages(
        rows in proptest::collection::vec((0..9_u8, 0..9_u8, 0..9_u8), 0..40)
    ) {
        let column = |f: fn(&(u8, u8, u8)) -> u8| rows.iter().map(|row| f64::from(f(row))).collect::<Vec<f64>>();
        let (error, size, speed) = (column(|row| row.0), column(|row| row.1), column(|row| row.2));
        let inputs = Inputs { error: &error, sizes: &[&size, &speed], speed: Some(&speed) };
        for variant in [Variant::Released, Variant::Paper] {
            let sorts = Sorts::new(&inputs, variant).unwrap();
            let per_sort: Vec<_> = sorts.objectives().iter().map(fronts).collect();
            let mut seen = vec![false; rows.len()];
            for (i, stage) in merged_stages(&sorts.objectives()).iter().enumerate() {
                let mut expected: Vec<usize> =
                    per_sort.iter().filter_map(|fronts| fronts.get(i)).flatten().copied().collect();
                expected.sort_unstable();
                expected.dedup();
                expected.retain(|&row| !std::mem::replace(&mut seen[row], true));
                prop_assert_eq!(stage, &expected);
            }
            prop_assert!(seen.into_iter().all(|seen| seen));
        }
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn indices(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap() as usize).collect()
}

fn lists(value: &Value) -> Vec<Vec<usize>> {
    value.as_array().unwrap().iter().map(indices).collect()
}
