//! Misuse and bad numbers: each refused with an error that names the place, and nothing lost.

use evolution::{EvolutionError, Selection, Settings};

use crate::toy::{Digits, generation, search, settings, tell_all, trade_off};

const SPACE: Digits = Digits { length: 6, base: 4 };

#[test]
fn bad_numbers_are_refused_and_change_nothing() {
    let mut search = search(SPACE, settings(4, Selection::Pnsga3Released), 1);
    let before = search.snapshot();
    let mut check = |index, objectives: &[f64], expected: &str| {
        let error = search.tell(index, objectives.to_vec()).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(search.snapshot(), before);
    };
    check(2, &[0.5, f64::NAN], "objective 1 of individual 2 (index 2) is NaN; tell a finite number");
    check(0, &[f64::INFINITY, 1.0], "objective 0 of individual 0 (index 0) is inf; tell a finite number");
    check(3, &[0.5], "individual 3 (index 3) was told 1 objectives; the search has 2");
    check(3, &[0.5, 1.0, 2.0], "individual 3 (index 3) was told 3 objectives; the search has 2");
    check(4, &[0.5, 1.0], "no individual has index 4; population and offspring are 4 together");
}

#[test]
fn an_individual_is_told_once_until_invalidated() {
    let mut search = search(SPACE, settings(4, Selection::Nsga2), 1);
    search.tell(1, vec![0.5, 1.0]).unwrap();
    let error = search.tell(1, vec![0.25, 1.0]).unwrap_err();
    assert!(matches!(error, EvolutionError::AlreadyTold { index: 1, .. }), "{error}");
    assert_eq!(search.population()[1].error(), Some(0.5));
    search.invalidate();
    search.tell(1, vec![0.25, 1.0]).unwrap();
    assert_eq!(search.population()[1].speed(), Some(0.25));
}

#[test]
fn selection_waits_for_everybody() {
    let mut search = search(SPACE, settings(4, Selection::Nsga3), 1);
    search.breed().unwrap();
    for (index, genotype) in search.ask() {
        if index != 1 && index != 6 {
            search.tell(index, trade_off(&genotype)).unwrap();
        }
    }
    let before = search.snapshot();
    let error = search.select().unwrap_err();
    let expected = "2 individuals lack objectives, the first is 1 (index 1); tell them before selecting";
    assert_eq!(error.to_string(), expected);
    assert_eq!(search.snapshot(), before);
    assert_eq!(search.ask().iter().map(|(index, _)| *index).collect::<Vec<_>>(), [1, 6]);
    tell_all(&mut search, |genotype| trade_off(genotype));
    assert_eq!(search.select().unwrap().len(), 4);
}

#[test]
fn a_generation_breeds_once() {
    let mut search = search(SPACE, settings(4, Selection::Nsga2), 1);
    generation(&mut search, |genotype| trade_off(genotype));
    search.breed().unwrap();
    let error = search.breed().unwrap_err().to_string();
    assert_eq!(error, "generation 1 already has 4 offspring; select survivors before breeding again");
}

#[test]
fn settings_are_read_by_name() {
    let text =
        "population = 16\nselection = \"pnsga3-paper\"\nlast-stage = \"random\"\n[mix]\nmutation = 0.5\n";
    let settings: Settings = toml::from_str(text).unwrap();
    assert_eq!((settings.population, settings.selection), (16, Selection::Pnsga3Paper));
    assert_eq!((settings.mix.mutation, settings.mix.crossover), (0.5, 0.25));
    assert_eq!(toml::from_str::<Settings>(&toml::to_string(&settings).unwrap()).unwrap(), settings);
    let error = toml::from_str::<Settings>("populaton = 16").unwrap_err().to_string();
    assert!(error.contains("unknown field `populaton`"), "{error}");
}
