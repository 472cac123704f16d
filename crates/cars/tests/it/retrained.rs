//! A front before and after retraining, and the report of a training run.

use cars::config::{CheckedRecipe, Recipe, Settings};
use cars::event::{Epoch, Event, Phase, Trained, TrainingStarted};
use cars::report::{Besides, html_with, training_html};
use cars::retrained::{Retrained, Retraining, RetrainingError};
use cars::train::Evaluation;
use space::named;

use crate::report::drawn;
use crate::sample;

fn evaluation(top_1: f64) -> Evaluation {
    Evaluation {
        schema: 1,
        config: String::new(),
        epochs: 3,
        data: "built-in test, sha256 00".to_owned(),
        first: 0,
        images: 8,
        top_1,
        top_5: None,
        classes: ["cat", "<dog>"].map(str::to_owned).to_vec(),
        confusion: vec![vec![3, 1], vec![0, 4]],
    }
}

fn retrained(name: &str, top_1: f64) -> Retrained {
    let genotype = named::find(name).unwrap().genotype.clone();
    Retrained { name: name.to_owned(), genotype, evaluation: evaluation(top_1) }
}

/// A front of three: CARS-C, CARS-Lat-A and CARS-I, in the search better in this order.
fn events() -> Vec<Event> {
    let Event::Generation(mut generation) = sample::generation(2) else { unreachable!() };
    generation.front = vec![2, 3, 4];
    vec![sample::started(), Event::Generation(generation), sample::finished()]
}

#[test]
fn members_are_found_by_their_genotype_and_ranked() {
    let all = [retrained("CARS_I", 0.9), retrained("CARS_C", 0.7), retrained("CARS_Lat_A", 0.8)];
    let retraining = Retraining::of(&events(), &all, 1).unwrap();
    let accuracies = |network: &cars::retrained::BeforeAfter| (network.before, network.after);
    let mut pairs: Vec<_> = retraining.networks.iter().map(accuracies).collect();
    assert!(retraining.networks.is_sorted_by_key(|network| network.number));
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert_eq!(pairs.iter().map(|pair| pair.1).collect::<Vec<_>>(), [0.7, 0.8, 0.9]);
    assert_eq!(retraining.kendall.unwrap().value, 1.0);
    let besides = Besides { retraining: Some(&retraining), ..Besides::default() };
    let html = html_with(&sample::config(), &events(), besides);
    assert_eq!(html.matches("<circle class=\"spot").count(), 9, "twice over size, once against each other");
    assert!(
        html.contains("tau of search and retrained accuracy: 1.00 (95 % bootstrap interval 1.00 to 1.00")
    );
    assert!(!html.contains("NaN"));
    assert_eq!(
        Retraining::of(&events(), &all[..2], 1).unwrap().kendall,
        None,
        "two have no order to speak of"
    );
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let refused = |networks: &[Retrained]| Retraining::of(&events(), networks, 1).unwrap_err();
    assert!(matches!(refused(&[retrained("CARS_A", 0.5)]), RetrainingError::NotOnFront { .. }));
    let same = [retrained("CARS_I", 0.5), retrained("CARS_I", 0.6)];
    assert!(matches!(refused(&same), RetrainingError::Twice { .. }));
    let mut other = retrained("CARS_C", 0.5);
    other.evaluation.first = 4;
    assert!(matches!(refused(&[retrained("CARS_I", 0.5), other]), RetrainingError::OtherImages { .. }));
}

fn recipe() -> CheckedRecipe {
    Recipe { genotype: Some("cars-a".to_owned()), ..Recipe::default() }.check().unwrap()
}

#[test]
fn a_training_run_has_a_report_from_its_beginning() {
    let recipe = recipe();
    let started = Event::TrainingStarted(TrainingStarted {
        name: recipe.name.clone(),
        config: recipe.digest(),
        seed: recipe.seed,
        data: "built-in train, sha256 00".to_owned(),
        train_images: 4000,
        parameters: 14_234,
        genotype: recipe.genotype().clone(),
        work: sample::work(),
    });
    let epoch = |epoch, loss| {
        let (phase, epochs, learning_rate) = (Phase::Training, 20, 0.025);
        Event::Epoch(Epoch { phase, epoch, epochs, learning_rate, loss, accuracy: 0.5 })
    };
    let begun = training_html(&recipe, std::slice::from_ref(&started), None, None);
    assert!(begun.contains("http-equiv=refresh") && begun.contains("Not tested yet"));
    let trained = Event::Trained(Trained { loss: 1.0, accuracy: 0.5 });
    let events = [started, epoch(1, f64::NAN), epoch(2, 1.0), trained];
    let whole = training_html(&recipe, &events, Some(&evaluation(0.875)), None);
    for part in
        ["87.5 %", "Training loss", "14.2 k", "<td>cat<td>4<td>75.0 %<td>100.0 %", "&lt;dog&gt;", "finished"]
    {
        assert!(whole.contains(part), "{part}");
    }
    assert_eq!(whole.matches("<svg class=cell").count(), 2);
    assert_eq!(whole.matches("<td style=").count(), 4, "a field for every pair of classes");
    for name in ["svg", "section", "article", "figure", "details", "table", "main", "dl", "p"] {
        let opened =
            whole.matches(&format!("<{name}>")).count() + whole.matches(&format!("<{name} ")).count();
        assert_eq!(opened, whole.matches(&format!("</{name}>")).count(), "{name}");
    }
    let drawn = drawn(&whole);
    assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "a coordinate is not a number");
}
