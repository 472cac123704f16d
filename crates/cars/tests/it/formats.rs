//! The description of the events in `docs/formats.md` against the events themselves: every event, and every field, in both
//! directions.

use std::collections::BTreeSet;

use cars::event::{
    Evaluating, Event, Latency, Measured, Phase, Resumed, RolledBack, SCHEMA, Step, Trained, TrainingStarted,
};
use evolution::{IndividualId, Origin};
use serde_json::Value;
use space::named;

use crate::sample;

const PAGE: &str = include_str!("../../../../docs/formats.md");

/// One of each, with every field that may be absent.
fn events() -> Vec<Event> {
    let latency = Latency {
        predicted_ms: 1.0,
        interval_ms: Some([0.9, 1.1]),
        interpolated_layers: 1,
        measured_ms: Some(1.0),
        spread_ms: Some(0.1),
    };
    let Event::Generation(mut generation) = sample::generation(1) else { unreachable!() };
    let origins = [
        Origin::Initial,
        Origin::Random,
        Origin::Mutation { parent: IndividualId(0) },
        Origin::Crossover { parents: [IndividualId(0), IndividualId(1)] },
    ];
    for (individual, origin) in generation.individuals.iter_mut().zip(origins) {
        (individual.origin, individual.latency) = (origin, Some(latency));
    }
    vec![
        sample::started(),
        Event::TrainingStarted(TrainingStarted {
            name: "sample".to_owned(),
            config: String::new(),
            seed: 1,
            data: String::new(),
            train_images: 1,
            parameters: 1,
            genotype: named::find("CARS_A").unwrap().genotype.clone(),
            work: sample::work(),
        }),
        Event::Step(Step { phase: Phase::Evolution, epoch: 1, step: 1, steps: 2, loss: 1.0 }),
        Event::Device { name: String::new() },
        sample::epoch(1),
        Event::Evaluating(Evaluating { done: 1, total: 2 }),
        Event::Generation(generation),
        Event::Measured(Measured { networks: vec![(0, latency)], kendall: None }),
        Event::Checkpoint { file: String::new() },
        Event::Resumed(Resumed { from: None, epoch: 1, step: 0, generation: 0, work: sample::work() }),
        Event::RolledBack(RolledBack {
            epoch: 1,
            step: 1,
            reason: String::new(),
            back_to: 0,
            learning_rate_factor: 0.5,
            in_a_row: 1,
        }),
        Event::Warning { message: String::new() },
        Event::Interrupted,
        sample::finished(),
        Event::Trained(Trained { loss: 1.0, accuracy: 0.5 }),
    ]
}

/// The words between backticks.
fn marked(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn section() -> &'static str {
    let (_, section) = PAGE.split_once("## Events").unwrap();
    section.split("\n## ").next().unwrap()
}

/// The fields of an event by its row in the table.
fn described(name: &str) -> BTreeSet<&str> {
    let start = format!("| `{name}` |");
    let row = section().lines().find(|line| line.starts_with(&start));
    let row = row.unwrap_or_else(|| panic!("docs/formats.md has no row for the event `{name}`"));
    marked(row.rsplit('|').nth(1).unwrap())
}

/// The names of all fields and text values within.
fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                found.insert(name.clone());
                names(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| names(value, found)),
        _ => {}
    }
}

#[test]
fn every_event_is_among_these() {
    // Who asks for one that does not exist is told all that do.
    let refusal = Event::from_line(r#"{"schema":1,"event":"rewound"}"#).unwrap_err().to_string();
    let (_, all) = refusal.split_once("expected one of ").unwrap();
    let events: Vec<Value> =
        events().iter().map(|event| serde_json::from_str(&event.to_line()).unwrap()).collect();
    let ours: BTreeSet<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(marked(all), ours);
}

#[test]
fn the_page_has_every_event_and_every_field() {
    assert!(section().contains(&format!("`schema` ({SCHEMA})")), "the version of the lines");
    let words = marked(section());
    for event in events() {
        let value: Value = serde_json::from_str(&event.to_line()).unwrap();
        let name = value["event"].as_str().unwrap();
        let fields: BTreeSet<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        let fields = &fields - &["schema", "event"].into();
        let described = described(name);
        let missing = &fields - &described;
        assert!(missing.is_empty(), "docs/formats.md, event `{name}`: describe {missing:?}");
        let within: BTreeSet<&str> = described.into_iter().filter(|word| !word.starts_with("--")).collect();
        let gone: Vec<_> = within.difference(&fields).collect();
        assert!(gone.is_empty(), "docs/formats.md, event `{name}` has no field {gone:?}");
        let mut deep = BTreeSet::new();
        names(&value, &mut deep);
        for name in deep {
            let is_there = words.iter().any(|word| *word == name || word.contains(&format!("\"{name}\"")));
            assert!(is_there, "docs/formats.md, events: describe `{name}`");
        }
    }
}
