//! Between dense NHWC buffers and channel-blocked planes (`[channel block][pixel][lane]`): loading with deferred batch-norm and
//! activation applied, storing gradients with it undone. Lanes beyond the last channel hold anything and are never stored.

use super::depthwise::Grid;
use super::entry::{Entry, InputNorm};
use super::finish::{Affine, Finish, put};
use super::halves;
use super::pairs;
use super::simd::{Simd, kernel};
use super::vector::{Vector, prefetch};
use crate::{Activation, Store};

/// Elements by which loads are asked for in advance.
const AHEAD: usize = 2048;

/// The inputs of a block, seen side by side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inputs<'a> {
    /// `[n, pixels, channels]` each.
    pub(super) buffers: &'a [&'a [f32]],
    pub(super) channels: &'a [usize],
    /// Batch-norms that they still need.
    pub(super) norms: &'a [Option<Affine<'a>>],
    /// Pixels of one image.
    pub(super) pixels: usize,
    pub(super) activation: Activation,
}

impl<'a> Inputs<'a> {
    /// One input from an image on.
    #[inline(always)]
    pub(super) fn image(&self, input: usize, image: usize) -> &'a [f32] {
        &self.buffers[input][image * self.pixels * self.channels[input]..]
    }

    /// What the channels of an input from `channel` on still need.
    #[inline(always)]
    fn entry<V: Vector<L>, const L: usize>(&self, input: usize, channel: usize) -> Entry<V> {
        let relu = self.activation == Activation::Relu;
        InputNorm { affine: self.norms[input], relu }.of_channels(channel)
    }

    /// Whether every input starts at a whole block.
    #[inline(always)]
    fn aligned<const L: usize>(&self) -> bool {
        self.channels[..self.channels.len() - 1].iter().all(|channels| channels % L == 0)
    }
}

/// A grid of pixels of one image and where they lie on the planes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    pub(super) image: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// In the dense image (its `plane` is not used).
    pub(super) dense: Grid,
    /// On the planes.
    pub(super) planes: Grid,
}

impl Move {
    /// By how many elements of an input to ask for it in advance: the same place in the next tile, or further on in a whole
    /// image. Inputs take turns, which hardware prefetchers lose track of.
    #[inline(always)]
    pub(super) fn ahead(&self, channels: usize) -> usize {
        (self.rows * self.columns * channels).min(AHEAD)
    }

    /// Whether neighbouring pixels of a row are neighbours on both sides.
    #[inline(always)]
    pub(super) fn is_plain(&self) -> bool {
        self.dense.step == 1 && self.planes.step == 1
    }
}

/// Runs the body for every pixel with its place in the dense image and on the planes; no closure, which might not be
/// compiled for the instruction set.
macro_rules! each_pixel {
    ($movement:expr, $dense:ident, $planes:ident, $body:block) => {
        for row in 0..$movement.rows {
            let mut $dense = $movement.dense.first + row * $movement.dense.row;
            let mut $planes = $movement.planes.first + row * $movement.planes.row;
            for _ in 0..$movement.columns {
                $body
                $dense += $movement.dense.step;
                $planes += $movement.planes.step;
            }
        }
    };
}
pub(super) use each_pixel;

/// Normalised and activated inputs onto the planes. `line` holds one pixel's channels and a vector more.
pub(super) fn load(simd: Simd, inputs: Inputs<'_>, movement: Move, line: &mut [f32], to: &mut [f32]) {
    match simd.of_pairs() {
        Some(wide) if pairs::can_load(simd.lanes(), &inputs, &movement) => {
            pairs::load(wide, inputs, movement, to);
        }
        _ => load_pixels(simd, inputs, movement, line, to),
    }
}

kernel! {
    /// A pixel at a time.
    fn load_pixels(inputs: Inputs<'_>, movement: Move, line: &mut [f32], to: &mut [f32]) = load_body
}

#[inline(always)]
fn load_body<V: Vector<L>, const L: usize>(
    inputs: Inputs<'_>,
    movement: Move,
    line: &mut [f32],
    to: &mut [f32],
) {
    let (to, _) = to.as_chunks_mut::<L>();
    let plane = movement.planes.plane;
    if inputs.aligned::<L>() {
        let mut block = 0;
        for (input, &channels) in inputs.channels.iter().enumerate() {
            let from = inputs.image(input, movement.image);
            let ahead = movement.ahead(channels);
            for part in 0..channels.div_ceil(L) {
                let to = &mut to[(block + part) * plane..];
                let entry = inputs.entry::<V, L>(input, part * L);
                if movement.is_plain() && channels % L == 0 {
                    for row in 0..movement.rows {
                        let dense = (movement.dense.first + row * movement.dense.row) * channels + part * L;
                        let planes = movement.planes.first + row * movement.planes.row;
                        let to = &mut to[planes..][..movement.columns];
                        load_row::<V, L>(&from[dense..], channels, ahead, entry, to);
                    }
                    continue;
                }
                each_pixel!(movement, dense, planes, {
                    let at = dense * channels + part * L;
                    prefetch(from, at + ahead);
                    to[planes] = entry.of(V::load_up_to(from, at)).to_array();
                });
            }
            block += channels.div_ceil(L);
        }
        return;
    }
    if halves::are_all::<L>(&inputs) {
        return halves::load::<V, L>(&inputs, movement, to);
    }
    let total: usize = inputs.channels.iter().sum();
    each_pixel!(movement, dense, planes, {
        let mut first = 0;
        for (input, &channels) in inputs.channels.iter().enumerate() {
            let from = inputs.image(input, movement.image);
            for part in 0..channels.div_ceil(L) {
                let value = V::load_up_to(from, dense * channels + part * L);
                inputs.entry::<V, L>(input, part * L).of(value).store(line, first + part * L);
            }
            first += channels;
        }
        for block in 0..total.div_ceil(L) {
            to[block * plane + planes] = V::load(line, block * L).to_array();
        }
    });
}

/// One vector of each pixel of a row, whose pixels are `channels` apart.
#[inline(always)]
fn load_row<V: Vector<L>, const L: usize>(
    from: &[f32],
    channels: usize,
    ahead: usize,
    entry: Entry<V>,
    to: &mut [[f32; L]],
) {
    for (at, (to, pixel)) in (ahead..).step_by(channels).zip(to.iter_mut().zip(from.chunks(channels))) {
        prefetch(from, at);
        *to = entry.of(V::load(pixel, 0)).to_array();
    }
}

/// The input gradients of one chunk, seen from one of its images.
#[derive(Debug)]
pub(super) struct InputGradients<'a, 'b> {
    /// One slice per input.
    pub(super) slices: &'a mut [&'b mut [f32]],
    /// The image, counted from the first of the chunk.
    pub(super) within: usize,
    /// Whether each is written or added to.
    pub(super) stores: &'a [Store],
}

kernel! {
    /// Gradients from the planes to the input gradients, zero where a ReLU was. `line` as in `load`.
    fn store_gradient(
        inputs: Inputs<'_>,
        movement: Move,
        line: &mut [f32],
        from: &[f32],
        gradients: &mut InputGradients<'_, '_>,
    ) = store_gradient_body
}

#[inline(always)]
fn store_gradient_body<V: Vector<L>, const L: usize>(
    inputs: Inputs<'_>,
    movement: Move,
    line: &mut [f32],
    from: &[f32],
    gradients: &mut InputGradients<'_, '_>,
) {
    let (from, _) = from.as_chunks::<L>();
    let plane = movement.planes.plane;
    if inputs.aligned::<L>() {
        let InputGradients { slices, within, stores } = gradients;
        let mut block = 0;
        for (input, &channels) in inputs.channels.iter().enumerate() {
            let values = inputs.image(input, movement.image);
            let to = &mut slices[input][*within * inputs.pixels * channels..];
            for part in 0..channels.div_ceil(L) {
                let from = &from[(block + part) * plane..];
                let lanes = (channels - part * L).min(L);
                let entry = inputs.entry::<V, L>(input, part * L);
                if movement.is_plain() && channels % L == 0 {
                    for row in 0..movement.rows {
                        let dense = (movement.dense.first + row * movement.dense.row) * channels + part * L;
                        let planes = movement.planes.first + row * movement.planes.row;
                        let from = &from[planes..][..movement.columns];
                        let (values, to) = (&values[dense..], &mut to[dense..]);
                        store_row::<V, L>(from, channels, values, entry, stores[input], to);
                    }
                    continue;
                }
                each_pixel!(movement, dense, planes, {
                    let at = dense * channels + part * L;
                    let gradient = entry.back(V::from_array(from[planes]), V::load_up_to(values, at));
                    put(gradient, stores[input], to, at, lanes);
                });
            }
            block += channels.div_ceil(L);
        }
        return;
    }
    if halves::are_all::<L>(&inputs) {
        return halves::store_gradient::<V, L>(&inputs, movement, from, gradients);
    }
    let InputGradients { slices, within, stores } = gradients;
    let total: usize = inputs.channels.iter().sum();
    each_pixel!(movement, dense, planes, {
        for block in 0..total.div_ceil(L) {
            V::from_array(from[block * plane + planes]).store(line, block * L);
        }
        let mut first = 0;
        for (input, &channels) in inputs.channels.iter().enumerate() {
            let values = inputs.image(input, movement.image);
            let to = &mut slices[input][*within * inputs.pixels * channels..];
            for part in 0..channels.div_ceil(L) {
                let at = dense * channels + part * L;
                let entry = inputs.entry::<V, L>(input, part * L);
                let gradient = entry.back(V::load(line, first + part * L), V::load_up_to(values, at));
                put(gradient, stores[input], to, at, (channels - part * L).min(L));
            }
            first += channels;
        }
    });
}

/// One vector of each pixel's gradient, as `load_row` loads values.
#[inline(always)]
fn store_row<V: Vector<L>, const L: usize>(
    from: &[[f32; L]],
    channels: usize,
    values: &[f32],
    entry: Entry<V>,
    store: Store,
    to: &mut [f32],
) {
    for ((from, values), to) in from.iter().zip(values.chunks(channels)).zip(to.chunks_mut(channels)) {
        let mut gradient = entry.back(V::from_array(*from), V::load(values, 0));
        if store == Store::Add {
            gradient = gradient.add(V::load(to, 0));
        }
        gradient.store(to, 0);
    }
}

kernel! {
    /// Normalised and activated inputs as one dense image with a margin: `[pixel][channel]`, pixels counted as on the planes.
    fn load_dense(inputs: Inputs<'_>, movement: Move, to: &mut [f32]) = load_dense_body
}

#[inline(always)]
fn load_dense_body<V: Vector<L>, const L: usize>(inputs: Inputs<'_>, movement: Move, to: &mut [f32]) {
    let relu = inputs.activation == Activation::Relu;
    let total: usize = inputs.channels.iter().sum();
    let mut first = 0;
    for (input, &channels) in inputs.channels.iter().enumerate() {
        let from = inputs.image(input, movement.image);
        let norm =
            inputs.norms[input].map(|norm| [norm.mean, norm.scale, norm.shift].map(|all| &all[..channels]));
        each_pixel!(movement, dense, planes, {
            let to = &mut to[planes * total + first..][..channels];
            to.copy_from_slice(&from[dense * channels..][..channels]);
            if let Some([mean, scale, shift]) = norm {
                for (channel, to) in to.iter_mut().enumerate() {
                    *to = (*to - mean[channel]) * scale[channel] + shift[channel];
                }
            }
            if relu {
                for to in to {
                    *to = if *to < 0.0 { 0.0 } else { *to };
                }
            }
        });
        first += channels;
    }
}

kernel! {
    /// A blocked tile (`[block][pixel][lane]`) to dense rows of `channels`.
    fn emit(from: &[f32], pixels: usize, channels: usize, finish: &Finish<'_>, to: &mut [f32]) = emit_body
}

#[inline(always)]
fn emit_body<V: Vector<L>, const L: usize>(
    from: &[f32],
    pixels: usize,
    channels: usize,
    finish: &Finish<'_>,
    to: &mut [f32],
) {
    let (from, _) = from.as_chunks::<L>();
    for block in 0..channels.div_ceil(L) {
        let from = &from[block * pixels..][..pixels];
        let lanes = (channels - block * L).min(L);
        let finish = finish.of_channels(block * L);
        let values = from.iter().map(|value| V::from_array(*value));
        finish.put_all(values, to, (block * L..).step_by(channels), lanes);
    }
}
