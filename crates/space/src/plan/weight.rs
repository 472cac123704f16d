//! The trainable arrays of a layer and its batch-norms, by name, in the layout of the executors (channels
//! last). Values and their initialisation are not known here.

use crate::plan::{ConvForm, Layer, OpKind};

/// A trainable array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weight {
    /// The stable dotted name: [`Layer::name`] and the part, as in
    /// `cells.3.node2.from0.sep_conv_3x3.depthwise1`.
    pub name: String,
    /// Its dimensions, row-major; see [`WeightRole`].
    pub shape: Vec<usize>,
    /// What it is for.
    pub role: WeightRole,
    /// How many inputs each output sums over (for initialisation); 1 in batch-norms.
    pub fan_in: usize,
}

impl Weight {
    /// The number of elements.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }
}

/// What a trainable array is for, and with it how it is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WeightRole {
    /// `[kernel height * kernel width, channels]`.
    DepthwiseKernel,
    /// `[input channels, output channels]`; half the output channels in each half of a factorized reduction.
    PointwiseKernel,
    /// `[kernel height * kernel width * input channels, output channels]`, input channels varying fastest in
    /// a row index.
    ConvKernel,
    /// `[channels]`.
    BnScale,
    /// `[channels]`.
    BnShift,
    /// `[input channels, classes]`.
    LinearWeight,
    /// `[classes]`.
    LinearBias,
}

/// A batch normalisation, which keeps running statistics whether or not it has a scale and a shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchNorm {
    /// The stable dotted name, as in `cells.3.preprocess0.bn`; scale and shift are `NAME.scale` and
    /// `NAME.shift`, the running statistics are to be called `NAME.mean` and `NAME.variance`.
    pub name: String,
    /// The number of channels.
    pub channels: usize,
    /// Whether it has a learned scale and shift.
    pub affine: bool,
}

impl Layer {
    /// The trainable arrays, in the order of the operations.
    pub fn weights(&self) -> Vec<Weight> {
        let layer = self.name();
        let mut weights = Vec::new();
        for op in self.ops() {
            let (input, output) = (op.input.channels, op.output.channels);
            let mut add = |name: String, shape: &[usize], role, fan_in| {
                weights.push(Weight { name, shape: shape.to_vec(), role, fan_in });
            };
            match op.kind {
                OpKind::Conv(conv) => {
                    let area = conv.kernel[0] * conv.kernel[1];
                    let (rows, role) = match conv.form {
                        ConvForm::Dense => (area * input, WeightRole::ConvKernel),
                        ConvForm::Pointwise => (input, WeightRole::PointwiseKernel),
                        ConvForm::Depthwise => (area, WeightRole::DepthwiseKernel),
                    };
                    add(format!("{layer}.{}", op.part), &[rows, output], role, rows);
                }
                OpKind::BatchNorm { affine: true } => {
                    add(format!("{layer}.{}.scale", op.part), &[output], WeightRole::BnScale, 1);
                    add(format!("{layer}.{}.shift", op.part), &[output], WeightRole::BnShift, 1);
                }
                OpKind::Linear => {
                    add(format!("{layer}.weight"), &[input, output], WeightRole::LinearWeight, input);
                    add(format!("{layer}.bias"), &[output], WeightRole::LinearBias, input);
                }
                OpKind::Relu
                | OpKind::BatchNorm { affine: false }
                | OpKind::MaxPool(_)
                | OpKind::AvgPool(_)
                | OpKind::GlobalAvgPool => {}
            }
        }
        weights
    }

    /// The batch normalisations, in the order of the operations.
    pub fn batch_norms(&self) -> Vec<BatchNorm> {
        let layer = self.name();
        self.ops()
            .into_iter()
            .filter_map(|op| match op.kind {
                OpKind::BatchNorm { affine } => Some(BatchNorm {
                    name: format!("{layer}.{}", op.part),
                    channels: op.output.channels,
                    affine,
                }),
                _ => None,
            })
            .collect()
    }
}
