//! Variation and breeding: shares, distinctness, coupling of the two cells, exhausted spaces, determinism.

use std::collections::BTreeSet;

use evolution::{EvolutionError, Generation, Origin, Search, Selection, Settings, variation};
use random::{Purpose, stream};
use space::{Coupling, DartsSpace, Genotype, SearchSpace};

use crate::toy::{Digits, generation, search, settings, tell_all, trade_off};

/// A stand-in for an evaluation: any fixed function of the genotype.
fn measure(genotype: &Genotype) -> Vec<f64> {
    let edges = || genotype.normal.edges().chain(genotype.reduction.edges()).map(|(_, edge)| edge);
    let size: usize = edges().map(|edge| edge.primitive.index()).sum();
    let inputs: usize = edges().map(|edge| edge.input.index()).sum();
    vec![1.0 / (1.0 + (size * inputs) as f64), size as f64]
}

#[test]
fn equal_seeds_give_equal_searches() {
    let run = |seed| {
        let mut search = search(DartsSpace::new(), settings(16, Selection::Pnsga3Released), seed);
        for _ in 0..5 {
            search.invalidate();
            generation(&mut search, measure);
        }
        search.snapshot()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7).population, run(8).population);
}

#[test]
fn the_order_of_telling_does_not_matter() {
    let start = search(DartsSpace::new(), settings(16, Selection::Pnsga3Released), 3);
    let [mut forward, mut backward] = [start.clone(), start];
    for search in [&mut forward, &mut backward] {
        search.breed().unwrap();
    }
    tell_all(&mut forward, measure);
    for (index, genotype) in backward.ask().into_iter().rev() {
        backward.tell(index, measure(&genotype)).unwrap();
    }
    assert_eq!(forward.select().unwrap(), backward.select().unwrap());
    assert_eq!(forward.snapshot(), backward.snapshot());
}

#[test]
fn offspring_come_about_in_the_settings_shares() {
    let settings = Settings { population: 2_000, offspring_ratio: 4.0, ..Settings::default() };
    let mut search = search(DartsSpace::new(), settings, 5);
    let brood = search.breed().unwrap();
    assert!(!brood.is_saturated());
    let share = |is: fn(&Origin) -> bool| {
        search.offspring().iter().filter(|one| is(&one.origin)).count() as f64 / brood.bred as f64
    };
    // One mutant in 16 has no gene replaced, one crossover in 8 is a copy of a parent; both are rejected.
    let [mutants, crossed, fresh] = [0.25 * 15.0 / 16.0, 0.25 * 7.0 / 8.0, 0.5];
    let all = mutants + crossed + fresh;
    let check = |found: f64, expected: f64| {
        // Five standard deviations of the share of 8,000 draws are at most 0.028.
        assert!((found - expected / all).abs() < 0.028, "{found} {expected}");
    };
    check(share(|origin| matches!(origin, Origin::Mutation { .. })), mutants);
    check(share(|origin| matches!(origin, Origin::Crossover { .. })), crossed);
    check(share(|origin| matches!(origin, Origin::Random)), fresh);
    assert!((brood.attempts as f64 / brood.bred as f64 - 1.0 / all).abs() < 0.02);
}

#[test]
fn nobody_is_there_twice_and_births_are_counted() {
    // 4^4 = 256 genotypes: random draws collide often.
    let mut search = search(Digits { length: 4, base: 4 }, settings(40, Selection::Pnsga3Paper), 11);
    assert!(search.population().iter().all(|one| one.origin == Origin::Initial));
    for round in 0..10 {
        search.invalidate();
        assert_eq!(search.breed().unwrap().bred, 40);
        let everybody: Vec<_> = search.population().iter().chain(search.offspring()).collect();
        assert_eq!(everybody.iter().map(|one| &one.genotype).collect::<BTreeSet<_>>().len(), 80);
        assert!(everybody.windows(2).all(|pair| pair[0].id < pair[1].id));
        assert!(search.offspring().iter().all(|one| one.born == Generation(round + 1)));
        let parents: BTreeSet<_> = search.population().iter().map(|one| one.id).collect();
        for child in search.offspring() {
            match child.origin {
                Origin::Mutation { parent } => assert!(parents.contains(&parent)),
                Origin::Crossover { parents: both } => assert!(both.iter().all(|id| parents.contains(id))),
                Origin::Random => {}
                Origin::Initial => panic!("offspring are not initial"),
            }
        }
        tell_all(&mut search, |genotype| trade_off(genotype));
        search.select().unwrap();
        assert_eq!(search.generation(), Generation(round + 1));
    }
}

#[test]
fn the_two_cells_vary_together_only_if_coupled() {
    let mixed = |coupling| {
        let space = DartsSpace { coupling, ..DartsSpace::new() };
        let mut mixed = 0;
        for index in 0..200 {
            let mut rng = stream(1, Purpose::Test, 0, index);
            let [a, b] = [space.sample(&mut rng), space.sample(&mut rng)];
            let child = variation::crossover(&space, &a, &b, 0.5, &mut rng);
            for node in 0..4 {
                let pair =
                    |genotype: &Genotype| [genotype.normal.nodes[node], genotype.reduction.nodes[node]];
                assert!(pair(&a)[0] == pair(&child)[0] || pair(&b)[0] == pair(&child)[0]);
                mixed += usize::from(pair(&child) != pair(&a) && pair(&child) != pair(&b));
            }
            let mutant = variation::mutate(&space, &a, 0.5, &mut rng);
            assert_eq!(mutant.check(), Ok(()));
        }
        mixed
    };
    assert_eq!(mixed(Coupling::Coupled), 0);
    // Half of 800 nodes, less those where a and b agree in one cell.
    assert!((300..=460).contains(&mixed(Coupling::Separate)), "{}", mixed(Coupling::Separate));
}

#[test]
fn the_gene_probability_is_the_share_of_genes_replaced() {
    let space = Digits { length: 1_000, base: 250 };
    let mut rng = stream(2, Purpose::Test, 0, 0);
    let [a, b] = [space.sample(&mut rng), space.sample(&mut rng)];
    let changed = |child: &[u8]| child.iter().zip(&a).filter(|(x, y)| x != y).count();
    for (probability, expected) in [(0.0, 0), (0.5, 500), (1.0, 1_000)] {
        for child in [
            variation::mutate(&space, &a, probability, &mut rng),
            variation::crossover(&space, &a, &b, probability, &mut rng),
        ] {
            assert!(changed(&child).abs_diff(expected) <= 80, "{probability}: {}", changed(&child));
        }
    }
    assert_eq!(variation::mutate(&space, &a, 0.0, &mut rng), a);
    assert_eq!(variation::crossover(&space, &a, &b, 1.0, &mut rng), b);
}

#[test]
fn a_small_space_saturates_and_the_search_goes_on() {
    let space = Digits { length: 2, base: 3 };
    let mut few = search(space, settings(5, Selection::Pnsga3Released), 1);
    let brood = few.breed().unwrap();
    assert_eq!((brood.wanted, brood.bred), (5, 4));
    assert!(brood.is_saturated());
    tell_all(&mut few, |genotype| trade_off(genotype));
    assert_eq!(few.select().unwrap().len(), 5);

    let mut whole = search(space, settings(9, Selection::Nsga2), 1);
    assert_eq!(whole.breed().unwrap().bred, 0);
    tell_all(&mut whole, |genotype| trade_off(genotype));
    assert_eq!(whole.select().unwrap(), (0..9).collect::<Vec<_>>());
    assert_eq!(whole.breed().unwrap().bred, 0);

    let ten = settings(10, Selection::Nsga2).check().unwrap();
    let error = Search::new(space, ten, 1).unwrap_err();
    assert_eq!(error, EvolutionError::SpaceTooSmall { wanted: 10, found: 9, attempts: 2_000 });
}
