//! Per-channel correlation of channel-blocked planes by lists of taps (depthwise convolution, its input gradient, box
//! sums), and its weight gradient. Planes carry their own margin of zeros, so there are no edges here.

use super::pairs;
use super::simd::{Simd, kernel};
use super::squares::{self, Square};
use super::vector::Vector;

/// One product of a sum: the pixel it reads, relative to the first of the sum, and its weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tap {
    pub(super) offset: usize,
    pub(super) weight: usize,
}

/// A grid of pixels within a plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    /// Pixels of the whole plane.
    pub(super) plane: usize,
    /// The grid's first pixel.
    pub(super) first: usize,
    /// Pixels from one row to the next.
    pub(super) row: usize,
    /// Pixels from one column to the next.
    pub(super) step: usize,
}

/// `to[pixel] = sum over taps of from[pixel + offset] * weight`, for each channel block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sweep<'a> {
    pub(super) blocks: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) from: Grid,
    pub(super) to: Grid,
    pub(super) taps: &'a [Tap],
    /// Set if the taps are all of a square kernel, a weight each.
    pub(super) square: Option<Square>,
    /// `[block][weight][lane]`.
    pub(super) weights: &'a [f32],
    /// Weights of one block.
    pub(super) kernel: usize,
}

/// Runs a sweep.
pub(super) fn correlate(simd: Simd, sweep: Sweep<'_>, from: &[f32], to: &mut [f32]) {
    match simd.of_pairs() {
        Some(wide) if pairs::can_sweep(&sweep) => pairs::correlate(wide, sweep, from, to),
        _ => correlate_pixels(simd, sweep, from, to),
    }
}

kernel! {
    /// A vector a pixel.
    fn correlate_pixels(sweep: Sweep<'_>, from: &[f32], to: &mut [f32]) = correlate_body
}

#[inline(always)]
fn correlate_body<V: Vector<L>, const L: usize>(sweep: Sweep<'_>, from: &[f32], to: &mut [f32]) {
    if squares::correlate::<V, L, 1>(&sweep, from, to) {
        return;
    }
    match sweep.from.step {
        1 => blocks::<V, L, 1>(&sweep, from, to),
        2 => blocks::<V, L, 2>(&sweep, from, to),
        _ => blocks::<V, L, 0>(&sweep, from, to),
    }
}

/// All blocks and rows; `S` is the step between the pixels read, 0 if it is known at run time only.
#[inline(always)]
fn blocks<V: Vector<L>, const L: usize, const S: usize>(sweep: &Sweep<'_>, from: &[f32], to: &mut [f32]) {
    let (from, _) = from.as_chunks::<L>();
    let (to, _) = to.as_chunks_mut::<L>();
    let (weights, _) = sweep.weights.as_chunks::<L>();
    for block in 0..sweep.blocks {
        let from = &from[block * sweep.from.plane..];
        let to = &mut to[block * sweep.to.plane..];
        let weights = &weights[block * sweep.kernel..][..sweep.kernel];
        for row in 0..sweep.rows {
            let read = sweep.from.first + row * sweep.from.row;
            let write = sweep.to.first + row * sweep.to.row;
            let mut column = 0;
            while column < sweep.columns {
                let left = sweep.columns - column;
                // Tiles may overlap: a pixel computed twice is the same twice.
                column = if sweep.columns >= 8 {
                    let first = if left >= 8 { column } else { sweep.columns - 8 };
                    pixels::<V, L, S, 8>(sweep, from, to, weights, read, write, first)
                } else if sweep.columns >= 4 {
                    let first = if left >= 4 { column } else { sweep.columns - 4 };
                    pixels::<V, L, S, 4>(sweep, from, to, weights, read, write, first)
                } else {
                    pixels::<V, L, S, 1>(sweep, from, to, weights, read, write, column)
                };
            }
        }
    }
}

/// `M` neighbouring pixels; returns the column behind them.
#[inline(always)]
fn pixels<V: Vector<L>, const L: usize, const S: usize, const M: usize>(
    sweep: &Sweep<'_>,
    from: &[[f32; L]],
    to: &mut [[f32; L]],
    weights: &[[f32; L]],
    read: usize,
    write: usize,
    column: usize,
) -> usize {
    let step = if S == 0 { sweep.from.step } else { S };
    let from = &from[read + column * step..];
    let reach = (M - 1) * step + 1;
    let mut sums = [V::splat(0.0); M];
    for tap in sweep.taps {
        let weight = V::from_array(weights[tap.weight]);
        let window = &from[tap.offset..][..reach];
        for (m, sum) in sums.iter_mut().enumerate() {
            *sum = V::from_array(window[m * step]).mul_add(weight, *sum);
        }
    }
    for (m, sum) in sums.iter().enumerate() {
        to[write + (column + m) * sweep.to.step] = sum.to_array();
    }
    column + M
}

/// A depthwise kernel's position on its planes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) blocks: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// The padded input; `first` is where the kernel's first tap reads for the first output.
    pub(super) input: Grid,
    /// Pixels of one plane of the output gradient, which is dense.
    pub(super) output_plane: usize,
    /// Side of the kernel.
    pub(super) kernel: usize,
    /// Pixels between taps of one row, and between rows of taps.
    pub(super) tap_step: usize,
    pub(super) tap_row: usize,
}

kernel! {
    /// `sums[block][tap] += input[pixel + tap] * gradient[pixel]` over the output pixels.
    fn weight_gradient(window: Window, input: &[f32], gradient: &[f32], sums: &mut [f32]) = weight_gradient_body
}

#[inline(always)]
fn weight_gradient_body<V: Vector<L>, const L: usize>(
    window: Window,
    input: &[f32],
    gradient: &[f32],
    sums: &mut [f32],
) {
    let many = V::REGISTERS >= 32;
    match (window.kernel, window.tap_step) {
        (3, 1) => taps::<V, L, 3, 1, 3>(&window, input, gradient, sums),
        (3, 2) => taps::<V, L, 3, 2, 3>(&window, input, gradient, sums),
        (5, 1) if many => taps::<V, L, 5, 1, 5>(&window, input, gradient, sums),
        (5, 1) => taps::<V, L, 5, 1, 2>(&window, input, gradient, sums),
        (5, 2) if many => taps::<V, L, 5, 2, 5>(&window, input, gradient, sums),
        (5, 2) => taps::<V, L, 5, 2, 2>(&window, input, gradient, sums),
        (7, 1) if many => taps::<V, L, 7, 1, 3>(&window, input, gradient, sums),
        (7, 1) => taps::<V, L, 7, 1, 1>(&window, input, gradient, sums),
        _ => any_taps::<V, L>(&window, input, gradient, sums),
    }
}

/// Kernels of side `K` whose taps are `D` apart, `R` rows of taps at a time.
#[inline(always)]
fn taps<V: Vector<L>, const L: usize, const K: usize, const D: usize, const R: usize>(
    window: &Window,
    input: &[f32],
    gradient: &[f32],
    sums: &mut [f32],
) {
    let (input, _) = input.as_chunks::<L>();
    let (gradient, _) = gradient.as_chunks::<L>();
    let (sums, _) = sums.as_chunks_mut::<L>();
    let span = (K - 1) * D + 1;
    let reach = (window.columns - 1) * window.input.step + span;
    for block in 0..window.blocks {
        let input = &input[block * window.input.plane + window.input.first..];
        let gradient = &gradient[block * window.output_plane..];
        for tap_row in (0..K).step_by(R) {
            // The last rows of taps may be computed twice; only the new ones are added.
            let first = tap_row.min(K - R);
            let mut tile = [[V::splat(0.0); K]; R];
            for row in 0..window.rows {
                let gradients = &gradient[row * window.columns..][..window.columns];
                let start = row * window.input.row + first * window.tap_row;
                let mut lines = [input; R];
                for (r, line) in lines.iter_mut().enumerate() {
                    *line = &input[start + r * window.tap_row..][..reach];
                }
                let mut column = 0;
                if window.input.step == 1 {
                    // Two windows at a time share most of their pixels.
                    let (pairs, _) = gradients.as_chunks::<2>();
                    for pair in pairs {
                        let [first, second] = pair.map(V::from_array);
                        for r in 0..R {
                            let read = &lines[r][column..][..=span];
                            for k in 0..K {
                                tile[r][k] = V::from_array(read[k * D]).mul_add(first, tile[r][k]);
                                tile[r][k] = V::from_array(read[k * D + 1]).mul_add(second, tile[r][k]);
                            }
                        }
                        column += 2;
                    }
                }
                for (column, gradient) in gradients.iter().enumerate().skip(column) {
                    let gradient = V::from_array(*gradient);
                    for r in 0..R {
                        let read = &lines[r][column * window.input.step..][..span];
                        for k in 0..K {
                            tile[r][k] = V::from_array(read[k * D]).mul_add(gradient, tile[r][k]);
                        }
                    }
                }
            }
            for (r, line) in tile.iter().enumerate().skip(tap_row - first) {
                for (k, &sum) in line.iter().enumerate() {
                    let at = &mut sums[(block * K + first + r) * K + k];
                    *at = V::from_array(*at).add(sum).to_array();
                }
            }
        }
    }
}

/// Any kernel, one tap at a time.
#[inline(always)]
fn any_taps<V: Vector<L>, const L: usize>(
    window: &Window,
    input: &[f32],
    gradient: &[f32],
    sums: &mut [f32],
) {
    let (input, _) = input.as_chunks::<L>();
    let (gradient, _) = gradient.as_chunks::<L>();
    let (sums, _) = sums.as_chunks_mut::<L>();
    let kernel = window.kernel;
    for (at, tap) in sums[..window.blocks * kernel * kernel].iter_mut().enumerate() {
        let (block, ky, kx) = (at / (kernel * kernel), at / kernel % kernel, at % kernel);
        let first =
            block * window.input.plane + window.input.first + ky * window.tap_row + kx * window.tap_step;
        let mut sum = V::from_array(*tap);
        for row in 0..window.rows {
            let line = &input[first + row * window.input.row..];
            let gradients = &gradient[block * window.output_plane + row * window.columns..];
            for column in 0..window.columns {
                let value = V::from_array(line[column * window.input.step]);
                sum = value.mul_add(V::from_array(gradients[column]), sum);
            }
        }
        *tap = sum.to_array();
    }
}
