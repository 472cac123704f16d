//! How many kernels a call launches: on a device, small feature maps cost what their launches cost.
#![cfg(emulated)]
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr)]

use cuda_host::{Host, Order};
use kernel_suite::cases::{Case, kinds};
use kernel_suite::run::{Numbered, run};
use kernels::{Activation, Block, BlockKind, Cuda, Norm, Store};
use random::{Purpose, stream};
use space::{DartsSpace, MacroPlan, Primitive, SearchSpace};
use supernet::{BatchNormStatistics, Sgd, Supernet};

/// Launches of a forward call, a backward call with and one without gradients by the inputs, and an evaluation.
fn launches(kind: BlockKind, [height, width]: [usize; 2], norm: Norm) -> u64 {
    let block = Block {
        kind,
        activation: Activation::Relu,
        norm,
        height,
        width,
        channels_in: vec![4],
        channels_out: 4,
    };
    let case = Case { block, n: 1, store: Store::Write, scaled: false };
    let cuda = Cuda::on(Host::new(Order::Upwards));
    run(&cuda, &case, &Numbered::new(&case, 0));
    cuda.launches()
}

#[test]
fn a_block_takes_few_launches() {
    for (kind, size) in kinds() {
        let (plain, normed) = (launches(kind, size, Norm::None), launches(kind, size, Norm::Plain));
        let linear = match kind {
            // Window, middle gradient, two weights, their sums.
            BlockKind::DepthwisePointwise { .. } => 1 + 4 + 4,
            // The taps that won, and what they get.
            BlockKind::MaxPool { .. } => 1 + 2,
            BlockKind::AveragePool { .. } | BlockKind::Identity => 1 + 1,
            _ => 1 + 3 + 2,
        };
        assert_eq!(plain, linear, "{kind:?}");
        // A second pass forward, sums of the gradient in each backward call, and an evaluation in one.
        assert_eq!(normed, linear + 1 + 2 + 1, "{kind:?}");
    }
}

/// The paths that `gpu-check` measures, on small images: the number of launches depends on neither size nor batch.
#[test]
fn a_step_takes_hundreds_of_launches_and_an_evaluation_one_a_block() {
    let space = DartsSpace { primitives: Primitive::DARTS[1..].to_vec(), ..DartsSpace::new() };
    let plan = MacroPlan { height: 8, width: 8, ..MacroPlan::search() };
    let sgd = Sgd { learning_rate: 0.025, momentum: 0.9, weight_decay: 3e-4, gradient_clip: 5.0 };
    let mut supernet = Supernet::new(Cuda::on(Host::new(Order::Upwards)), &plan, 1).unwrap();
    let images: Vec<f32> = (0..2 * 192).map(|at| (at * 7919 % 1000) as f32 / 500.0 - 1.0).collect();
    for index in 0..8 {
        let path = space.sample(&mut stream(1, Purpose::Test, 1, index));
        let before = supernet.backend().launches();
        supernet.train_step(&[&path], &images, &[0, 1], &sgd).unwrap();
        let step = supernet.backend().launches() - before;
        let mut batches = [supernet.batch(&images, &[0, 1]).unwrap()];
        supernet.evaluate(&path, &mut batches, BatchNormStatistics::Running).unwrap();
        let evaluation = supernet.backend().launches() - before - step;
        eprintln!("path {index}: {step} launches a step, {evaluation} an evaluation");
        assert!((400..=750).contains(&step) && (60..=120).contains(&evaluation), "{step}, {evaluation}");
    }
}
