//! The elementary operations that layers are made of, and what one operation costs. Which operations a layer
//! has is in `parts.rs`.

use crate::plan::Shape;

/// An elementary operation with its shapes.
///
/// Operations apply one after the other, each to the result of the one before, except the two halves of a
/// factorized reduction (see [`Window`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Op {
    /// The name within the layer, as in the names of weights: `depthwise1`, `bn`; empty where it has no
    /// weights.
    pub part: &'static str,
    /// What is computed.
    pub kind: OpKind,
    /// The shape read.
    pub input: Shape,
    /// The shape written.
    pub output: Shape,
}

/// What an elementary operation computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpKind {
    /// `max(x, 0)`.
    Relu,
    /// A convolution without bias.
    Conv(Conv),
    /// Batch normalisation, epsilon 1e-5, momentum 0.1 (the share of the new batch).
    BatchNorm {
        /// Whether it has a learned scale and shift.
        affine: bool,
    },
    /// The maximum over a window; padding never wins.
    MaxPool(Pool),
    /// The mean over the pixels of a window that lie inside the image (padding is not counted).
    AvgPool(Pool),
    /// The mean over all pixels.
    GlobalAvgPool,
    /// A matrix product and a bias.
    Linear,
}

/// The geometry of a convolution; height before width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conv {
    /// How channels are connected.
    pub form: ConvForm,
    /// Kernel height and width.
    pub kernel: [usize; 2],
    /// Vertical and horizontal stride.
    pub stride: [usize; 2],
    /// Zeros added above and below, left and right.
    pub padding: [usize; 2],
    /// Distance of kernel taps in both directions.
    pub dilation: usize,
    /// Which part of the input is read, and which of the output written.
    pub window: Window,
}

/// How a convolution connects channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConvForm {
    /// Every output channel reads every input channel through a kernel.
    Dense,
    /// The same with a 1x1 kernel.
    Pointwise,
    /// Every channel on its own: as many groups as channels.
    Depthwise,
}

/// The part of its input that a convolution reads. A factorized reduction has two: both read the same input,
/// and their outputs are concatenated, the even half first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// All of it.
    Whole,
    /// The first half of a factorized reduction: all of it, so that stride 2 meets even rows and columns.
    EvenHalf,
    /// The second half: without the first row and column, so that stride 2 meets odd ones. It reads what the
    /// even half reads.
    OddHalf,
}

/// The geometry of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// Window height and width.
    pub kernel: usize,
    /// Stride in both directions.
    pub stride: usize,
    /// Rows and columns added on every side.
    pub padding: usize,
}

impl Op {
    /// Groups of a convolution: its channels if it is depthwise, otherwise 1. 1 for other operations.
    pub const fn groups(&self) -> usize {
        match self.kind {
            OpKind::Conv(Conv { form: ConvForm::Depthwise, .. }) => self.input.channels,
            _ => 1,
        }
    }

    /// Trainable numbers. Running statistics are not counted.
    pub const fn parameters(&self) -> u64 {
        let (input, output) = (self.input.channels as u64, self.output.channels as u64);
        match self.kind {
            OpKind::Conv(conv) => conv.taps(input) * output,
            OpKind::BatchNorm { affine: true } => 2 * output,
            OpKind::Linear => input * output + output,
            OpKind::Relu
            | OpKind::BatchNorm { affine: false }
            | OpKind::MaxPool(_)
            | OpKind::AvgPool(_)
            | OpKind::GlobalAvgPool => 0,
        }
    }

    /// Multiplications by a weight, for one image: of convolutions and linear layers only.
    pub const fn multiply_adds(&self) -> u64 {
        let input = self.input.channels as u64;
        match self.kind {
            OpKind::Conv(conv) => conv.taps(input) * self.output.elements() as u64,
            OpKind::Linear => input * self.output.channels as u64,
            OpKind::Relu
            | OpKind::BatchNorm { .. }
            | OpKind::MaxPool(_)
            | OpKind::AvgPool(_)
            | OpKind::GlobalAvgPool => 0,
        }
    }
}

impl Conv {
    /// Weights that one output element meets.
    const fn taps(self, input_channels: u64) -> u64 {
        let area = (self.kernel[0] * self.kernel[1]) as u64;
        match self.form {
            ConvForm::Dense | ConvForm::Pointwise => area * input_channels,
            ConvForm::Depthwise => area,
        }
    }
}
