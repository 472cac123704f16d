//! What a GPU can do at best, by its published peaks, and the least that a step and an evaluation take there. No forecast:
//! measured times are several times longer (launches, caches, products that do not fill the device).

use evolution::Search;
use serde::Serialize;
use space::{AnyArchitecture, Architecture as _, Op, Plan, Shape, Site};

use crate::config::{BatchNorm, CheckedConfig};
use crate::run::RunError;

/// A GPU by its data sheet; dense, without tensor cores, which the kernels do not use.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Gpu {
    /// Its name, and the form that the figures are of.
    pub name: &'static str,
    /// FP32 operations a second.
    pub operations: f64,
    /// Bytes a second from and to its memory.
    pub bandwidth: f64,
    /// Bytes of its second-level cache.
    pub cache: f64,
    /// Where the figures are from.
    pub source: &'static str,
}

/// The least seconds that something takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Floor {
    /// A step of one path, on its batch.
    pub step: f64,
    /// An evaluation.
    pub evaluation: f64,
}

impl Gpu {
    /// NVIDIA H200.
    pub const H200: Self = Self {
        name: "H200 SXM",
        operations: 67e12,
        bandwidth: 4.8e12,
        cache: 50e6,
        source: "NVIDIA H200 Tensor Core GPU data sheet",
    };

    /// NVIDIA H100.
    pub const H100: Self = Self {
        name: "H100 SXM",
        operations: 67e12,
        bandwidth: 3.35e12,
        cache: 50e6,
        source: "NVIDIA H100 Tensor Core GPU data sheet",
    };

    /// NVIDIA A100.
    pub const A100: Self = Self {
        name: "A100 SXM 80 GB",
        operations: 19.5e12,
        bandwidth: 2.039e12,
        cache: 40e6,
        source: "NVIDIA A100 Tensor Core GPU data sheet",
    };

    /// The floor of a search: the mean over its first population.
    pub fn floor(&self, config: &CheckedConfig) -> Result<Floor, RunError> {
        let evolution = config.evolution_settings().clone();
        let search = Search::new(config.search_space().clone(), evolution, config.seed)?;
        let (mut step, mut evaluation) = (0.0, 0.0);
        for one in search.population() {
            let plan = AnyArchitecture::path(&one.genotype, &config.macro_plan())?;
            step += self.step(&plan, config.training.batch_size);
            evaluation += self.arithmetic(forward(&plan) as f64 * scored(config) as f64);
        }
        let count = search.population().len() as f64;
        Ok(Floor { step: step / count, evaluation: evaluation / count })
    }

    /// The longer of two: the arithmetic, and what goes to memory and comes back, which is each feature map that the backward pass
    /// reads again, as far as it does not fit into the cache.
    fn step(&self, plan: &Plan, batch: usize) -> f64 {
        let arithmetic = self.arithmetic(training(plan) as f64 * batch as f64);
        let kept: usize = plan.values[1..].iter().map(|shape| Shape::elements(*shape)).sum();
        let kept = (kept * batch * size_of::<f32>()) as f64;
        arithmetic.max(2.0 * (kept - self.cache).max(0.0) / self.bandwidth)
    }

    fn arithmetic(&self, multiply_adds: f64) -> f64 {
        2.0 * multiply_adds / self.operations
    }
}

/// Images that an evaluation looks at.
fn scored(config: &CheckedConfig) -> usize {
    let recalibration = match config.evaluation.batch_norm {
        BatchNorm::Running => 0,
        BatchNorm::Recalibrated => config.evaluation.recalibration_images,
    };
    config.validation_images() + recalibration
}

/// Multiply-adds of an image forward.
fn forward(plan: &Plan) -> u64 {
    let ops = plan.needed_layers().into_iter().flat_map(space::Layer::ops);
    ops.map(|op| Op::multiply_adds(&op)).sum()
}

/// And with the gradients of weights and inputs; nobody asks for those of the image.
fn training(plan: &Plan) -> u64 {
    let first = plan.layers.iter().filter(|layer| layer.site == Site::Stem(0));
    let image: u64 = first.flat_map(space::Layer::ops).map(|op| op.multiply_adds()).sum();
    3 * forward(plan) - image
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_floor_is_arithmetic_or_traffic() {
        let config = Config::default().check().unwrap();
        let slow = Gpu { operations: 1e9, ..Gpu::H100 }.floor(&config).unwrap();
        let slower = Gpu { operations: 5e8, ..Gpu::H100 }.floor(&config).unwrap();
        assert!((slower.step / slow.step - 2.0).abs() < 1e-9);
        assert!((slower.evaluation / slow.evaluation - 2.0).abs() < 1e-9);
        let narrow = Gpu { bandwidth: 1e6, cache: 0.0, ..Gpu::H100 }.floor(&config).unwrap();
        let narrower = Gpu { bandwidth: 5e5, cache: 0.0, ..Gpu::H100 }.floor(&config).unwrap();
        assert!((narrower.step / narrow.step - 2.0).abs() < 1e-9);
        // Nothing of an evaluation has to be kept.
        assert_eq!(narrow.evaluation, Gpu::H100.floor(&config).unwrap().evaluation);
    }

    #[test]
    fn a_step_takes_three_forward_passes_but_for_the_image() {
        let config = Config::default().check().unwrap();
        let genotype = AnyArchitecture::Darts(space::named::find("DARTS_V2").unwrap().genotype.clone());
        let plan = genotype.path(&config.macro_plan()).unwrap();
        assert_eq!(forward(&plan), plan.multiply_adds());
        let channels = 3 * config.network.channels as u64;
        assert_eq!(3 * forward(&plan) - training(&plan), 27 * channels * 32 * 32);
    }
}
