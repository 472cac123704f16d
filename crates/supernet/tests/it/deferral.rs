//! Leaving batch-norms to others changes how a step is computed, not what: training on the reference that defers and on one
//! that applies each batch-norm where it is measured.

use kernels::{
    Backward, Blend, Block, Classify, ClassifyBackward, Forward, Head, KernelError, Outcome, SgdStep,
};
use space::{MacroPlan, NasBench201Cell, Plan, named};
use supernet::{Backend, BatchNormStatistics, DropPath, Network, Reference, State, Supernet};

use crate::common::{CLASSES, SIDE, data, genotype, paper, tiny};

/// The reference without deferral.
struct AtOnce;

type Buffer = Vec<f64>;
type Done = Result<(), KernelError>;

impl Backend for AtOnce {
    type Buffer = Buffer;

    fn zeros(&self, len: usize) -> Result<Buffer, KernelError> {
        Reference.zeros(len)
    }

    fn len(&self, buffer: &Buffer) -> usize {
        Reference.len(buffer)
    }

    fn upload(&self, from: &[f32], to: &mut Buffer) -> Done {
        Reference.upload(from, to)
    }

    fn download(&self, from: &Buffer, to: &mut [f32]) -> Done {
        Reference.download(from, to)
    }

    fn forward(&self, block: &Block, n: usize, call: Forward<'_, Buffer>) -> Done {
        assert!(call.addend.is_none() && call.deferred.iter().all(Option::is_none));
        Reference.forward(block, n, call)
    }

    fn backward(&self, block: &Block, n: usize, call: Backward<'_, Buffer>) -> Done {
        assert!(call.sums.is_empty());
        Reference.backward(block, n, call)
    }

    fn classify(&self, head: &Head, n: usize, call: Classify<'_, Buffer>) -> Result<Outcome, KernelError> {
        Reference.classify(head, n, call)
    }

    fn classify_backward(&self, head: &Head, n: usize, call: ClassifyBackward<'_, Buffer>) -> Done {
        Reference.classify_backward(head, n, call)
    }

    fn clear(&self, buffer: &mut Buffer, len: usize) -> Done {
        Reference.clear(buffer, len)
    }

    fn blend(&self, blends: Vec<Blend<'_, Buffer>>) -> Done {
        Reference.blend(blends)
    }

    fn squared_norm(&self, gradients: &[Buffer], touched: &[usize]) -> Result<f64, KernelError> {
        Reference.squared_norm(gradients, touched)
    }

    fn sgd(
        &self,
        step: SgdStep,
        weights: &mut [Buffer],
        velocities: &mut [Buffer],
        gradients: &[Buffer],
        touched: &[usize],
    ) -> Done {
        Reference.sgd(step, weights, velocities, gradients, touched)
    }
}

/// Single-precision copies of states that double precision computed in two ways.
fn assert_same(one: &State, other: &State, of: &str) {
    assert_eq!(one.len(), other.len());
    for (name, tensor) in one {
        for (a, b) in tensor.values.iter().zip(&other[name].values) {
            assert!((a - b).abs() <= 1e-6 * a.abs().max(1.0), "{name} of {of}: {a} {b}");
        }
    }
}

/// The weights and running statistics after two steps, and a score on measured statistics.
fn trained<B: Backend>(backend: B, path: u64) -> (State, f64) {
    let mut supernet = Supernet::new(backend, &tiny(), 7).unwrap();
    let path = genotype(path);
    for step in 0..2 {
        let (images, labels) = data(6, step);
        supernet.train_step(&[&path], &images, &labels, &paper()).unwrap();
    }
    let (images, labels) = data(8, 5);
    let [mut batches, mut measured] = [0, 1].map(|_| [supernet.batch(&images, &labels).unwrap()]);
    let statistics = BatchNormStatistics::Recalibrated(&mut measured);
    let score = supernet.evaluate(&path, &mut batches, statistics).unwrap();
    (supernet.state().unwrap(), score.loss)
}

#[test]
fn sampled_paths_train_and_score_alike() {
    for path in 0..12 {
        let (deferred, loss) = trained(Reference, path);
        let (at_once, expected) = trained(AtOnce, path);
        assert_same(&deferred, &at_once, &format!("path {path}"));
        assert!((loss - expected).abs() < 1e-6, "path {path}: {loss} {expected}");
    }
}

#[test]
fn sums_of_three_edges_train_alike() {
    fn state<B: Backend>(backend: B, cell: NasBench201Cell) -> State {
        let frame =
            MacroPlan { height: SIDE, width: SIDE, ..MacroPlan { reductions: vec![1], cells: 3, ..tiny() } };
        let mut supernet = Supernet::of(backend, &Plan::nas_bench_201_supernet(&frame).unwrap(), 5).unwrap();
        let (images, labels) = data(6, 0);
        supernet.train_step(&[&cell], &images, &labels, &paper()).unwrap();
        supernet.state().unwrap()
    }
    for text in [
        "|nor_conv_3x3~0|+|nor_conv_1x1~0|nor_conv_1x1~1|+|nor_conv_1x1~0|nor_conv_3x3~1|nor_conv_1x1~2|",
        "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|+|avg_pool_3x3~0|nor_conv_1x1~1|nor_conv_3x3~2|",
        "|nor_conv_1x1~0|+|nor_conv_1x1~0|skip_connect~1|+|none~0|none~1|nor_conv_3x3~2|",
    ] {
        let cell: NasBench201Cell = text.parse().unwrap();
        assert_same(&state(Reference, cell), &state(AtOnce, cell), text);
    }
}

#[test]
fn networks_train_alike_with_and_without_drop_path() {
    fn states<B: Backend>(backend: impl Fn() -> B, drop: Option<DropPath>) -> State {
        // 32 pixels a side, so that the auxiliary head exists.
        let plan = MacroPlan { classes: CLASSES, ..MacroPlan::custom(2, 3) };
        let images: Vec<f32> = (0..4 * 32 * 32 * 3).map(|i| (i % 97) as f32 / 97.0 - 0.5).collect();
        let entry = &named::all()[0];
        let mut network = Network::new(backend(), &entry.genotype, &plan, 2).unwrap();
        network.train_step(&images, &[0, 1, 2, 1], &paper(), drop).unwrap();
        network.state().unwrap()
    }
    for drop in [None, Some(DropPath { probability: 0.4, seed: 1, epoch: 0, step: 0 })] {
        assert_same(&states(|| Reference, drop), &states(|| AtOnce, drop), &format!("{drop:?}"));
    }
}
