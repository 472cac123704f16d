//! A search that was written down, read back and continued equals the one that was never interrupted.

use evolution::{
    EvolutionError, Generation, IndividualId, Origin, Search, Selection, Snapshot, SnapshotProblem,
};
use space::{DartsSpace, Genotype};

use crate::toy::{Digits, SELECTIONS, generation, search, settings, tell_all, trade_off};

fn measure(genotype: &Genotype) -> Vec<f64> {
    let size: usize = genotype.normal.edges().map(|(_, edge)| edge.primitive.index()).sum();
    let inputs: usize = genotype.reduction.edges().map(|(_, edge)| edge.input.index()).sum();
    vec![1.0 / (3.0 + (size + inputs) as f64), size as f64]
}

/// Through the two formats a run directory uses.
fn written_and_read(snapshot: &Snapshot<Genotype>) -> Snapshot<Genotype> {
    let configuration = bincode::config::standard();
    let bytes = bincode::serde::encode_to_vec(snapshot, configuration).unwrap();
    let (from_bytes, read) = bincode::serde::decode_from_slice(&bytes, configuration).unwrap();
    assert_eq!(read, bytes.len());
    let text = serde_json::to_string(snapshot).unwrap();
    assert_eq!(serde_json::from_str::<Snapshot<Genotype>>(&text).unwrap(), from_bytes);
    from_bytes
}

#[test]
fn a_search_interrupted_anywhere_ends_the_same() {
    for selection in SELECTIONS {
        // Interruptions: at the start, after breeding, halfway through telling, before and after selecting.
        for interruption in 0..5 {
            let mut whole = search(DartsSpace::new(), settings(12, selection), 21);
            generation(&mut whole, measure);
            whole.invalidate();
            let mut broken = whole.clone();
            for round in 0..3 {
                let restored = |search: &Search<DartsSpace>, step| {
                    if round == 1 && step == interruption {
                        let snapshot = written_and_read(&search.snapshot());
                        assert_eq!(snapshot, search.snapshot());
                        Search::restore(DartsSpace::new(), snapshot).unwrap()
                    } else {
                        search.clone()
                    }
                };
                generation(&mut whole, measure);
                whole.invalidate();

                broken = restored(&broken, 0);
                broken.breed().unwrap();
                broken = restored(&broken, 1);
                for (index, genotype) in broken.ask().into_iter().take(7) {
                    broken.tell(index, measure(&genotype)).unwrap();
                }
                broken = restored(&broken, 2);
                tell_all(&mut broken, measure);
                broken = restored(&broken, 3);
                broken.select().unwrap();
                broken = restored(&broken, 4);
                broken.invalidate();
                assert_eq!(broken.snapshot(), whole.snapshot(), "{selection:?}, {interruption}, {round}");
            }
        }
    }
}

#[test]
fn impossible_states_are_refused() {
    let mut search = search(Digits { length: 6, base: 4 }, settings(4, Selection::Pnsga3Released), 2);
    generation(&mut search, |genotype| trade_off(genotype));
    search.breed().unwrap();
    let good = search.snapshot();
    let restore = |snapshot| Search::restore(Digits { length: 6, base: 4 }, snapshot).map(|_| ());
    assert_eq!(restore(good.clone()), Ok(()));
    let check = |spoil: fn(&mut Snapshot<Vec<u8>>), expected: &str| {
        let mut snapshot = good.clone();
        spoil(&mut snapshot);
        let error = restore(snapshot).unwrap_err();
        assert!(matches!(error, EvolutionError::Snapshot(_)), "{error}");
        let expected = format!("the snapshot is no state of a search: {expected}");
        assert!(error.to_string().starts_with(&expected), "{error}");
    };
    check(|s| s.population.truncate(3), "it holds a population of 3, its settings say 4");
    check(|s| s.offspring.push(s.offspring[0].clone()), "it holds 5 offspring, its settings allow 4");
    check(|s| s.population.swap(0, 1), "individual");
    check(|s| s.next_id = s.offspring[3].id, "individual");
    check(|s| s.offspring[0].born = Generation(9), "individual 8 is born in generation 9");
    check(|s| s.population[1].born = Generation(2), "individual");
    check(
        |s| s.offspring[0].origin = Origin::Mutation { parent: IndividualId(8) },
        "individual 8 names 8 as its parent",
    );
    check(|s| s.population[0].objectives = Some(vec![0.5]), "individual");
    check(|s| s.population[0].objectives = Some(vec![0.5, f64::NAN]), "individual");
    check(|s| s.population[0].previous_error = Some(f64::INFINITY), "individual");
    check(|s| s.offspring[1].genotype = s.population[0].genotype.clone(), "individuals");

    let mut snapshot = good.clone();
    snapshot.offspring[1].genotype = snapshot.offspring[0].genotype.clone();
    let [first, second] = [8, 9].map(IndividualId);
    let expected = EvolutionError::Snapshot(SnapshotProblem::Duplicate { first, second });
    assert_eq!(restore(snapshot), Err(expected));

    let mut snapshot = good.clone();
    snapshot.settings.gene_probability = 2.0;
    assert!(matches!(restore(snapshot), Err(EvolutionError::Setting { field: "gene-probability", .. })));
}
