//! Calls and blocks that cannot be: the processor's refusals, and geometry that no backend is asked for.

use kernel_suite::errors::block;
use kernels::{Block, BlockKind, Cpu, KernelError};

#[test]
fn calls_that_cannot_be_answered_say_why_and_change_nothing() {
    kernel_suite::errors::check(&Cpu::new()).unwrap();
    kernel_suite::deferral_errors::short_buffers_are_named(&Cpu::new()).unwrap();
}

#[test]
fn impossible_blocks_are_refused() {
    let refused = |block: Block| {
        let error = block.check().unwrap_err();
        assert!(matches!(error, KernelError::Geometry { .. }), "{error}");
    };
    refused(Block { height: 0, ..block() });
    refused(Block { kind: BlockKind::DepthwisePointwise { kernel: 4, stride: 1, dilation: 1 }, ..block() });
    refused(Block { kind: BlockKind::FactorizedReduce, height: 5, ..block() });
    refused(Block { kind: BlockKind::MaxPool { stride: 1 }, ..block() });
    refused(Block {
        kind: BlockKind::AveragePool { kernel: 3, stride: 1, padding: 3 },
        channels_out: 5,
        ..block()
    });
    refused(Block { kind: BlockKind::Identity, ..block() });
    let convolution = BlockKind::Convolution { kernel: [5, 5], stride: [1, 1], padding: [0, 0] };
    refused(Block { kind: convolution, ..block() });
}
