//! Planes of eight lanes on vectors of sixteen: where pixels are neighbours in memory, two of them fill a vector, weights and
//! coefficients stand in it twice, and every number is what vectors of eight make it.

use super::depthwise::Sweep;
use super::entry::Entry;
use super::planes::{Inputs, Move};
use super::simd::kernel;
use super::squares;
use super::vector::{Vector, prefetch};
use crate::Activation;

/// Whether inputs that fill vectors of `lanes` may move in pairs of pixels.
pub(super) fn can_load(lanes: usize, inputs: &Inputs<'_>, movement: &Move) -> bool {
    movement.is_plain() && inputs.channels.iter().all(|&channels| channels == lanes)
}

/// Whether a sweep may run on pairs of pixels.
pub(super) fn can_sweep(sweep: &Sweep<'_>) -> bool {
    sweep.from.step == 1 && sweep.to.step == 1 && sweep.columns >= 8
}

/// What the channels of an input still need, for two pixels.
#[inline(always)]
fn entry<V: Vector<L>, const L: usize>(inputs: &Inputs<'_>, input: usize) -> Entry<V> {
    let twice = |numbers: &[f32]| V::load_halves(numbers, numbers);
    let norm = inputs.norms[input].map(|norm| [twice(norm.mean), twice(norm.scale), twice(norm.shift)]);
    Entry { norm, relu: inputs.activation == Activation::Relu }
}

kernel! {
    /// As `planes::load`.
    fn load(inputs: Inputs<'_>, movement: Move, to: &mut [f32]) = load_body
}

#[inline(always)]
fn load_body<V: Vector<L>, const L: usize>(inputs: Inputs<'_>, movement: Move, to: &mut [f32]) {
    let lanes = L / 2;
    let len = movement.columns * lanes;
    let ahead = movement.ahead(lanes);
    for (input, to) in to.chunks_mut(movement.planes.plane * lanes).take(inputs.channels.len()).enumerate() {
        let from = inputs.image(input, movement.image);
        let entry = entry::<V, L>(&inputs, input);
        for row in 0..movement.rows {
            let first = (movement.dense.first + row * movement.dense.row) * lanes;
            let to = &mut to[(movement.planes.first + row * movement.planes.row) * lanes..][..len];
            let (row, last) = from[first..][..len].as_chunks::<L>();
            let (to, last_to) = to.as_chunks_mut::<L>();
            for (to, pair) in to.iter_mut().zip(row) {
                prefetch(pair, ahead);
                *to = entry.of(V::from_array(*pair)).to_array();
            }
            if !last.is_empty() {
                entry.of(V::load_up_to(last, 0)).store_some(last_to, 0, lanes);
            }
        }
    }
}

kernel! {
    /// As `depthwise::correlate`.
    fn correlate(sweep: Sweep<'_>, from: &[f32], to: &mut [f32]) = correlate_body
}

#[inline(always)]
fn correlate_body<V: Vector<L>, const L: usize>(sweep: Sweep<'_>, from: &[f32], to: &mut [f32]) {
    if squares::correlate::<V, L, 2>(&sweep, from, to) {
        return;
    }
    let lanes = L / 2;
    for block in 0..sweep.blocks {
        let from = &from[block * sweep.from.plane * lanes..];
        let to = &mut to[block * sweep.to.plane * lanes..];
        let weights = &sweep.weights[block * sweep.kernel * lanes..][..sweep.kernel * lanes];
        for row in 0..sweep.rows {
            let from = &from[(sweep.from.first + row * sweep.from.row) * lanes..];
            let to = &mut to[(sweep.to.first + row * sweep.to.row) * lanes..][..sweep.columns * lanes];
            let mut column = 0;
            while column < sweep.columns {
                // Tiles may overlap: a pixel computed twice is the same twice.
                column = if sweep.columns >= 16 {
                    pixels::<V, L, 8>(&sweep, from, to, weights, column.min(sweep.columns - 16))
                } else {
                    pixels::<V, L, 4>(&sweep, from, to, weights, column.min(sweep.columns - 8))
                };
            }
        }
    }
}

/// `M` pairs of neighbouring pixels; returns the column behind them.
#[inline(always)]
fn pixels<V: Vector<L>, const L: usize, const M: usize>(
    sweep: &Sweep<'_>,
    from: &[f32],
    to: &mut [f32],
    weights: &[f32],
    column: usize,
) -> usize {
    let lanes = L / 2;
    let from = &from[column * lanes..];
    let mut sums = [V::splat(0.0); M];
    for tap in sweep.taps {
        let weight = &weights[tap.weight * lanes..];
        let weight = V::load_halves(weight, weight);
        let window = &from[tap.offset * lanes..][..M * L];
        for (m, sum) in sums.iter_mut().enumerate() {
            *sum = V::load(window, m * L).mul_add(weight, *sum);
        }
    }
    let to = &mut to[column * lanes..][..M * L];
    for (m, sum) in sums.into_iter().enumerate() {
        sum.store(to, m * L);
    }
    column + 2 * M
}
