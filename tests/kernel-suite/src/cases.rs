//! The blocks that tests run, and deterministic numbers for their buffers.

use kernels::{Activation, Block, BlockKind, Norm, Store};

/// One call and its surroundings.
#[derive(Debug, Clone)]
pub struct Case {
    /// The block.
    pub block: Block,
    /// Samples.
    pub n: usize,
    /// How the output is stored; gradients are stored this way and the other in turn.
    pub store: Store,
    /// Drop-path factors on the samples.
    pub scaled: bool,
}

/// A small generator (Numerical Recipes' constants); only its spread matters.
#[derive(Debug, Clone)]
pub struct Numbers(u64);

impl Numbers {
    /// The stream that this number names.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1))
    }

    /// In `[-1, 1)`.
    pub fn draw(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f32) / (1u64 << 23) as f32 - 1.0
    }

    /// This many numbers in `[shift - scale, shift + scale)`.
    pub fn vec(&mut self, len: usize, scale: f32, shift: f32) -> Vec<f32> {
        (0..len).map(|_| self.draw() * scale + shift).collect()
    }
}

/// All linear stages, with the input sizes they are tried on.
pub fn kinds() -> Vec<(BlockKind, [usize; 2])> {
    let depthwise = |kernel, stride, dilation| BlockKind::DepthwisePointwise { kernel, stride, dilation };
    let dense = |kernel, stride, padding| BlockKind::Convolution { kernel, stride, padding };
    let average = |kernel, stride, padding| BlockKind::AveragePool { kernel, stride, padding };
    vec![
        (depthwise(1, 1, 1), [4, 4]),
        (depthwise(3, 1, 1), [7, 9]),
        (depthwise(3, 1, 1), [5, 17]),
        (depthwise(3, 1, 1), [6, 6]),
        (depthwise(5, 1, 1), [18, 18]),
        (depthwise(5, 1, 1), [5, 5]),
        (depthwise(7, 1, 1), [9, 7]),
        (depthwise(3, 1, 2), [8, 8]),
        (depthwise(5, 1, 2), [8, 8]),
        (depthwise(5, 1, 2), [8, 17]),
        (depthwise(7, 1, 2), [8, 8]),
        (depthwise(3, 2, 1), [8, 8]),
        (depthwise(5, 2, 1), [7, 9]),
        (depthwise(7, 2, 1), [10, 10]),
        (depthwise(3, 2, 2), [8, 8]),
        (depthwise(5, 2, 2), [9, 8]),
        (depthwise(3, 3, 1), [8, 8]),
        (BlockKind::Pointwise, [7, 9]),
        (BlockKind::Pointwise, [20, 20]),
        (BlockKind::FactorizedReduce, [8, 6]),
        (BlockKind::FactorizedReduce, [16, 16]),
        (dense([3, 3], [1, 1], [1, 1]), [7, 9]),
        (dense([3, 3], [2, 2], [1, 1]), [8, 8]),
        (dense([1, 7], [1, 2], [0, 3]), [7, 9]),
        (dense([7, 1], [2, 1], [3, 0]), [7, 9]),
        (dense([2, 2], [1, 1], [0, 0]), [5, 4]),
        (BlockKind::MaxPool { stride: 1 }, [7, 9]),
        (BlockKind::MaxPool { stride: 1 }, [20, 20]),
        (BlockKind::MaxPool { stride: 1 }, [9, 1]),
        (BlockKind::MaxPool { stride: 1 }, [4, 40]),
        (BlockKind::MaxPool { stride: 2 }, [8, 8]),
        (BlockKind::MaxPool { stride: 2 }, [5, 7]),
        (BlockKind::MaxPool { stride: 3 }, [8, 7]),
        (average(3, 1, 1), [7, 9]),
        (average(3, 1, 1), [20, 20]),
        (average(3, 1, 1), [1, 9]),
        (average(3, 1, 1), [4, 2]),
        (average(3, 1, 1), [3, 40]),
        (average(3, 2, 1), [8, 8]),
        (average(5, 3, 0), [8, 8]),
        (average(2, 2, 0), [7, 8]),
        (BlockKind::Identity, [5, 5]),
    ]
}

/// Whether a kind keeps its channels.
pub fn keeps_channels(kind: BlockKind) -> bool {
    matches!(kind, BlockKind::MaxPool { .. } | BlockKind::AveragePool { .. } | BlockKind::Identity)
}

/// Input channels (one entry per buffer) and output channels.
pub const CHANNELS: [(&[usize], usize); 12] = [
    (&[16], 16),
    (&[3], 6),
    (&[5], 20),
    (&[20], 36),
    (&[36], 16),
    (&[64], 32),
    (&[16, 16, 16], 16),
    (&[8], 8),
    (&[4, 4], 8),
    (&[8, 8, 8, 8], 16),
    (&[5, 3, 8], 10),
    (&[8, 24, 5], 48),
];

/// Every kind with every mix of channels; the other properties take turns, so that each pair of neighbours meets.
pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut turn = 0usize;
    for (kind, [height, width]) in kinds() {
        for (channels_in, channels_out) in CHANNELS {
            let channels_out = if keeps_channels(kind) { channels_in.iter().sum() } else { channels_out };
            for norm in [Norm::None, Norm::Plain, Norm::Affine] {
                let activation = [Activation::None, Activation::Relu][turn % 2];
                cases.push(Case {
                    block: Block {
                        kind,
                        activation,
                        norm,
                        height,
                        width,
                        channels_in: channels_in.to_vec(),
                        channels_out,
                    },
                    n: [3, 1, 17, 2][turn / 3 % 4],
                    store: [Store::Write, Store::Add][turn / 2 % 2],
                    scaled: turn / 4 % 2 == 1,
                });
                turn += 1;
            }
            turn += 1;
        }
    }
    cases
}
