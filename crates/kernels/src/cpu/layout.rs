//! Geometry of one call in scratch coordinates: channel blocks, margins, tiles of output rows, and the lists of taps of
//! depthwise convolutions and box sums, forward and backward. Touches no data.

use super::depthwise::{Grid, Tap};
use super::simd::{Simd, SimdLevel};
use super::squares::Square;
use crate::{Block, BlockKind};

/// Elements of a tile of left factors: half of a first-level cache.
const TILE: usize = 4096;

/// A plane with a margin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Margin {
    /// Rows above and columns left of the image.
    pub(super) before: [usize; 2],
    /// Rows and columns in all.
    pub(super) size: [usize; 2],
}

impl Margin {
    /// Pixels of the plane.
    pub(super) fn pixels(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// The image's own pixels.
    pub(super) fn inside(&self) -> Grid {
        let [rows, columns] = self.before;
        Grid { plane: self.pixels(), first: rows * self.size[1] + columns, row: self.size[1], step: 1 }
    }
}

/// The input pixels of one residue of row and column modulo the stride, and the output gradients they sum.
#[derive(Debug)]
pub(super) struct Phase {
    /// Rows and columns of input pixels.
    pub(super) size: [usize; 2],
    /// On the input image.
    pub(super) to: Grid,
    pub(super) taps: Vec<Tap>,
}

/// Everything a call needs to know beside the data.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) simd: Simd,
    pub(super) lanes: usize,
    /// Output rows and columns.
    pub(super) out: [usize; 2],
    /// Input channels and their blocks.
    pub(super) channels: usize,
    pub(super) channel_blocks: usize,
    /// Matrix products side by side in the output channels; 0 for kinds without.
    pub(super) groups: usize,
    /// Summed length of a product, and its blocks.
    pub(super) depth: usize,
    pub(super) depth_blocks: usize,
    /// Output channels of a product, and their blocks.
    pub(super) columns: usize,
    pub(super) column_blocks: usize,
    /// The window of convolutions and pools.
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) dilation: usize,
    /// The input with its margin.
    pub(super) padded: Margin,
    /// Output rows of a tile.
    pub(super) tile_rows: usize,
    /// Window taps on the padded input, for per-channel kinds.
    pub(super) taps: Vec<Tap>,
}

impl Layout {
    /// The layout of a block at an instruction set.
    pub(super) fn new(level: SimdLevel, block: &Block) -> Self {
        let channels = block.total_in();
        let (groups, depth, columns) = match block.kind {
            BlockKind::DepthwisePointwise { .. } | BlockKind::Pointwise => (1, channels, block.channels_out),
            BlockKind::FactorizedReduce => (2, channels, block.channels_out / 2),
            BlockKind::Convolution { kernel, .. } => {
                (1, kernel[0] * kernel[1] * channels, block.channels_out)
            }
            BlockKind::MaxPool { .. } | BlockKind::AveragePool { .. } | BlockKind::Identity => {
                (0, channels, channels)
            }
        };
        let (kernel, stride, dilation, padding) = match block.kind {
            BlockKind::DepthwisePointwise { kernel, stride, dilation } => {
                ([kernel; 2], [stride; 2], dilation, [dilation * (kernel - 1) / 2; 2])
            }
            BlockKind::Convolution { kernel, stride, padding } => (kernel, stride, 1, padding),
            BlockKind::MaxPool { stride } => ([3; 2], [stride; 2], 1, [1; 2]),
            BlockKind::AveragePool { kernel, stride, padding } => ([kernel; 2], [stride; 2], 1, [padding; 2]),
            BlockKind::Pointwise | BlockKind::FactorizedReduce | BlockKind::Identity => {
                ([1; 2], [1; 2], 1, [0; 2])
            }
        };
        let simd = Simd::new(level, &[depth, columns]);
        let lanes = simd.lanes();
        let out = block.output_size();
        let (depth_blocks, column_blocks) = (depth.div_ceil(lanes), columns.div_ceil(lanes));
        let row = out[1] * lanes * groups.max(1) * depth_blocks.max(column_blocks);
        let padded =
            Margin { before: padding, size: [block.height + 2 * padding[0], block.width + 2 * padding[1]] };
        let mut layout = Self {
            simd,
            lanes,
            out,
            channels,
            channel_blocks: channels.div_ceil(lanes),
            groups,
            depth,
            depth_blocks,
            columns,
            column_blocks,
            kernel,
            stride,
            dilation,
            padded,
            tile_rows: (TILE / row).clamp(1, out[0]),
            taps: Vec::new(),
        };
        if let Some(weights) = layout.tap_weights(block) {
            layout.taps = (0..kernel[0] * kernel[1])
                .map(|tap| Tap {
                    offset: dilation * (tap / kernel[1] * padded.size[1] + tap % kernel[1]),
                    weight: if weights == 1 { 0 } else { tap },
                })
                .collect();
        }
        layout
    }

    /// Weights of a per-channel window: one per tap, or a single one that all taps share; `None` for other kinds.
    pub(super) fn tap_weights(&self, block: &Block) -> Option<usize> {
        match block.kind {
            BlockKind::DepthwisePointwise { .. } => Some(self.kernel[0] * self.kernel[1]),
            BlockKind::AveragePool { .. } => Some(1),
            _ => None,
        }
    }

    /// The taps of windows with `weights` weights on a plane, if they are all of a square with a weight each, and windows are
    /// neighbours; flipped for the gradient by the input.
    pub(super) fn square(&self, weights: usize, plane: Margin, flipped: bool) -> Option<Square> {
        let side = self.kernel[0];
        let is_square = self.kernel == [side; 2] && self.stride == [1; 2] && weights == side * side;
        is_square.then(|| Square { side, step: self.dilation, row: self.dilation * plane.size[1], flipped })
    }

    /// Blocks of the output channels.
    pub(super) fn output_blocks(&self) -> usize {
        if self.groups == 0 { self.channel_blocks } else { self.groups * self.column_blocks }
    }

    /// Output pixels of one image.
    pub(super) fn out_pixels(&self) -> usize {
        self.out[0] * self.out[1]
    }

    /// Where the windows of output rows from `row` on start on the padded input.
    pub(super) fn windows(&self, row: usize) -> Grid {
        let step = self.padded.size[1] * self.stride[0];
        Grid { plane: self.padded.pixels(), first: row * step, row: step, step: self.stride[1] }
    }

    /// The output gradient with a margin wide enough for every input pixel's window.
    pub(super) fn padded_gradient(&self, image: [usize; 2]) -> Margin {
        let mut margin = Margin::default();
        for (axis, pixels) in image.into_iter().enumerate() {
            let (padding, stride) = (self.padded.before[axis], self.stride[axis]);
            let last = (pixels - 1 + padding) / stride;
            let before = (self.dilation * (self.kernel[axis] - 1)).saturating_sub(padding) / stride;
            margin.before[axis] = before;
            margin.size[axis] = before + self.out[axis].max(last + 1);
        }
        margin
    }

    /// How each input pixel of a per-channel window gathers its gradient from the padded output gradient.
    pub(super) fn phases(&self, image: [usize; 2], weights: usize) -> Vec<Phase> {
        let gradient = self.padded_gradient(image);
        let mut phases = Vec::new();
        for row in 0..self.stride[0].min(image[0]) {
            for column in 0..self.stride[1].min(image[1]) {
                let mut taps = Vec::new();
                for tap in 0..self.kernel[0] * self.kernel[1] {
                    let at = [tap / self.kernel[1], tap % self.kernel[1]];
                    let source = |axis: usize, pixel: usize| {
                        let (before, stride) = (gradient.before[axis] * self.stride[axis], self.stride[axis]);
                        let position = (pixel + self.padded.before[axis] + before)
                            .checked_sub(self.dilation * at[axis])?;
                        (position % stride == 0).then_some(position / stride)
                    };
                    if let (Some(y), Some(x)) = (source(0, row), source(1, column)) {
                        let weight = if weights == 1 { 0 } else { tap };
                        taps.push(Tap { offset: y * gradient.size[1] + x, weight });
                    }
                }
                phases.push(Phase {
                    size: [
                        (image[0] - row).div_ceil(self.stride[0]),
                        (image[1] - column).div_ceil(self.stride[1]),
                    ],
                    to: Grid {
                        plane: image[0] * image[1],
                        first: row * image[1] + column,
                        row: self.stride[0] * image[1],
                        step: self.stride[1],
                    },
                    taps,
                });
            }
        }
        phases
    }
}
