//! Stand-alone networks: counts of every named genotype, training, drop-path, and the forward pass as tensors.

use candle_core::{Device, Tensor};
use space::{MacroPlan, Plan, named};
use supernet::{BatchNormStatistics, Cpu, DropPath, Network, Reference};

use crate::common::{CLASSES, SIDE, data, genotype, paper, tiny};

#[test]
fn every_named_genotype_has_the_parameters_of_its_plan() {
    for entry in named::all() {
        for macro_plan in [MacroPlan::cifar(), MacroPlan::imagenet()] {
            let network = Network::new(Cpu::new(), &entry.genotype, &macro_plan, 0).unwrap();
            let plan = Plan::stand_alone(&entry.genotype, &macro_plan).unwrap();
            assert_eq!(network.parameters(), plan.parameters_with_auxiliary(), "{}", entry.name);
        }
    }
}

#[test]
fn every_named_genotype_trains_and_infers() {
    // 32 pixels a side, so that the auxiliary head exists.
    let macro_plan = MacroPlan { classes: CLASSES, ..MacroPlan::custom(2, 3) };
    let images: Vec<f32> = (0..4 * 32 * 32 * 3).map(|i| (i % 97) as f32 / 97.0 - 0.5).collect();
    for entry in named::all() {
        let mut slow = Network::new(Reference, &entry.genotype, &macro_plan, 2).unwrap();
        let mut fast = Network::new(Cpu::new(), &entry.genotype, &macro_plan, 2).unwrap();
        let expected = slow.train_step(&images, &[0, 1, 2, 1], &paper(), None).unwrap();
        let got = fast.train_step(&images, &[0, 1, 2, 1], &paper(), None).unwrap();
        assert!((expected.loss - got.loss).abs() < 1e-3, "{}: {expected:?} {got:?}", entry.name);
        let relative = got.gradient_norm / expected.gradient_norm - 1.0;
        assert!(relative.abs() < 2e-2, "{}: {expected:?} {got:?}", entry.name);
    }
}

#[test]
fn a_network_learns_and_its_forward_pass_is_what_it_is_scored_on() {
    let (images, labels) = data(32, 0);
    let mut network = Network::new(Cpu::new(), &genotype(2), &tiny(), 3).unwrap();
    for _ in 0..60 {
        network.train_step(&images, &labels, &paper(), None).unwrap();
    }
    let batches = &mut [network.batch(&images, &labels).unwrap()];
    let score = network.evaluate(batches, BatchNormStatistics::Running).unwrap();
    assert!(score.accuracy > 0.8, "{score:?}");
    let tensor = Tensor::from_vec(images, (32, SIDE, SIDE, 3), &Device::Cpu).unwrap();
    let logits = network.forward(&tensor).unwrap();
    let best = logits.argmax(1).unwrap().to_vec1::<u32>().unwrap();
    let right = best.iter().zip(&labels).filter(|(best, label)| best == label).count();
    assert_eq!(right as f64 / 32.0, score.accuracy);
}

#[test]
fn drop_path_is_a_named_draw() {
    let (images, labels) = data(16, 0);
    let loss = |drop_path| {
        let mut network = Network::new(Cpu::new(), &genotype(2), &tiny(), 3).unwrap();
        network.train_step(&images, &labels, &paper(), drop_path).unwrap().loss
    };
    let drop = |probability, step| Some(DropPath { probability, seed: 1, epoch: 0, step });
    assert_eq!(loss(None), loss(drop(0.0, 0)));
    assert_eq!(loss(drop(0.3, 1)), loss(drop(0.3, 1)));
    assert_ne!(loss(drop(0.3, 1)), loss(drop(0.3, 2)));
    assert_ne!(loss(drop(0.3, 1)), loss(None));
}

#[test]
fn the_weight_of_the_auxiliary_loss_is_settable() {
    // 32 pixels a side, so that the auxiliary head exists.
    let plan = MacroPlan { height: 32, width: 32, ..tiny() };
    let images: Vec<f32> = (0..4 * 32 * 32 * 3).map(|i| (i * 7919 % 1000) as f32 / 500.0 - 1.0).collect();
    let labels = [0, 1, 2, 0];
    let norm = |weight: Option<f64>| {
        let mut network = Network::new(Cpu::new(), &genotype(2), &plan, 3).unwrap();
        if let Some(weight) = weight {
            network.set_auxiliary_weight(weight);
        }
        network.train_step(&images, &labels, &paper(), None).unwrap().gradient_norm
    };
    assert_eq!(norm(None), norm(Some(0.4)));
    assert_ne!(norm(Some(0.0)), norm(None));
    // The gradient is linear in the weight, so the square of its norm has no third difference.
    let square = |weight: f64| norm(Some(weight)).powi(2);
    let third = square(1.2) - 3.0 * square(0.8) + 3.0 * square(0.4) - square(0.0);
    assert!(third.abs() < 1e-4 * square(1.2), "{third}");
}
