//! The sampled architectures; the same that `tests/peers/torch_step.py` reads from the JSON.

use anyhow::Result;
use random::{Purpose, stream};
use serde::Serialize;
use space::{DartsSpace, Genotype, MacroPlan, Plan, Primitive, SearchSpace};

/// How many there are.
pub(crate) const ARCHITECTURES: u64 = 8;

/// An architecture, and what tells whether another program built the same one.
#[derive(Debug, Serialize)]
pub(crate) struct Architecture {
    genotype: String,
    parameters: u64,
}

/// The architectures that are measured.
pub(crate) fn architectures() -> Vec<Genotype> {
    // As a search does by default: no edge is `none`.
    let space = DartsSpace { primitives: Primitive::DARTS[1..].to_vec(), ..DartsSpace::new() };
    let sample = |index| space.sample(&mut stream(1, Purpose::Test, 1, index));
    (0..ARCHITECTURES).map(sample).collect()
}

/// The same for other programs.
pub(crate) fn described(plan: &MacroPlan) -> Result<Vec<Architecture>> {
    let describe = |path: Genotype| {
        let parameters = Plan::path(&path, plan)?.parameters();
        Ok(Architecture { genotype: path.to_string(), parameters })
    };
    architectures().into_iter().map(describe).collect()
}

/// Normalised images of noise, and labels.
pub(crate) fn images(samples: usize, plan: &MacroPlan) -> (Vec<f32>, Vec<u32>) {
    let len = samples * plan.height * plan.width * 3;
    let pixels = (0..len).map(|at| (at.wrapping_mul(2_654_435_761) % 65_536) as f32 / 32_768.0 - 1.0);
    (pixels.collect(), (0..samples).map(|sample| (sample % plan.classes) as u32).collect())
}
