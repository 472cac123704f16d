//! 3x3 maxima on channel-blocked planes whose margin is minus infinity, and their gradient. The first of equal maxima in
//! row-major order wins; a NaN wins over every number.

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

kernel! {
    /// Maxima as a dense blocked tile.
    fn maxima(windows: Windows, input: &[f32], to: &mut [f32]) = maxima_body
}

#[inline(always)]
fn maxima_body<V: Vector<L>, const L: usize>(windows: Windows, input: &[f32], to: &mut [f32]) {
    let (input, _) = input.as_chunks::<L>();
    let (to, _) = to.as_chunks_mut::<L>();
    let mut maxima = to.iter_mut();
    for block in 0..windows.blocks {
        let input = &input[block * windows.input.plane..];
        for row in 0..windows.rows {
            for column in 0..windows.columns {
                let mut best = V::splat(f32::NEG_INFINITY);
                for tap in 0..9 {
                    let value = V::from_array(input[tap_offset(&windows, row, column, tap)]);
                    best = V::select(value.beats(best), value, best);
                }
                if let Some(to) = maxima.next() {
                    *to = best.to_array();
                }
            }
        }
    }
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
    let (input, _) = input.as_chunks::<L>();
    let (gradient, _) = gradient.as_chunks::<L>();
    let (to, _) = to.as_chunks_mut::<L>();
    let mut gradients = gradient.iter();
    for block in 0..windows.blocks {
        let input = &input[block * windows.input.plane..];
        let to = &mut to[block * windows.input.plane..];
        for row in 0..windows.rows {
            for column in 0..windows.columns {
                // In a window of nothing but minus infinity the first real pixel wins.
                let top = if windows.first_row + row == 0 { 3 } else { 0 };
                let first = top + usize::from(column == 0);
                let mut best = V::splat(f32::NEG_INFINITY);
                let mut winner = V::splat(first as f32);
                for tap in 0..9 {
                    let value = V::from_array(input[tap_offset(&windows, row, column, tap)]);
                    let wins = value.beats(best);
                    best = V::select(wins, value, best);
                    winner = V::select(wins, V::splat(tap as f32), winner);
                }
                let Some(gradient) = gradients.next() else { return };
                let gradient = V::from_array(*gradient);
                for tap in 0..9 {
                    let share = V::select(winner.equals(V::splat(tap as f32)), gradient, V::splat(0.0));
                    let at = &mut to[tap_offset(&windows, row, column, tap)];
                    *at = V::from_array(*at).add(share).to_array();
                }
            }
        }
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
