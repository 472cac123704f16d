//! The backward pass of one image: gradient tiles against recomputed left factors for the weights, against transposed
//! weights for the inputs, and from there back through window, margin and activation.

use super::batch_norm::{GradientRows, gradient_tile};
use super::depthwise::{self, Grid, Sweep, Window};
use super::finish::Finish;
use super::layout::{Margin, Phase};
use super::patches;
use super::planes::{self, InputGradients, Inputs, Move};
use super::pool;
use super::product::{self, Outer, Product, Target};
use super::stage::{SLACK, Stage};
use super::weights::{partial_lens, product_lens};
use crate::{Activation, BlockKind};

/// What the images of one chunk share.
#[derive(Debug)]
pub(super) struct ImageGradient<'a> {
    stage: &'a Stage<'a>,
    phases: &'a [Phase],
    /// The output gradient's margin, for per-channel windows.
    margin: Margin,
    /// Whether anybody needs the gradients by the inputs.
    inputs: bool,
}

/// Scratch of one thread; see [`ImageGradient::scratch`].
#[derive(Debug)]
pub(super) struct Scratch<'a> {
    /// Input with margin (or what `Rowwise::backward` needs), tile of left factors and line, as in the forward pass.
    padded: &'a mut [f32],
    tile: &'a mut [f32],
    line: &'a mut [f32],
    /// Tile of the gradient by the linear output.
    output: &'a mut [f32],
    /// Gradient by the left factors: a tile, or the image in front of a depthwise stage.
    factors: &'a mut [f32],
    /// Gradient with a margin: of the window's output, or of the padded input.
    margin: &'a mut [f32],
    /// Gradient by the activated input as planes.
    image: &'a mut [f32],
}

impl<'a> Scratch<'a> {
    /// Names the parts.
    pub(super) fn new([padded, tile, line, output, factors, margin, image]: [&'a mut [f32]; 7]) -> Self {
        Self { padded, tile, line, output, factors, margin, image }
    }
}

impl<'a> ImageGradient<'a> {
    /// For a stage and the phases of its window (empty without window or input gradient).
    pub(super) fn new(stage: &'a Stage<'a>, phases: &'a [Phase], inputs: bool) -> Self {
        let margin = stage.layout.padded_gradient([stage.block.height, stage.block.width]);
        Self { stage, phases, margin, inputs }
    }

    /// Scratch lengths, in the order of [`Scratch::new`].
    pub(super) fn scratch(&self) -> [usize; 7] {
        if let Some(rowwise) = &self.stage.rowwise {
            return [rowwise.backward_scratch(), 0, 0, 0, 0, 0, 0];
        }
        let layout = self.stage.layout;
        let [padded, tile, line] = self.stage.scratch();
        let lanes = layout.lanes;
        let output = layout.tile_rows * layout.out[1] * lanes * layout.output_blocks();
        let image = self.stage.block.height * self.stage.block.width * lanes * layout.channel_blocks;
        let windows = self.margin.pixels() * lanes * layout.channel_blocks;
        let whole = layout.out_pixels() * lanes * layout.depth_blocks;
        let [factors, margin, image] = match self.stage.block.kind {
            BlockKind::DepthwisePointwise { .. } if self.inputs => [whole, windows, image],
            BlockKind::DepthwisePointwise { .. } => [whole, 0, 0],
            _ if !self.inputs => [0; 3],
            BlockKind::Pointwise => [tile, 0, 0],
            BlockKind::FactorizedReduce => [0, 0, image],
            BlockKind::Convolution { .. } => [tile, padded, image],
            BlockKind::MaxPool { .. } => [0, padded, 0],
            BlockKind::AveragePool { .. } => [0, windows, image],
            BlockKind::Identity => [0; 3],
        };
        [padded, tile, line, output, factors, margin, image]
    }

    /// Clears what no image of the chunk changes: margins, and pixels that a factorized reduction skips.
    pub(super) fn prepare(&self, scratch: &mut Scratch<'_>) {
        self.stage.prepare_margin(scratch.padded);
        scratch.margin.fill(0.0);
        scratch.image.fill(0.0);
    }

    /// Adds one image's weight gradients to `partial` and stores its input gradients; `rows` are all of
    /// the image's.
    pub(super) fn run(
        &self,
        image: usize,
        rows: GradientRows<'_>,
        scratch: &mut Scratch<'_>,
        partial: &mut [f32],
        mut gradients: Option<InputGradients<'_, '_>>,
    ) {
        let (stage, layout, simd) = (self.stage, self.stage.layout, self.stage.layout.simd);
        if let Some(rowwise) = &stage.rowwise {
            if let Some(InputGradients { slices, within, stores }) = gradients {
                let to = &mut slices[0][within * rows.dy.len()..][..rows.dy.len()];
                rowwise.backward(stage.inputs.image(0, image), rows, stores[0], scratch.padded, to);
            }
            return;
        }
        let columns = layout.out[1];
        let row_len = columns * stage.block.channels_out;
        let [taps_len, _] = partial_lens(layout, stage.block);
        let (taps, products) = partial.split_at_mut(taps_len);
        match stage.block.kind {
            BlockKind::AveragePool { .. } => {}
            BlockKind::MaxPool { .. } | BlockKind::Convolution { .. } => {
                stage.prepare(image, scratch.line, scratch.padded);
                scratch.margin.fill(0.0);
            }
            _ => stage.prepare(image, scratch.line, scratch.padded),
        }
        for row in (0..layout.out[0]).step_by(layout.tile_rows) {
            let count = layout.tile_rows.min(layout.out[0] - row);
            let range = row * row_len..(row + count) * row_len;
            let rows = GradientRows {
                dy: &rows.dy[range.clone()],
                normalised: rows.normalised.map(|(linear, slopes)| (&linear[range], slopes)),
                ..rows
            };
            let pixels = count * columns;
            let output = &mut scratch.output[..pixels * layout.lanes * layout.output_blocks()];
            gradient_tile(simd, rows, output);
            if layout.groups > 0 {
                stage.fill(image, row, count, scratch.padded, scratch.line, scratch.tile);
                self.weights(pixels, scratch.tile, output, products);
            }
            if !self.inputs && !matches!(stage.block.kind, BlockKind::DepthwisePointwise { .. }) {
                continue;
            }
            match stage.block.kind {
                BlockKind::DepthwisePointwise { .. } => {
                    let lanes = layout.lanes;
                    let to = &mut scratch.factors[row * columns * lanes..];
                    self.factors(
                        0,
                        pixels,
                        output,
                        Target { to, row: lanes, block: layout.out_pixels() * lanes },
                    );
                }
                BlockKind::Pointwise => {
                    let lanes = layout.lanes;
                    let target = Target { to: scratch.factors, row: lanes, block: pixels * lanes };
                    self.factors(0, pixels, output, target);
                    let movement = stage.rows_of_image(image, row, count, 0);
                    self.store(movement, scratch.line, scratch.factors, &mut gradients);
                }
                BlockKind::FactorizedReduce => self.reduce(row, count, output, scratch.image),
                BlockKind::Convolution { .. } => {
                    let lanes = layout.lanes;
                    let target = Target { to: scratch.factors, row: lanes, block: pixels * lanes };
                    self.factors(0, pixels, output, target);
                    let tile = &scratch.factors[..pixels * lanes * layout.depth_blocks];
                    patches::scatter(simd, stage.patches(row, count), tile, scratch.line, scratch.margin);
                }
                BlockKind::MaxPool { .. } => {
                    let windows = stage.maxima(row, count);
                    pool::to_winners(simd, windows, scratch.padded, output, scratch.margin);
                }
                BlockKind::AveragePool { .. } => {
                    let factors = &stage.pixel_factors[row * columns..][..pixels];
                    pool::scale_pixels(simd, factors, output);
                    self.place(row, count, output, scratch.margin);
                }
                BlockKind::Identity => {
                    let movement = stage.rows_of_image(image, row, count, 0);
                    self.store(movement, scratch.line, output, &mut gradients);
                }
            }
        }
        if let BlockKind::DepthwisePointwise { .. } = stage.block.kind {
            self.window_weights(scratch.padded, scratch.factors, taps);
            if self.inputs {
                self.place(0, layout.out[0], scratch.factors, scratch.margin);
            }
        }
        if self.inputs {
            self.finish(image, scratch, &mut gradients);
        }
    }

    /// The last steps from a whole image's gradient to the input gradients.
    fn finish(
        &self,
        image: usize,
        scratch: &mut Scratch<'_>,
        gradients: &mut Option<InputGradients<'_, '_>>,
    ) {
        let (stage, layout, simd) = (self.stage, self.stage.layout, self.stage.layout.simd);
        let size = [stage.block.height, stage.block.width];
        let plain = Grid { plane: size[0] * size[1], first: 0, row: size[1], step: 1 };
        match stage.block.kind {
            BlockKind::Pointwise | BlockKind::Identity => return,
            BlockKind::MaxPool { .. } => {
                let movement = stage.whole_image(image, layout.padded.inside());
                return self.store(movement, scratch.line, scratch.margin, gradients);
            }
            BlockKind::DepthwisePointwise { .. } | BlockKind::AveragePool { .. } => {
                let kernel = layout.tap_weights(stage.block).unwrap_or(0);
                for phase in self.phases {
                    let from =
                        Grid { plane: self.margin.pixels(), first: 0, row: self.margin.size[1], step: 1 };
                    let sweep = Sweep {
                        blocks: layout.channel_blocks,
                        rows: phase.size[0],
                        columns: phase.size[1],
                        from,
                        to: phase.to,
                        taps: &phase.taps,
                        square: layout.square(kernel, self.margin, true),
                        weights: stage.packed.taps,
                        kernel,
                    };
                    depthwise::correlate(simd, sweep, scratch.margin, scratch.image);
                }
            }
            BlockKind::Convolution { .. } => {
                let dense = &scratch.margin[..scratch.margin.len() - SLACK];
                let inputs = Inputs {
                    buffers: &[dense],
                    channels: &[layout.channels],
                    norms: &[None],
                    pixels: layout.padded.pixels(),
                    activation: Activation::None,
                };
                let [rows, columns] = size;
                let dense = layout.padded.inside();
                let movement = Move { image: 0, rows, columns, dense, planes: plain };
                planes::load(simd, inputs, movement, scratch.line, scratch.image);
            }
            BlockKind::FactorizedReduce => {}
        }
        self.store(stage.whole_image(image, plain), scratch.line, scratch.image, gradients);
    }

    fn store(
        &self,
        movement: Move,
        line: &mut [f32],
        from: &[f32],
        gradients: &mut Option<InputGradients<'_, '_>>,
    ) {
        if let Some(gradients) = gradients {
            let (simd, inputs) = (self.stage.layout.simd, self.stage.inputs);
            planes::store_gradient(simd, inputs, movement, line, from, gradients);
        }
    }

    /// Adds the products' weight gradients of one tile.
    fn weights(&self, pixels: usize, tile: &[f32], output: &[f32], products: &mut [f32]) {
        let layout = self.stage.layout;
        let [_, len] = partial_lens(layout, self.stage.block);
        for (group, sums) in products.chunks_exact_mut(len).take(layout.groups).enumerate() {
            let outer = Outer {
                left: &tile[group * pixels * layout.lanes * layout.depth_blocks..],
                row_blocks: layout.depth_blocks,
                right: &output[group * pixels * layout.lanes * layout.column_blocks..],
                column_blocks: layout.column_blocks,
                pixels,
            };
            product::accumulate(layout.simd, outer, sums);
        }
    }

    /// Gradient by a group's left factors of some pixels of a tile.
    fn factors(&self, group: usize, pixels: usize, output: &[f32], target: Target<'_>) {
        let plane = pixels;
        self.some_factors(group, plane, pixels, 0, output, target);
    }

    /// As `factors`, from pixel `first` on of a tile with `plane` pixels.
    fn some_factors(
        &self,
        group: usize,
        plane: usize,
        pixels: usize,
        first: usize,
        output: &[f32],
        target: Target<'_>,
    ) {
        let layout = self.stage.layout;
        let [_, len] = product_lens(layout);
        let product = Product {
            left: &output[(group * plane * layout.column_blocks + first) * layout.lanes..],
            plane,
            pixels,
            depth: layout.columns,
            right: &self.stage.packed.products[group * len..][..len],
            columns: layout.depth_blocks * layout.lanes,
        };
        product::multiply(layout.simd, product, target, &Finish::WRITE, 0);
    }

    /// Gradients of a factorized reduction straight to the pixels that its halves read.
    fn reduce(&self, row: usize, rows: usize, output: &[f32], image: &mut [f32]) {
        let layout = self.stage.layout;
        let (lanes, width, columns) = (layout.lanes, self.stage.block.width, layout.out[1]);
        let block = self.stage.block.height * width * lanes;
        for group in 0..layout.groups {
            for y in 0..rows {
                let first = (2 * (row + y) + group) * width + group;
                let target = Target { to: &mut image[first * lanes..], row: 2 * lanes, block };
                self.some_factors(group, rows * columns, columns, y * columns, output, target);
            }
        }
    }

    /// Copies a tile of output rows onto the planes with the output gradient's margin.
    fn place(&self, row: usize, rows: usize, tile: &[f32], to: &mut [f32]) {
        let layout = self.stage.layout;
        let lanes = layout.lanes;
        let line = layout.out[1] * lanes;
        for (block, plane) in to.chunks_exact_mut(self.margin.pixels() * lanes).enumerate() {
            for y in 0..rows {
                let at = (self.margin.before[0] + row + y) * self.margin.size[1] + self.margin.before[1];
                let from = &tile[(block * rows + y) * line..][..line];
                plane[at * lanes..][..line].copy_from_slice(from);
            }
        }
    }

    /// Adds the depthwise weight gradient of an image.
    fn window_weights(&self, padded: &[f32], factors: &[f32], sums: &mut [f32]) {
        let layout = self.stage.layout;
        let window = Window {
            blocks: layout.channel_blocks,
            rows: layout.out[0],
            columns: layout.out[1],
            input: layout.windows(0),
            output_plane: layout.out_pixels(),
            kernel: layout.kernel[0],
            tap_step: layout.dilation,
            tap_row: layout.dilation * layout.padded.size[1],
        };
        depthwise::weight_gradient(layout.simd, window, padded, factors, sums);
    }
}
