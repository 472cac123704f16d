//! What a GPU can do at best, by its published peaks, and the least that a step and an evaluation take there. No forecast:
//! measured times are several times longer (launches, caches, products that do not fill the device).

use std::collections::BTreeSet;

use evolution::Search;
use serde::Serialize;
use space::{AnyArchitecture, Architecture as _, Layer, Op, OpKind, Plan, Site, ValueId};

use crate::config::{CheckedConfig, Precision};
use crate::run::RunError;

/// A GPU by its data sheet, without sparsity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Gpu {
    /// Its name, and the form that the figures are of.
    pub name: &'static str,
    /// Operations a second in the precision that it computes in; in single precision without tensor cores, which the kernels do
    /// not use for that.
    pub operations: f64,
    /// The same in bfloat16 on tensor cores.
    #[serde(skip)]
    tensor_operations: f64,
    /// What it computes in.
    #[serde(skip)]
    precision: Precision,
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
        tensor_operations: 989e12,
        precision: Precision::F32,
        bandwidth: 4.8e12,
        cache: 50e6,
        source: "NVIDIA H200 Tensor Core GPU data sheet",
    };

    /// NVIDIA H100.
    pub const H100: Self = Self {
        name: "H100 SXM",
        operations: 67e12,
        tensor_operations: 989e12,
        precision: Precision::F32,
        bandwidth: 3.35e12,
        cache: 50e6,
        source: "NVIDIA H100 Tensor Core GPU data sheet",
    };

    /// NVIDIA A100.
    pub const A100: Self = Self {
        name: "A100 SXM 80 GB",
        operations: 19.5e12,
        tensor_operations: 312e12,
        precision: Precision::F32,
        bandwidth: 2.039e12,
        cache: 40e6,
        source: "NVIDIA A100 Tensor Core GPU data sheet",
    };

    /// The same GPU in bfloat16, by the peak of its tensor cores. Depthwise convolutions do not run on those; a floor is one all the
    /// same.
    #[must_use]
    pub fn in_bf16(self) -> Self {
        Self { operations: self.tensor_operations, precision: Precision::Bf16, ..self }
    }

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

    /// The longer of two: the arithmetic, and what goes to memory and comes back, which is what the backward pass reads again, as far
    /// as it does not fit into the cache.
    fn step(&self, plan: &Plan, batch: usize) -> f64 {
        let arithmetic = self.arithmetic(training(plan) as f64 * batch as f64);
        let kept = (kept(plan) * batch * self.precision.bytes()) as f64;
        arithmetic.max(2.0 * (kept - self.cache).max(0.0) / self.bandwidth)
    }

    fn arithmetic(&self, multiply_adds: f64) -> f64 {
        2.0 * multiply_adds / self.operations
    }
}

/// Images that an evaluation looks at, those of recalibration from the training images.
fn scored(config: &CheckedConfig) -> usize {
    config.validation_images() + config.evaluation.recalibrated_on(config.train_images())
}

/// Multiply-adds of an image forward.
fn forward(plan: &Plan) -> u64 {
    let ops = plan.needed_layers().into_iter().flat_map(Layer::ops);
    ops.map(|op| Op::multiply_adds(&op)).sum()
}

/// And with the gradients of weights and inputs; nobody asks for those of the image.
fn training(plan: &Plan) -> u64 {
    let first = plan.layers.iter().filter(|layer| layer.site == Site::Stem(0));
    let image: u64 = first.flat_map(Layer::ops).map(|op| op.multiply_adds()).sum();
    3 * forward(plan) - image
}

/// Numbers of an image's feature maps that the backward pass reads again for certain: what convolutions read, for the gradients of
/// their weights. Without the image, and without the maps inside a layer.
fn kept(plan: &Plan) -> usize {
    let convolutions = plan.needed_layers().into_iter().filter(|layer| convolves_all(layer));
    let read: BTreeSet<ValueId> = convolutions.flat_map(|layer| layer.inputs.iter().copied()).collect();
    let maps = read.into_iter().filter(|&value| value != ValueId::IMAGE);
    maps.map(|value| plan.values[value.index()].elements()).sum()
}

/// Whether a layer convolves what it reads, rectified or not; with a stride it may pass pixels over.
fn convolves_all(layer: &Layer) -> bool {
    let first = layer.ops().into_iter().map(|op| op.kind).find(|kind| *kind != OpKind::Relu);
    matches!(first, Some(OpKind::Conv(conv)) if conv.stride == [1, 1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{BatchNorm, Config};

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
    fn in_bf16_products_are_faster_and_maps_half_as_large() {
        let config = Config::default().check().unwrap();
        let floor = |gpu: Gpu| gpu.floor(&config).unwrap();
        let faster = floor(Gpu::A100).evaluation / floor(Gpu::A100.in_bf16()).evaluation;
        assert!((faster - 16.0).abs() < 1e-9, "{faster}");
        let narrow = Gpu { bandwidth: 1e6, cache: 0.0, ..Gpu::A100 };
        assert!((floor(narrow).step / floor(narrow.in_bf16()).step - 2.0).abs() < 1e-9);
    }

    #[test]
    fn only_what_convolutions_read_is_kept() {
        let skips = "[('skip_connect', 0), ('skip_connect', 1)]".repeat(4).replace("][", ", ");
        let text = format!(
            "Genotype(normal={skips}, normal_concat=range(2, 6), reduce={skips}, reduce_concat=range(2, 6))"
        );
        let mut config = Config::default();
        config.network.cells = 3;
        let (channels, config) = (config.network.channels, config.check().unwrap());
        let genotype = AnyArchitecture::Darts(text.parse().unwrap());
        let plan = genotype.path(&config.macro_plan()).unwrap();
        // The stem's map and the nodes of the first two cells: what cells prepare, skips read, and nobody reads the last nodes
        // but a mean. The second cell has twice the channels on a quarter of the pixels.
        assert_eq!(kept(&plan), (3 + 4 + 4 * 2 / 4) * channels * 32 * 32);
    }

    #[test]
    fn recalibration_has_no_more_images_than_training() {
        let mut config = Config::default();
        config.data.train = 512;
        config.evaluation.batch_norm = BatchNorm::Recalibrated;
        config.evaluation.recalibration_images = 1000;
        let config = config.check().unwrap();
        assert_eq!(scored(&config), config.validation_images() + 512);
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
