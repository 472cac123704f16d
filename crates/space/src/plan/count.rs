//! What a plan costs: parameters, multiply-adds, and the count behind the published `+x` of CARS (CVPR 2020,
//! table 2). All are sums over the operations of the layers; nothing is estimated. Time and memory are not
//! known here.

use crate::macro_plan::Stem;
use crate::plan::{Layer, Op, OpKind, Plan};

impl Plan {
    /// Trainable numbers of the network, as papers report them: without the auxiliary head and without
    /// running statistics.
    pub fn parameters(&self) -> u64 {
        sum(&self.layers, Op::parameters)
    }

    /// Trainable numbers including the auxiliary head.
    pub fn parameters_with_auxiliary(&self) -> u64 {
        self.parameters() + sum(&self.auxiliary, Op::parameters)
    }

    /// The part of [`Plan::parameters`] that is scales and shifts of batch-norms.
    pub fn batch_norm_parameters(&self) -> u64 {
        sum(&self.layers, |op| match op.kind {
            OpKind::BatchNorm { .. } => op.parameters(),
            _ => 0,
        })
    }

    /// Multiplications by a weight, for one image in inference: convolutions and linear layers, stem and
    /// classifier included.
    pub fn multiply_adds(&self) -> u64 {
        sum(&self.layers, Op::multiply_adds)
    }

    /// The same including the auxiliary head.
    pub fn multiply_adds_with_auxiliary(&self) -> u64 {
        self.multiply_adds() + sum(&self.auxiliary, Op::multiply_adds)
    }

    /// The operations for one image as the tool `thop` 0.0.22 counts them, without the auxiliary head. The
    /// published `+x` of CARS agree with this count, not with multiply-adds: it adds 4 per batch-norm
    /// element, 1 per rectified element, 3 and 4 per output of a 3x3 maximum and mean pool, and counts `2 n -
    /// 1` for a linear output.
    pub fn thop_ops(&self) -> u64 {
        let stem = self.macro_plan.stem;
        sum(&self.layers, |op| {
            let (read, written) = (op.input.elements() as u64, op.output.elements() as u64);
            match op.kind {
                OpKind::Conv(_) => op.multiply_adds(),
                OpKind::BatchNorm { .. } => 4 * read,
                OpKind::Relu => read,
                OpKind::MaxPool(pool) => pool.kernel as u64 * written,
                OpKind::AvgPool(pool) => (pool.kernel as u64 + 1) * written,
                // The tool takes the kernel's side for its area, unless the pool is adaptive, as in the CIFAR
                // network.
                OpKind::GlobalAvgPool => match stem {
                    Stem::Cifar => (op.input.pixels() as u64 + 1) * written,
                    Stem::ImageNet => (op.input.height as u64 + 1) * written,
                },
                OpKind::Linear => (2 * read - 1) * written,
            }
        })
    }
}

fn sum(layers: &[Layer], cost: impl Fn(&Op) -> u64) -> u64 {
    layers.iter().flat_map(Layer::ops).map(|op| cost(&op)).sum()
}
