//! Every convolution of the space as one naive loop: a stage is a set of convolutions that read the same input and
//! write side by side into the same output; a block is a chain of stages.

use crate::{Block, BlockKind};

/// Whether each output channel sees all input channels or only its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grouping {
    Dense,
    Depthwise,
}

/// One convolution; `weight` is its position among the block's weights.
struct Convolution {
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: usize,
    padding: [usize; 2],
    /// Rows and columns by which the image is shifted (the second half of a factorized reduction).
    shift: usize,
    grouping: Grouping,
    weight: usize,
    first_out: usize,
    channels_out: usize,
}

/// Convolutions with a common input and output.
pub(super) struct Stage {
    convolutions: Vec<Convolution>,
    input: [usize; 3],
    output: [usize; 3],
}

/// The chain of stages of a block that has weights.
pub(super) fn stages(block: &Block) -> Vec<Stage> {
    let [out_height, out_width] = block.output_size();
    let input = [block.height, block.width, block.total_in()];
    let output = [out_height, out_width, block.channels_out];
    let dense = Convolution {
        kernel: [1, 1],
        stride: [1, 1],
        dilation: 1,
        padding: [0, 0],
        shift: 0,
        grouping: Grouping::Dense,
        weight: 0,
        first_out: 0,
        channels_out: block.channels_out,
    };
    match block.kind {
        BlockKind::DepthwisePointwise { kernel, stride, dilation } => {
            let middle = [out_height, out_width, input[2]];
            let depthwise = Convolution {
                kernel: [kernel; 2],
                stride: [stride; 2],
                dilation,
                padding: [dilation * (kernel - 1) / 2; 2],
                grouping: Grouping::Depthwise,
                channels_out: input[2],
                ..dense
            };
            vec![
                Stage { convolutions: vec![depthwise], input, output: middle },
                Stage { convolutions: vec![Convolution { weight: 1, ..dense }], input: middle, output },
            ]
        }
        BlockKind::FactorizedReduce => {
            let half = |weight| Convolution {
                stride: [2, 2],
                shift: weight,
                weight,
                first_out: weight * (block.channels_out / 2),
                channels_out: block.channels_out / 2,
                ..dense
            };
            vec![Stage { convolutions: vec![half(0), half(1)], input, output }]
        }
        BlockKind::Convolution { kernel, stride, padding } => {
            vec![Stage {
                convolutions: vec![Convolution { kernel, stride, padding, ..dense }],
                input,
                output,
            }]
        }
        BlockKind::Pointwise => vec![Stage { convolutions: vec![dense], input, output }],
        BlockKind::MaxPool { .. } | BlockKind::AveragePool { .. } | BlockKind::Identity => Vec::new(),
    }
}

impl Stage {
    /// `output[o] += weight[w] * input[i]` over every connection.
    pub(super) fn forward(&self, n: usize, x: &[f64], weights: &[&[f64]]) -> Vec<f64> {
        let mut y = vec![0.0; n * self.output.iter().product::<usize>()];
        self.visit(n, |convolution, o, i, w| y[o] += weights[convolution][w] * x[i]);
        y
    }

    /// Returns the gradient by the input and adds those by the weights.
    pub(super) fn backward(
        &self,
        n: usize,
        x: &[f64],
        weights: &[&[f64]],
        dy: &[f64],
        weight_gradients: &mut [Vec<f64>],
    ) -> Vec<f64> {
        let mut dx = vec![0.0; n * self.input.iter().product::<usize>()];
        self.visit(n, |convolution, o, i, w| {
            dx[i] += weights[convolution][w] * dy[o];
            weight_gradients[convolution][w] += x[i] * dy[o];
        });
        dx
    }

    /// Calls `connect(weight buffer, output, input, weight)` for every connection of every convolution.
    fn visit(&self, n: usize, mut connect: impl FnMut(usize, usize, usize, usize)) {
        let [height, width, channels_in] = self.input;
        let [out_height, out_width, channels_out] = self.output;
        for convolution in &self.convolutions {
            for (sample, oy, ox) in positions(n, out_height, out_width) {
                for (tap, ky, kx) in taps(convolution.kernel) {
                    let Some(iy) = convolution.source(0, oy, ky, height) else { continue };
                    let Some(ix) = convolution.source(1, ox, kx, width) else { continue };
                    let input = ((sample * height + iy) * width + ix) * channels_in;
                    let output =
                        ((sample * out_height + oy) * out_width + ox) * channels_out + convolution.first_out;
                    match convolution.grouping {
                        Grouping::Depthwise => {
                            for c in 0..channels_in {
                                connect(convolution.weight, output + c, input + c, tap * channels_in + c);
                            }
                        }
                        Grouping::Dense => {
                            for i in 0..channels_in {
                                for o in 0..convolution.channels_out {
                                    let weight = (tap * channels_in + i) * convolution.channels_out + o;
                                    connect(convolution.weight, output + o, input + i, weight);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

impl Convolution {
    /// The input row (axis 0) or column (axis 1) that a tap reads, if it is inside the image.
    fn source(&self, axis: usize, output: usize, tap: usize, size: usize) -> Option<usize> {
        (output * self.stride[axis] + tap * self.dilation + self.shift)
            .checked_sub(self.padding[axis])
            .filter(|&position| position < size)
    }
}

/// All output positions of all samples.
fn positions(n: usize, height: usize, width: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..n * height * width).map(move |i| (i / (height * width), i / width % height, i % width))
}

/// All taps of a kernel with their row and column.
fn taps(kernel: [usize; 2]) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..kernel[0] * kernel[1]).map(move |tap| (tap, tap / kernel[1], tap % kernel[1]))
}
