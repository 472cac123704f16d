//! The linear stage of a block, image by image: inputs with their margin, tiles of left factors, products. Shared by the
//! forward pass and the recomputation in the backward pass.

use super::depthwise::{self, Grid, Sweep};
use super::finish::Finish;
use super::layout::Layout;
use super::patches::{self, Patches};
use super::planes::{self, Inputs, Move};
use super::pool::{self, Windows};
use super::product::{self, Product, Target};
use super::rowwise::Rowwise;
use super::weights::{Packed, product_lens};
use crate::{Block, BlockKind};

/// Elements that vectors may run over the end of a line or a dense image.
pub(super) const SLACK: usize = 16;

/// A block ready to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage<'a> {
    pub(super) block: &'a Block,
    pub(super) layout: &'a Layout,
    pub(super) inputs: Inputs<'a>,
    pub(super) packed: Packed<'a>,
    /// One over the number of real pixels of each window of an average pool on planes.
    pub(super) pixel_factors: &'a [f32],
    /// Runs the block without planes, where that can be.
    pub(super) rowwise: Option<Rowwise<'a>>,
}

impl Stage<'_> {
    /// Scratch lengths: padded input (or what [`Rowwise::forward`] needs), tile of left factors, line.
    pub(super) fn scratch(&self) -> [usize; 3] {
        if let Some(rowwise) = &self.rowwise {
            return [rowwise.forward_scratch(), 0, 0];
        }
        let layout = self.layout;
        let pixels = layout.padded.pixels();
        let padded = match self.block.kind {
            BlockKind::DepthwisePointwise { .. }
            | BlockKind::MaxPool { .. }
            | BlockKind::AveragePool { .. } => layout.channel_blocks * layout.lanes * pixels,
            BlockKind::Convolution { .. } => layout.channels * pixels + SLACK,
            BlockKind::Pointwise | BlockKind::FactorizedReduce | BlockKind::Identity => 0,
        };
        [padded, self.tile_len(), layout.depth.max(layout.channels) + 2 * SLACK]
    }

    /// Elements of a tile of left factors.
    fn tile_len(&self) -> usize {
        let layout = self.layout;
        layout.tile_rows * layout.out[1] * layout.lanes * layout.depth_blocks * layout.groups.max(1)
    }

    /// Fills the margin of the padded input, which no image changes.
    pub(super) fn prepare_margin(&self, padded: &mut [f32]) {
        if self.rowwise.is_some() {
            return;
        }
        let layout = self.layout;
        let value = match self.block.kind {
            BlockKind::MaxPool { .. } => f32::NEG_INFINITY,
            _ => 0.0,
        };
        let pixel = match self.block.kind {
            BlockKind::Convolution { .. } => layout.channels,
            _ => layout.lanes,
        };
        let [top, left] = layout.padded.before.map(|pixels| pixels * pixel);
        let row = layout.padded.size[1] * pixel;
        let mut planes = padded.chunks_exact_mut(layout.padded.pixels() * pixel);
        for plane in &mut planes {
            let (above, rest) = plane.split_at_mut(top * layout.padded.size[1]);
            let (inside, below) = rest.split_at_mut(self.block.height * row);
            above.fill(value);
            below.fill(value);
            for line in inside.chunks_exact_mut(row) {
                line[..left].fill(value);
                line[left + self.block.width * pixel..].fill(value);
            }
        }
        // A dense image has slack behind its end.
        planes.into_remainder().fill(value);
    }

    /// Loads an image into the padded input, where the kind needs one.
    pub(super) fn prepare(&self, image: usize, line: &mut [f32], padded: &mut [f32]) {
        if self.rowwise.is_some() {
            return;
        }
        let movement = self.whole_image(image, self.layout.padded.inside());
        match self.block.kind {
            BlockKind::DepthwisePointwise { .. }
            | BlockKind::MaxPool { .. }
            | BlockKind::AveragePool { .. } => {
                planes::load(self.layout.simd, self.inputs, movement, line, padded);
            }
            BlockKind::Convolution { .. } => {
                planes::load_dense(self.layout.simd, self.inputs, movement, padded);
            }
            BlockKind::Pointwise | BlockKind::FactorizedReduce | BlockKind::Identity => {}
        }
    }

    /// All pixels of an image, in order, onto a grid of the planes.
    pub(super) fn whole_image(&self, image: usize, planes: Grid) -> Move {
        let (rows, columns) = (self.block.height, self.block.width);
        let dense = Grid { plane: 0, first: 0, row: columns, step: 1 };
        Move { image, rows, columns, dense, planes }
    }

    /// The input pixels behind some output rows of a kind without window, onto a dense tile.
    pub(super) fn rows_of_image(&self, image: usize, row: usize, rows: usize, group: usize) -> Move {
        let (columns, width) = (self.layout.out[1], self.block.width);
        let planes = Grid { plane: rows * columns, first: 0, row: columns, step: 1 };
        let dense = match self.block.kind {
            BlockKind::FactorizedReduce => {
                Grid { plane: 0, first: (2 * row + group) * width + group, row: 2 * width, step: 2 }
            }
            _ => Grid { plane: 0, first: row * width, row: width, step: 1 },
        };
        Move { image, rows, columns, dense, planes }
    }

    /// The windows of some output rows of a dense convolution.
    pub(super) fn patches(&self, row: usize, rows: usize) -> Patches {
        let layout = self.layout;
        Patches {
            first_row: row,
            rows,
            columns: layout.out[1],
            stride: layout.stride,
            kernel_rows: layout.kernel[0],
            segment: layout.kernel[1] * layout.channels,
            channels: layout.channels,
            width: layout.padded.size[1],
        }
    }

    /// The windows of some output rows of a max pool.
    pub(super) fn maxima(&self, row: usize, rows: usize) -> Windows {
        let layout = self.layout;
        let (blocks, columns) = (layout.channel_blocks, layout.out[1]);
        Windows { blocks, first_row: row, rows, columns, input: layout.windows(0) }
    }

    /// Some output rows of an image that has been prepared, through `finish`, into dense rows; an image's rows one tile after
    /// the other, with the same scratch.
    pub(super) fn output(
        &self,
        image: usize,
        row: usize,
        [padded, tile, line]: [&mut [f32]; 3],
        finish: &Finish<'_>,
        to: &mut [f32],
    ) {
        if let Some(rowwise) = &self.rowwise {
            return rowwise.forward(self.inputs.image(0, image), row, finish, padded, to);
        }
        let rows = to.len() / (self.layout.out[1] * self.block.channels_out);
        self.fill(image, row, rows, padded, line, tile);
        self.apply(tile, rows, finish, to);
    }

    /// Left factors of the products (or the values themselves) for some output rows:
    /// `[group][block][pixel][lane]`.
    pub(super) fn fill(
        &self,
        image: usize,
        row: usize,
        rows: usize,
        padded: &[f32],
        line: &mut [f32],
        tile: &mut [f32],
    ) {
        let layout = self.layout;
        let simd = layout.simd;
        let pixels = rows * layout.out[1];
        let len = pixels * layout.lanes * layout.depth_blocks;
        match self.block.kind {
            BlockKind::Pointwise | BlockKind::Identity => {
                let movement = self.rows_of_image(image, row, rows, 0);
                planes::load(simd, self.inputs, movement, line, tile);
            }
            BlockKind::FactorizedReduce => {
                for (group, tile) in tile.chunks_exact_mut(len).take(2).enumerate() {
                    let movement = self.rows_of_image(image, row, rows, group);
                    planes::load(simd, self.inputs, movement, line, tile);
                }
            }
            BlockKind::DepthwisePointwise { .. } | BlockKind::AveragePool { .. } => {
                let kernel = layout.tap_weights(self.block).unwrap_or(0);
                let sweep = Sweep {
                    blocks: layout.channel_blocks,
                    rows,
                    columns: layout.out[1],
                    from: layout.windows(row),
                    to: Grid { plane: pixels, first: 0, row: layout.out[1], step: 1 },
                    taps: &layout.taps,
                    square: layout.square(kernel, layout.padded, false),
                    weights: self.packed.taps,
                    kernel,
                };
                depthwise::correlate(simd, sweep, padded, tile);
                if kernel == 1 && layout.groups == 0 {
                    let factors = &self.pixel_factors[row * layout.out[1]..][..pixels];
                    pool::scale_pixels(simd, factors, &mut tile[..len]);
                }
            }
            BlockKind::MaxPool { .. } => pool::maxima(simd, self.maxima(row, rows), padded, tile),
            BlockKind::Convolution { .. } => {
                patches::gather(simd, self.patches(row, rows), padded, line, &mut tile[..len]);
            }
        }
    }

    /// Linear output of some rows, through `finish`, into dense rows.
    fn apply(&self, tile: &[f32], rows: usize, finish: &Finish<'_>, to: &mut [f32]) {
        let layout = self.layout;
        let pixels = rows * layout.out[1];
        let row = self.block.channels_out;
        if layout.groups == 0 {
            return planes::emit(layout.simd, tile, pixels, row, finish, to);
        }
        let [weights, _] = product_lens(layout);
        for group in 0..layout.groups {
            let left = &tile[group * pixels * layout.lanes * layout.depth_blocks..];
            let product = Product {
                left,
                plane: pixels,
                pixels,
                depth: layout.depth,
                right: &self.packed.products[group * weights..][..weights],
                columns: layout.columns,
            };
            let first = group * layout.columns;
            let target = Target { to: &mut to[first..], row, block: layout.lanes };
            product::multiply(layout.simd, product, target, finish, first);
        }
    }
}
