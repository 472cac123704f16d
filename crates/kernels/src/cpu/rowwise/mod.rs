//! Blocks with one input that work channel by channel on a pixel and its neighbours at most (identity, 3x3 pools of stride 1),
//! straight on dense buffers: a row of pixels is one long line of numbers, whose neighbours lie a pixel's channels away. So
//! vectors are full whatever the channels, and nothing is copied into planes and back. Several inputs, whose channels do not
//! lie side by side, and other strides go through planes.

mod lines;
mod window;
mod winners;

use super::batch_norm::{GradientRows, Slopes};
use super::entry::InputNorm;
use super::finish::{Affine, Finish};
use super::simd::{Simd, SimdLevel};
use crate::{Activation, Block, BlockKind, Store};
use lines::{Averages, Gradient, InputGradient, Output, Size, Values};

/// Which neighbours of a pixel count, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Window {
    /// None.
    Identity,
    Average,
    Maximum,
}

impl Window {
    /// `None` for all other blocks.
    fn of(block: &Block) -> Option<Self> {
        match block.kind {
            _ if block.channels_in.len() != 1 => None,
            BlockKind::Identity => Some(Self::Identity),
            BlockKind::MaxPool { stride: 1 } => Some(Self::Maximum),
            BlockKind::AveragePool { kernel: 3, stride: 1, padding: 1 } => Some(Self::Average),
            _ => None,
        }
    }
}

/// Lines of coefficients that a call may need: a deferred batch-norm's, averages', slopes'.
const COEFFICIENTS: usize = 3 + 3 + 4;

/// Memory for coefficients along a row.
#[derive(Debug)]
pub(super) struct Along<'a> {
    memory: &'a mut [f32],
    channels: usize,
    row: usize,
}

impl<'a> Along<'a> {
    /// For one call of a block.
    pub(super) fn new(block: &Block, memory: &'a mut Vec<f32>) -> Self {
        let (channels, row) = (block.channels_out, block.width * block.channels_out);
        let len = if Window::of(block).is_some() { COEFFICIENTS * lines::pitch(row) } else { 0 };
        if memory.len() < len {
            memory.resize(len, 0.0);
        }
        Self { memory, channels, row }
    }

    /// The next line.
    fn line(&mut self) -> &'a mut [f32] {
        let (line, rest) = std::mem::take(&mut self.memory).split_at_mut(lines::pitch(self.row));
        self.memory = rest;
        line
    }

    /// Coefficients of channels, repeated for each pixel.
    fn repeat(&mut self, coefficients: &[f32]) -> &'a [f32] {
        let (channels, row) = (self.channels, self.row);
        let line = self.line();
        for pixel in line[..row].chunks_exact_mut(channels) {
            pixel.copy_from_slice(&coefficients[..channels]);
        }
        line
    }

    /// An affine map's.
    pub(super) fn affine(&mut self, affine: Affine<'_>) -> Affine<'a> {
        let [mean, scale, shift] = [affine.mean, affine.scale, affine.shift].map(|all| self.repeat(all));
        Affine { mean, scale, shift, factor: affine.factor }
    }

    /// A batch-norm's gradient's.
    pub(super) fn slopes(&mut self, slopes: Slopes<'_>) -> Slopes<'a> {
        let Slopes { mean, shift, slope, scale } = slopes;
        let [mean, shift, slope, scale] = [mean, shift, slope, scale].map(|all| self.repeat(all));
        Slopes { mean, shift, slope, scale }
    }

    /// One over the number of real pixels of each window, for windows of one, two and three real rows.
    fn averages(&mut self) -> [&'a [f32]; 3] {
        let (channels, row) = (self.channels, self.row);
        let pixels = row / channels;
        [1, 2, 3].map(|rows| {
            let line = self.line();
            for (column, pixel) in line[..row].chunks_exact_mut(channels).enumerate() {
                let columns = (column + 2).min(pixels) - column.saturating_sub(1);
                pixel.fill(((rows * columns) as f32).recip());
            }
            &*line
        })
    }
}

/// A block of this kind, ready to run. All coefficients are as long as a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rowwise<'a> {
    simd: Simd,
    window: Window,
    size: Size,
    norm: InputNorm<'a>,
    averages: Averages<'a>,
}

impl<'a> Rowwise<'a> {
    /// `None` for blocks that need planes.
    pub(super) fn new(
        level: SimdLevel,
        block: &Block,
        norms: &[Option<Affine<'_>>],
        along: &mut Along<'a>,
    ) -> Option<Self> {
        let window = Window::of(block)?;
        let size = Size { channels: along.channels, row: along.row, height: block.height };
        let affine = norms[0].map(|norm| along.affine(norm));
        let averages = (window == Window::Average).then(|| along.averages());
        Some(Self {
            simd: Simd::new(level, &[size.row]),
            window,
            size,
            norm: InputNorm { affine, relu: block.activation == Activation::Relu },
            averages: Averages { rows: averages, size },
        })
    }

    /// Scratch of a forward pass.
    pub(super) fn forward_scratch(&self) -> usize {
        self.scratch(match self.window {
            Window::Identity => window::COPY_LINES,
            Window::Average | Window::Maximum => window::LINES,
        })
    }

    /// Scratch of a backward pass.
    pub(super) fn backward_scratch(&self) -> usize {
        self.scratch(match self.window {
            Window::Identity => window::COPY_LINES,
            Window::Average => window::LINES,
            Window::Maximum => winners::LINES,
        })
    }

    fn scratch(&self, lines: usize) -> usize {
        lines * lines::pitch(self.size.row)
    }

    /// Output rows from `first` on, those before them having been made with the same scratch. `finish` has coefficients as
    /// long as a row.
    pub(super) fn forward(
        &self,
        image: &[f32],
        first: usize,
        finish: &Finish<'_>,
        scratch: &mut [f32],
        to: &mut [f32],
    ) {
        let long = finish.affine.is_none_or(|affine| affine.mean.len() >= lines::pitch(self.size.row));
        assert!(long, "coefficients of channels where those along a row are due");
        let values = self.values(image);
        let rows = first..first + to.len() / self.size.row;
        let mut output = Output { averages: self.averages, finish: *finish, first, to };
        match self.window {
            Window::Identity => window::copy_forward(self.simd, values, rows, scratch, &mut output),
            Window::Average => window::average_forward(self.simd, values, rows, scratch, &mut output),
            Window::Maximum => window::maximum_forward(self.simd, values, rows, scratch, &mut output),
        }
    }

    /// From an image's output gradient to its input gradient. `gradient` has slopes as long as a row.
    pub(super) fn backward(
        &self,
        image: &[f32],
        gradient: GradientRows<'_>,
        store: Store,
        scratch: &mut [f32],
        to: &mut [f32],
    ) {
        let values = self.values(image);
        let gradient = Gradient { rows: gradient, averages: self.averages, size: self.size };
        let mut input = InputGradient { values, store, to };
        match self.window {
            Window::Identity => window::copy_backward(self.simd, gradient, scratch, &mut input),
            Window::Average => window::average_backward(self.simd, gradient, scratch, &mut input),
            Window::Maximum => winners::maximum_backward(self.simd, gradient, scratch, &mut input),
        }
    }

    fn values<'b>(&self, image: &'b [f32]) -> Values<'b>
    where
        'a: 'b,
    {
        Values { image, norm: self.norm, size: self.size }
    }
}
