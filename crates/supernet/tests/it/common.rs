//! Small networks, images and optimiser settings that all tests share.

use rand::RngExt;
use random::{Purpose, stream};
use space::{DartsSpace, Genotype, MacroPlan, SearchSpace};
use supernet::{Sgd, State};

pub(crate) const CLASSES: usize = 3;
pub(crate) const SIDE: usize = 8;

/// Three cells of four channels on 8x8 images: one normal, two reductions.
pub(crate) fn tiny() -> MacroPlan {
    MacroPlan { height: SIDE, width: SIDE, classes: CLASSES, ..MacroPlan::custom(4, 3) }
}

pub(crate) fn genotype(index: u64) -> Genotype {
    DartsSpace::new().sample(&mut stream(1, Purpose::Test, 0, index))
}

/// Images whose label shows in the brightness of one colour, and in noise.
pub(crate) fn data(samples: usize, index: u64) -> (Vec<f32>, Vec<u32>) {
    let mut draw = stream(2, Purpose::Test, 0, index);
    let labels: Vec<u32> = (0..samples).map(|_| draw.random_range(0..CLASSES as u32)).collect();
    let mut images = Vec::new();
    for &label in &labels {
        for element in 0..SIDE * SIDE * 3 {
            let signal = if element % 3 == label as usize { 0.5 } else { 0.0 };
            images.push(signal + draw.random_range(-1.0_f32..1.0));
        }
    }
    (images, labels)
}

/// Plain gradient descent: after one step with rate 1, the change of a weight is its gradient.
pub(crate) fn plain(learning_rate: f64) -> Sgd {
    Sgd { learning_rate, momentum: 0.0, weight_decay: 0.0, gradient_clip: f64::INFINITY }
}

pub(crate) fn paper() -> Sgd {
    Sgd { learning_rate: 0.025, momentum: 0.9, weight_decay: 3e-4, gradient_clip: 5.0 }
}

/// Trainable weights of a state: neither momenta nor running statistics.
pub(crate) fn is_weight(name: &str) -> bool {
    !(name.starts_with("velocity.") || is_statistic(name))
}

/// Running means and variances.
pub(crate) fn is_statistic(name: &str) -> bool {
    matches!(name.rsplit('.').next(), Some("mean" | "variance"))
}

/// Names of weights that differ between two states.
pub(crate) fn changed(before: &State, after: &State) -> Vec<String> {
    before.iter().filter(|(name, tensor)| after[*name] != **tensor).map(|(name, _)| name.clone()).collect()
}
