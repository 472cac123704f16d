//! Weights as the kernels read them: padded to whole blocks, transposed for the input gradient; and the sum of the
//! chunks' weight gradients back in the order of the buffers.

use rayon::prelude::*;

use super::layout::Layout;
use super::scratch::zeros_at_line;
use super::simd::kernel;
use super::vector::Vector;
use crate::{Block, Store};

/// Repacked weights of one call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packed<'a> {
    /// Per-channel windows, `[block][weight][lane]`; ones for an average.
    pub(super) taps: &'a [f32],
    /// Products: forward `[group][column block][depth][lane]`, backward transposed, `[group][depth block][column][lane]`.
    pub(super) products: &'a [f32],
}

/// Which way the weights are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    Backward,
}

/// Length of one group's forward and backward product weights.
pub(super) fn product_lens(layout: &Layout) -> [usize; 2] {
    [layout.column_blocks * layout.depth * layout.lanes, layout.depth_blocks * layout.columns * layout.lanes]
}

/// Repacks the linear stage's weights, given in the order of `Block::weight_lens`.
pub(super) fn pack<'a>(
    layout: &Layout,
    block: &Block,
    weights: &[&[f32]],
    direction: Direction,
    memory: &'a mut Vec<f32>,
) -> Packed<'a> {
    let lanes = layout.lanes;
    let tap_count = layout.tap_weights(block);
    let taps_len = tap_count.map_or(0, |count| count * layout.channel_blocks * lanes);
    let [forward_len, backward_len] = product_lens(layout);
    let len = if direction == Direction::Forward { forward_len } else { backward_len };
    let memory = zeros_at_line(memory, taps_len + layout.groups * len);
    let (taps, packed) = memory.split_at_mut(taps_len);
    let mut products = weights;
    match tap_count {
        Some(1) if layout.groups == 0 => taps.fill(1.0),
        Some(count) => {
            into_blocks(layout.simd, weights[0], count, layout.channels, taps);
            products = &weights[1..];
        }
        None => {}
    }
    for (weight, packed) in products.iter().zip(packed.chunks_exact_mut(len.max(1))) {
        match direction {
            Direction::Forward => into_blocks(layout.simd, weight, layout.depth, layout.columns, packed),
            Direction::Backward => {
                for (k, row) in weight.chunks_exact(layout.columns).enumerate() {
                    let lines = &mut packed[k / lanes * layout.columns * lanes..];
                    for (line, &value) in lines.chunks_exact_mut(lanes).zip(row) {
                        line[k % lanes] = value;
                    }
                }
            }
        }
    }
    Packed { taps, products: packed }
}

kernel! {
    /// Dense `rows` of `channels` to `[block][row][lane]`, with zeros in the lanes behind the last channel.
    fn into_blocks(from: &[f32], rows: usize, channels: usize, to: &mut [f32]) = into_blocks_body
}

#[inline(always)]
fn into_blocks_body<V: Vector<L>, const L: usize>(
    from: &[f32],
    rows: usize,
    channels: usize,
    to: &mut [f32],
) {
    for (block, to) in to.chunks_exact_mut(rows * L).enumerate() {
        for (from, to) in from.chunks_exact(channels).zip(to.chunks_exact_mut(L)) {
            V::load_up_to(from, block * L).store(to, 0);
        }
    }
}

/// Lengths of one chunk's weight gradients: of the per-channel window, `[block][tap][lane]`, and of one group's
/// product, `[depth][column]`, both padded to whole blocks.
pub(super) fn partial_lens(layout: &Layout, block: &Block) -> [usize; 2] {
    let lanes = layout.lanes;
    let taps = if layout.groups == 0 { 0 } else { layout.tap_weights(block).unwrap_or(0) };
    [taps * layout.channel_blocks * lanes, layout.depth_blocks * lanes * layout.column_blocks * lanes]
}

/// Sums the chunks' gradients of a per-channel window, in order, into `[tap][channel]`.
pub(super) fn merge_taps<'a>(
    layout: &Layout,
    chunks: impl Iterator<Item = &'a [f32]>,
    store: Store,
    to: &mut [f32],
) {
    if store == Store::Write {
        to.fill(0.0);
    }
    let (lanes, count) = (layout.lanes, layout.kernel[0] * layout.kernel[1]);
    for chunk in chunks {
        for (tap, row) in to.chunks_exact_mut(layout.channels).enumerate() {
            for (block, sums) in row.chunks_mut(lanes).enumerate() {
                for (sum, value) in sums.iter_mut().zip(&chunk[(block * count + tap) * lanes..]) {
                    *sum += value;
                }
            }
        }
    }
}

/// Sums the chunks' gradients of a product, in order, into `[depth][column]`. `partial` holds one run of `stride`
/// elements per chunk, in which the product's begin at `first`.
pub(super) fn merge_product(
    layout: &Layout,
    partial: &[f32],
    stride: usize,
    first: usize,
    store: Store,
    to: &mut [f32],
) {
    let width = layout.column_blocks * layout.lanes;
    to.par_chunks_exact_mut(layout.columns).with_min_len(64).enumerate().for_each(|(k, row)| {
        if store == Store::Write {
            row.fill(0.0);
        }
        for chunk in partial.chunks_exact(stride) {
            for (sum, value) in row.iter_mut().zip(&chunk[first + k * width..]) {
                *sum += value;
            }
        }
    });
}
