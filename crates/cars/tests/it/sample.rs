//! A small made-up run: its config, its events and its weights. The numbers mean nothing.

use cars::config::{CheckedConfig, Config};
use cars::event::{Epoch, Event, Finished, Generation, Individual, Phase, Started, Work};
use evolution::{IndividualId, Origin};
use space::{AnyArchitecture, MacroPlan, Plan, named};
use supernet::{State, StoredTensor};

pub fn config() -> CheckedConfig {
    Config { name: "sample".to_owned(), ..Config::default() }.check().unwrap()
}

pub fn weights(value: f32) -> State {
    let tensor = |shape: &[usize], values: Vec<f32>| StoredTensor { shape: shape.to_vec(), values };
    [
        ("stem.weight".to_owned(), tensor(&[2, 3], vec![value; 6])),
        ("cell.0.scale".to_owned(), tensor(&[1], vec![-0.0])),
        ("momentum/stem.weight".to_owned(), tensor(&[2], vec![f32::MIN_POSITIVE, f32::NAN])),
    ]
    .into()
}

pub fn started() -> Event {
    let config = config();
    Event::Started(Started {
        name: config.name.clone(),
        config: config.digest(),
        seed: config.seed,
        data: "built-in: 4000 + 2000 images".to_owned(),
        train_images: 4000,
        validation_images: 2000,
        objectives: config.objectives().to_vec(),
        work: work(),
    })
}

pub fn work() -> Work {
    Work {
        epochs: 6,
        warm_up_epochs: 2,
        steps_per_epoch: 4,
        images_per_step: 64,
        generations: 2,
        evaluations_per_generation: 12,
        images_per_evaluation: 2512,
    }
}

pub fn epoch(epoch: usize) -> Event {
    let phase = if epoch <= 2 { Phase::WarmUp } else { Phase::Evolution };
    let loss = 2.3 / epoch as f64;
    Event::Epoch(Epoch { phase, epoch, epochs: 6, learning_rate: 0.05, loss, accuracy: 1.0 - loss / 2.5 })
}

/// A generation of the published CARS networks, more accurate with size and with time.
pub fn generation(generation: usize) -> Event {
    let individual = |(index, name): (usize, &&str)| {
        let genotype = named::find(name).unwrap().genotype.clone();
        let plan = Plan::stand_alone(&genotype, &MacroPlan::custom(8, 5)).unwrap();
        Individual {
            id: index as u64,
            origin: match index % 3 {
                0 => Origin::Initial,
                1 => Origin::Mutation { parent: IndividualId(0) },
                _ => Origin::Crossover { parents: [IndividualId(0), IndividualId(1)] },
            },
            accuracy: 0.4 + 0.01 * index as f64 + 0.05 * generation as f64,
            parameters: plan.parameters(),
            multiply_adds: plan.multiply_adds(),
            latency: None,
            genotype: AnyArchitecture::Darts(genotype),
        }
    };
    let names = ["CARS_A", "CARS_B", "CARS_C", "CARS_Lat_A", "CARS_I"];
    let individuals: Vec<Individual> = names.iter().enumerate().map(individual).collect();
    Event::Generation(Generation {
        generation,
        generations: 2,
        epoch: 2 + 2 * generation,
        evaluated: 10,
        front: vec![3, 4],
        individuals,
        hypervolume: 0.3 + 0.04 * generation as f64,
        reference: vec![1.0, 3e5],
    })
}

pub fn finished() -> Event {
    Event::Finished(Finished { front: 2, best_accuracy: 0.54, hypervolume: 0.38 })
}
