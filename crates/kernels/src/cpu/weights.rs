//! Weights as the kernels read them: padded to whole blocks, transposed for the input gradient; and the sum of the
//! chunks' weight gradients back in the order of the buffers.

use rayon::prelude::*;

use super::layout::Layout;
use super::scratch::filled;
use crate::{Block, Store};

/// Repacked weights of one call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packed<'a> {
    /// Per-channel windows, `[block][weight][lane]`; ones for an average.
    pub(super) taps: &'a [f32],
    /// Products, `[group][column block][depth][lane]`.
    pub(super) forward: &'a [f32],
    /// Transposed products, `[group][depth block][column][lane]`; empty in a forward call.
    pub(super) backward: &'a [f32],
}

/// Which way the weights are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    Both,
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
    let backward_len = if direction == Direction::Both { backward_len } else { 0 };
    let memory = filled(memory, taps_len + layout.groups * (forward_len + backward_len), 0.0);
    let (taps, rest) = memory.split_at_mut(taps_len);
    let (forward, backward) = rest.split_at_mut(layout.groups * forward_len);
    let mut products = weights;
    match tap_count {
        Some(1) if layout.groups == 0 => taps.fill(1.0),
        Some(count) => {
            for (tap, row) in weights[0].chunks_exact(layout.channels).enumerate() {
                for (channel, &weight) in row.iter().enumerate() {
                    taps[(channel / lanes * count + tap) * lanes + channel % lanes] = weight;
                }
            }
            products = &weights[1..];
        }
        None => {}
    }
    for (group, weight) in products.iter().take(layout.groups).enumerate() {
        let forward = &mut forward[group * forward_len..][..forward_len];
        for (k, row) in weight.chunks_exact(layout.columns).enumerate() {
            for (block, columns) in row.chunks(lanes).enumerate() {
                forward[(block * layout.depth + k) * lanes..][..columns.len()].copy_from_slice(columns);
            }
        }
        if direction == Direction::Both {
            let backward = &mut backward[group * backward_len..][..backward_len];
            for (k, row) in weight.chunks_exact(layout.columns).enumerate() {
                for (column, &value) in row.iter().enumerate() {
                    backward[(k / lanes * layout.columns + column) * lanes + k % lanes] = value;
                }
            }
        }
    }
    Packed { taps, forward, backward }
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
            for (channel, sum) in row.iter_mut().enumerate() {
                *sum += chunk[(channel / lanes * count + tap) * lanes + channel % lanes];
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
