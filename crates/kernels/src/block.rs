//! What one block computes: the linear stage, the activation in front of it and the normalisation behind it, with its
//! geometry. Pure description: knows the length of every buffer, touches none.

use crate::KernelError;

/// Added to the variance under the square root of every batch-norm (PyTorch's and DARTS' value).
pub const BATCH_NORM_EPSILON: f64 = 1e-5;

/// Applied to the inputs of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Activation {
    /// The inputs as they are.
    None,
    /// `max(x, 0)`; its derivative at 0 is 0.
    Relu,
}

/// The normalisation of a block's linear output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Norm {
    /// None: the linear output is the output.
    None,
    /// Batch-norm without affine part, as inside the supernet's cells.
    Plain,
    /// Batch-norm with learned scale and shift.
    Affine,
}

/// The linear stage of a block. All convolutions are free of bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockKind {
    /// Depthwise `kernel x kernel` (padding `dilation * (kernel - 1) / 2`), then pointwise.
    /// Weights: `[kernel * kernel, channels_in]`, `[channels_in, channels_out]`.
    DepthwisePointwise {
        /// Side of the depthwise kernel; odd.
        kernel: usize,
        /// Stride of the depthwise convolution.
        stride: usize,
        /// Dilation of the depthwise convolution.
        dilation: usize,
    },
    /// 1x1 convolution. Weights: `[channels_in, channels_out]`.
    Pointwise,
    /// Two 1x1 convolutions of stride 2, the second on the image shifted by one row and column, side by side in the
    /// output channels; needs even sizes. Weights: two of `[channels_in, channels_out / 2]`.
    FactorizedReduce,
    /// Dense convolution. Weights: `[kernel height * kernel width * channels_in, channels_out]`.
    Convolution {
        /// Kernel height and width.
        kernel: [usize; 2],
        /// Vertical and horizontal stride.
        stride: [usize; 2],
        /// Rows above and below, columns left and right.
        padding: [usize; 2],
    },
    /// 3x3 maximum with padding 1 (the padding never wins). No weights.
    MaxPool {
        /// Stride in both directions.
        stride: usize,
    },
    /// Mean over the pixels that exist (padding is not counted). No weights.
    AveragePool {
        /// Side of the window.
        kernel: usize,
        /// Stride in both directions.
        stride: usize,
        /// Padding on every side.
        padding: usize,
    },
    /// The input itself. No weights.
    Identity,
}

/// A block with its geometry. Inputs are one or more buffers whose channels stand side by side, in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    /// The linear stage.
    pub kind: BlockKind,
    /// Applied to the inputs.
    pub activation: Activation,
    /// Applied to the linear output.
    pub norm: Norm,
    /// Input height in pixels.
    pub height: usize,
    /// Input width in pixels.
    pub width: usize,
    /// Channels of each input buffer.
    pub channels_in: Vec<usize>,
    /// Output channels.
    pub channels_out: usize,
}

impl Block {
    /// Sum of the input buffers' channels.
    pub fn total_in(&self) -> usize {
        self.channels_in.iter().sum()
    }

    /// Output height and width.
    pub fn output_size(&self) -> [usize; 2] {
        let window = |size: usize, kernel: usize, stride: usize, padding: usize| {
            (size + 2 * padding).saturating_sub(kernel) / stride + 1
        };
        let square = |kernel, stride, padding| {
            [window(self.height, kernel, stride, padding), window(self.width, kernel, stride, padding)]
        };
        match self.kind {
            BlockKind::DepthwisePointwise { kernel, stride, dilation } => {
                let reach = dilation * (kernel - 1);
                square(reach + 1, stride, reach / 2)
            }
            BlockKind::Pointwise | BlockKind::Identity => [self.height, self.width],
            BlockKind::FactorizedReduce => [self.height / 2, self.width / 2],
            BlockKind::Convolution { kernel, stride, padding } => [
                window(self.height, kernel[0], stride[0], padding[0]),
                window(self.width, kernel[1], stride[1], padding[1]),
            ],
            BlockKind::MaxPool { stride } => square(3, stride, 1),
            BlockKind::AveragePool { kernel, stride, padding } => square(kernel, stride, padding),
        }
    }

    /// Output elements of one image.
    pub fn output_len(&self) -> usize {
        let [height, width] = self.output_size();
        height * width * self.channels_out
    }

    /// Lengths of the weight buffers, in the order in which calls name them: the linear stage's, then scale and shift.
    pub fn weight_lens(&self) -> Vec<usize> {
        let (c_in, c_out) = (self.total_in(), self.channels_out);
        let mut lens = match self.kind {
            BlockKind::DepthwisePointwise { kernel, .. } => vec![kernel * kernel * c_in, c_in * c_out],
            BlockKind::Pointwise => vec![c_in * c_out],
            BlockKind::FactorizedReduce => vec![c_in * (c_out / 2); 2],
            BlockKind::Convolution { kernel, .. } => vec![kernel[0] * kernel[1] * c_in * c_out],
            BlockKind::MaxPool { .. } | BlockKind::AveragePool { .. } | BlockKind::Identity => Vec::new(),
        };
        if self.norm == Norm::Affine {
            lens.extend([c_out; 2]);
        }
        lens
    }

    /// Refuses geometry that the linear stage cannot have. To be called once, when a tape is compiled.
    pub fn check(&self) -> Result<(), KernelError> {
        let refuse = |reason| Err(KernelError::Geometry { block: Box::new(self.clone()), reason });
        if self.height == 0 || self.width == 0 || self.channels_out == 0 || self.total_in() == 0 {
            return refuse("sizes and channels must be at least 1");
        }
        let keeps_channels = self.total_in() == self.channels_out;
        match self.kind {
            BlockKind::DepthwisePointwise { kernel, stride, dilation } => {
                if kernel % 2 == 0 || stride == 0 || dilation == 0 {
                    return refuse("a depthwise kernel is odd, its stride and dilation at least 1");
                }
            }
            BlockKind::FactorizedReduce => {
                if self.height % 2 == 1 || self.width % 2 == 1 || self.channels_out % 2 == 1 {
                    return refuse("a factorized reduction needs even height, width and output channels");
                }
            }
            BlockKind::Convolution { kernel, stride, padding } => {
                let fits =
                    self.height + 2 * padding[0] >= kernel[0] && self.width + 2 * padding[1] >= kernel[1];
                if kernel.contains(&0) || stride.contains(&0) || !fits {
                    return refuse(
                        "a convolution's kernel and stride are at least 1 and its kernel fits the padded image",
                    );
                }
            }
            BlockKind::AveragePool { kernel, stride, padding } => {
                let fits = self.height.min(self.width) + 2 * padding >= kernel;
                if stride == 0 || padding >= kernel || !fits || !keeps_channels {
                    return refuse(
                        "a pool keeps its channels, its window fits the padded image and exceeds the padding",
                    );
                }
            }
            BlockKind::MaxPool { stride } => {
                if stride == 0 || !keeps_channels {
                    return refuse("a pool keeps its channels and has a stride of at least 1");
                }
            }
            BlockKind::Identity => {
                if !keeps_channels {
                    return refuse("the identity keeps its channels");
                }
            }
            BlockKind::Pointwise => {}
        }
        Ok(())
    }
}
