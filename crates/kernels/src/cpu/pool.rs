//! 3x3 maxima on channel-blocked planes whose margin is minus infinity, and their gradient (`rowwise` has those of stride 1
//! and one input). The first of equal maxima in row-major order wins; a NaN wins over every number.

use super::depthwise::Grid;
use super::simd::kernel;
use super::vector::Vector;

/// Windows of an image: `input` is the padded planes, `first` the top left tap of the first window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    pub(super) blocks: usize,
    /// First output row, and rows to compute.
    pub(super) first_row: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) input: Grid,
}

/// Offset of a tap within the planes.
#[inline(always)]
fn tap_offset(windows: &Windows, row: usize, column: usize, tap: usize) -> usize {
    windows.input.first
        + (windows.first_row + row) * windows.input.row
        + column * windows.input.step
        + tap / 3 * (windows.input.row / windows.input.step)
        + tap % 3
}

/// The larger of two, lane by lane.
#[inline(always)]
pub(super) fn larger<V: Vector<L>, const L: usize>(first: V, second: V) -> V {
    V::select(second.beats(first), second, first)
}

kernel! {
    /// Maxima as a dense blocked tile.
    fn maxima(windows: Windows, input: &[f32], to: &mut [f32]) = maxima_body
}

#[inline(always)]
fn maxima_body<V: Vector<L>, const L: usize>(windows: Windows, input: &[f32], to: &mut [f32]) {
    match windows.input.step {
        1 => sliding::<V, L, 1>(&windows, input, to),
        2 => sliding::<V, L, 2>(&windows, input, to),
        _ => sliding::<V, L, 3>(&windows, input, to),
    }
}

/// Windows along rows; each brings `FRESH` columns of its own and shares the others with the one before.
#[inline(always)]
fn sliding<V: Vector<L>, const L: usize, const FRESH: usize>(
    windows: &Windows,
    input: &[f32],
    to: &mut [f32],
) {
    let (input, _) = input.as_chunks::<L>();
    let (to, _) = to.as_chunks_mut::<L>();
    let width = windows.input.row / windows.input.step;
    let mut maxima = to.chunks_exact_mut(windows.columns);
    for block in 0..windows.blocks {
        let input = &input[block * windows.input.plane..];
        for row in 0..windows.rows {
            let Some(maxima) = maxima.next() else { return };
            let start = tap_offset(windows, row, 0, 0);
            let [top, middle, bottom] = [0, 1, 2].map(|tap| &input[start + tap * width..][..width]);
            // Maxima of the window's three columns.
            let mut tall = [V::splat(f32::NEG_INFINITY); 3];
            for k in FRESH..3 {
                tall[k] = tallest(top[k - FRESH], middle[k - FRESH], bottom[k - FRESH]);
            }
            for (column, maximum) in maxima.iter_mut().enumerate() {
                for k in FRESH..3 {
                    tall[k - FRESH] = tall[k];
                }
                for (k, tall) in tall.iter_mut().enumerate().skip(3 - FRESH) {
                    let at = column * windows.input.step + k;
                    *tall = tallest(top[at], middle[at], bottom[at]);
                }
                *maximum = larger(larger(tall[0], tall[1]), tall[2]).to_array();
            }
        }
    }
}

#[inline(always)]
fn tallest<V: Vector<L>, const L: usize>(top: [f32; L], middle: [f32; L], bottom: [f32; L]) -> V {
    larger(larger(V::from_array(top), V::from_array(middle)), V::from_array(bottom))
}

kernel! {
    /// Adds each gradient of a dense blocked tile to the winner of its window; `to` is laid out like `input`.
    fn to_winners(windows: Windows, input: &[f32], gradient: &[f32], to: &mut [f32]) = to_winners_body
}

#[inline(always)]
fn to_winners_body<V: Vector<L>, const L: usize>(
    windows: Windows,
    input: &[f32],
    gradient: &[f32],
    to: &mut [f32],
) {
    match windows.input.step {
        1 => scatter::<V, L, 1>(&windows, input, gradient, to),
        2 => scatter::<V, L, 2>(&windows, input, gradient, to),
        _ => scatter::<V, L, 3>(&windows, input, gradient, to),
    }
}

/// Windows along rows, as in [`sliding`]. A window's nine sums stay at hand and go to memory, added to what is there, when the
/// windows move past them.
#[inline(always)]
fn scatter<V: Vector<L>, const L: usize, const FRESH: usize>(
    windows: &Windows,
    input: &[f32],
    gradient: &[f32],
    to: &mut [f32],
) {
    let (input, _) = input.as_chunks::<L>();
    let (gradient, _) = gradient.as_chunks::<L>();
    let (to, _) = to.as_chunks_mut::<L>();
    let Grid { row: row_len, step, plane, .. } = windows.input;
    let width = row_len / step;
    let mut gradients = gradient.chunks_exact(windows.columns);
    for block in 0..windows.blocks {
        for row in 0..windows.rows {
            let Some(gradients) = gradients.next() else { return };
            let start = block * plane + tap_offset(windows, row, 0, 0);
            let input: [&[[f32; L]]; 3] = [0, 1, 2].map(|tap| &input[start + tap * width..][..width]);
            let (top, rest) = to[start..].split_at_mut(width);
            let (middle, rest) = rest.split_at_mut(width);
            let mut to = [top, middle, &mut rest[..width]];
            // In a window of nothing but minus infinity the first real pixel wins.
            let first_tap = if windows.first_row + row == 0 { 3.0 } else { 0.0 };
            let mut values = [[V::splat(f32::NEG_INFINITY); 3]; 3];
            let mut sums = [[V::splat(0.0); 3]; 3];
            for (values, input) in values.iter_mut().zip(input) {
                for k in FRESH..3 {
                    values[k] = V::from_array(input[k - FRESH]);
                }
            }
            for (column, &gradient) in gradients.iter().enumerate() {
                let at = column * step;
                for ((values, sums), input) in values.iter_mut().zip(&mut sums).zip(input) {
                    for k in FRESH..3 {
                        values[k - FRESH] = values[k];
                        sums[k - FRESH] = sums[k];
                    }
                    for k in 3 - FRESH..3 {
                        values[k] = V::from_array(input[at + k]);
                        sums[k] = V::splat(0.0);
                    }
                }
                let first = first_tap + if column == 0 { 1.0 } else { 0.0 };
                let winner = winner(&values, first);
                share(&mut sums, winner, V::from_array(gradient));
                for (to, sums) in to.iter_mut().zip(&sums) {
                    add_to(&mut to[at..], &sums[..FRESH]);
                }
            }
            for (to, sums) in to.iter_mut().zip(&sums) {
                add_to(&mut to[windows.columns * step..], &sums[FRESH..]);
            }
        }
    }
}

#[inline(always)]
fn add_to<V: Vector<L>, const L: usize>(to: &mut [[f32; L]], sums: &[V]) {
    for (to, &sum) in to.iter_mut().zip(sums) {
        *to = V::from_array(*to).add(sum).to_array();
    }
}

/// The number of the first largest of nine, row by row; `first` if all are minus infinity.
#[inline(always)]
fn winner<V: Vector<L>, const L: usize>(values: &[[V; 3]; 3], first: f32) -> V {
    let (mut best, mut winner) = (V::splat(f32::NEG_INFINITY), V::splat(first));
    for (tap, &value) in values.as_flattened().iter().enumerate() {
        let wins = value.beats(best);
        best = V::select(wins, value, best);
        winner = V::select(wins, V::splat(tap as f32), winner);
    }
    winner
}

/// Adds the gradient to the sum of the winner, lane by lane.
#[inline(always)]
fn share<V: Vector<L>, const L: usize>(sums: &mut [[V; 3]; 3], winner: V, gradient: V) {
    for (tap, sum) in sums.as_flattened_mut().iter_mut().enumerate() {
        *sum = V::select(winner.equals(V::splat(tap as f32)), sum.add(gradient), *sum);
    }
}

kernel! {
    /// Multiplies each pixel of a dense blocked tile by its factor.
    fn scale_pixels(factors: &[f32], tile: &mut [f32]) = scale_pixels_body
}

#[inline(always)]
fn scale_pixels_body<V: Vector<L>, const L: usize>(factors: &[f32], tile: &mut [f32]) {
    let (tile, _) = tile.as_chunks_mut::<L>();
    for plane in tile.chunks_exact_mut(factors.len()) {
        for (pixel, &factor) in plane.iter_mut().zip(factors) {
            *pixel = V::from_array(*pixel).mul(V::splat(factor)).to_array();
        }
    }
}
