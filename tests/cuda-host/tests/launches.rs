//! How many kernels a call launches: on a device, small feature maps cost what their launches cost.
#![cfg(emulated)]
#![allow(missing_docs, clippy::unwrap_used)]

use cuda_host::{Host, Order};
use kernel_suite::cases::{Case, kinds};
use kernel_suite::run::{Numbered, run};
use kernels::{Activation, Block, BlockKind, Cuda, Norm, Store};

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
            BlockKind::MaxPool { .. } | BlockKind::AveragePool { .. } | BlockKind::Identity => 1 + 1,
            _ => 1 + 3 + 2,
        };
        assert_eq!(plain, linear, "{kind:?}");
        // A second pass forward, sums of the gradient in each backward call, and an evaluation in one.
        assert_eq!(normed, linear + 1 + 2 + 1, "{kind:?}");
    }
}
