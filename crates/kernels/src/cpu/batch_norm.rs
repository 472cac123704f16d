//! Batch normalisation (Ioffe and Szegedy 2015, arXiv 1502.03167) on dense rows of channels: moments, the normalising
//! pass, the two sums of the gradient and the gradient's tile. Sums over one call stay short and go on in double precision.

use super::finish::Finish;
use super::simd::kernel;
use super::vector::Vector;

kernel! {
    /// Adds the sums of `x - pivot` and of its square, per channel, to `sums[0..width]` and `sums[width..2 * width]`.
    fn moments(rows: &[f32], channels: usize, pivot: &[f32], sums: &mut [f64]) = moments_body
}

#[inline(always)]
fn moments_body<V: Vector<L>, const L: usize>(
    rows: &[f32],
    channels: usize,
    pivot: &[f32],
    sums: &mut [f64],
) {
    let pixels = rows.len() / channels;
    let width = sums.len() / 2;
    for first in (0..channels).step_by(L) {
        let pivot = V::load(pivot, first);
        let mut tile = [[V::splat(0.0); 2]; 4];
        let mut pixel = 0;
        // Four independent pairs of sums hide the latency of the additions.
        if first + L <= channels {
            // As below; whole vectors need no test.
            for rows in rows.chunks_exact(4 * channels) {
                for (m, [sum, squares]) in tile.iter_mut().enumerate() {
                    let value = V::load(rows, m * channels + first).sub(pivot);
                    *sum = sum.add(value);
                    *squares = value.mul_add(value, *squares);
                }
            }
            pixel = pixels / 4 * 4;
        }
        while pixel < pixels {
            for (m, [sum, squares]) in tile.iter_mut().enumerate().take(pixels - pixel) {
                let value = V::load_up_to(rows, (pixel + m) * channels + first).sub(pivot);
                *sum = sum.add(value);
                *squares = value.mul_add(value, *squares);
            }
            pixel += 4;
        }
        flush(tile, &mut sums[first..], width, 1.0, channels - first);
    }
}

kernel! {
    /// Adds `factor` times the sums of `dy` and of `dy * (z - mean)`, per channel, as `moments` does.
    fn gradient_sums(
        dy: &[f32],
        z: &[f32],
        channels: usize,
        mean: &[f32],
        factor: f32,
        sums: &mut [f64],
    ) = gradient_sums_body
}

#[inline(always)]
fn gradient_sums_body<V: Vector<L>, const L: usize>(
    dy: &[f32],
    z: &[f32],
    channels: usize,
    mean: &[f32],
    factor: f32,
    sums: &mut [f64],
) {
    let pixels = dy.len() / channels;
    let width = sums.len() / 2;
    for first in (0..channels).step_by(L) {
        let mean = V::load(mean, first);
        let mut tile = [[V::splat(0.0); 2]; 4];
        let mut pixel = 0;
        if first + L <= channels {
            // As below, four pixels at a time; whole vectors need no test.
            let fours = dy.chunks_exact(4 * channels).zip(z.chunks_exact(4 * channels));
            for (dy, z) in fours {
                for (m, [sum, products]) in tile.iter_mut().enumerate() {
                    let gradient = V::load(dy, m * channels + first);
                    *sum = sum.add(gradient);
                    *products = V::load(z, m * channels + first).sub(mean).mul_add(gradient, *products);
                }
            }
            pixel = pixels / 4 * 4;
        }
        while pixel < pixels {
            for (m, [sum, products]) in tile.iter_mut().enumerate().take(pixels - pixel) {
                let at = (pixel + m) * channels + first;
                let gradient = V::load_up_to(dy, at);
                *sum = sum.add(gradient);
                *products = V::load_up_to(z, at).sub(mean).mul_add(gradient, *products);
            }
            pixel += 4;
        }
        flush(tile, &mut sums[first..], width, f64::from(factor), channels - first);
    }
}

/// Adds the four partial pairs to the double-precision sums.
#[inline(always)]
fn flush<V: Vector<L>, const L: usize>(
    tile: [[V; 2]; 4],
    sums: &mut [f64],
    width: usize,
    factor: f64,
    lanes: usize,
) {
    for pair in tile {
        for (half, vector) in pair.into_iter().enumerate() {
            let lanes = vector.to_array().into_iter().take(lanes);
            for (sum, lane) in sums[half * width..].iter_mut().zip(lanes) {
                *sum += factor * f64::from(lane);
            }
        }
    }
}

kernel! {
    /// Dense rows through a finish: the second pass over a linear output.
    fn normalise(rows: &[f32], channels: usize, finish: &Finish<'_>, to: &mut [f32]) = normalise_body
}

#[inline(always)]
fn normalise_body<V: Vector<L>, const L: usize>(
    rows: &[f32],
    channels: usize,
    finish: &Finish<'_>,
    to: &mut [f32],
) {
    for first in (0..channels).step_by(L) {
        let lanes = (channels - first).min(L);
        let finish = finish.of_channels(first);
        let at = || (0..rows.len() / channels).map(|pixel| pixel * channels + first);
        if lanes == L {
            finish.put_all(at().map(|at| V::load(rows, at)), to, at(), lanes);
        } else {
            finish.put_all(at().map(|at| V::load_up_to(rows, at)), to, at(), lanes);
        }
    }
}

/// Coefficients of the gradient by the linear output, per channel:
/// `(factor * dy - shift - (z - mean) * slope) * scale`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slopes<'a> {
    /// Padded to whole vectors, as are the other three; or as long as a row, as in `Affine`.
    pub(super) mean: &'a [f32],
    pub(super) shift: &'a [f32],
    pub(super) slope: &'a [f32],
    pub(super) scale: &'a [f32],
}

impl Slopes<'_> {
    /// Those of the channels from `channel` on, in registers.
    #[inline(always)]
    pub(super) fn of_channels<V: Vector<L>, const L: usize>(&self, channel: usize) -> ReadySlopes<V> {
        ReadySlopes {
            mean: V::load(self.mean, channel),
            shift: V::load(self.shift, channel),
            slope: V::load(self.slope, channel),
            scale: V::load(self.scale, channel),
        }
    }
}

/// [`Slopes`] of one vector of channels.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadySlopes<V> {
    mean: V,
    shift: V,
    slope: V,
    scale: V,
}

impl<V> ReadySlopes<V> {
    /// The gradient by the linear output `z` from the gradient by the normalised one.
    #[inline(always)]
    pub(super) fn of<const L: usize>(&self, gradient: V, z: V) -> V
    where
        V: Vector<L>,
    {
        let along = z.sub(self.mean).mul(self.slope);
        gradient.sub(self.shift).sub(along).mul(self.scale)
    }
}

/// Dense gradient rows and where their channels go on the tile.
#[derive(Debug, Clone, Copy)]
pub(super) struct GradientRows<'a> {
    pub(super) dy: &'a [f32],
    /// Linear output and coefficients; `None` without normalisation.
    pub(super) normalised: Option<(&'a [f32], Slopes<'a>)>,
    /// One sample's factor.
    pub(super) factor: f32,
    /// Channels of a row, in groups of `group` channels that each start a block.
    pub(super) channels: usize,
    pub(super) group: usize,
}

kernel! {
    /// Gradient by the linear output as a blocked tile, `[block][pixel][lane]`.
    fn gradient_tile(rows: GradientRows<'_>, to: &mut [f32]) = gradient_tile_body
}

#[inline(always)]
fn gradient_tile_body<V: Vector<L>, const L: usize>(rows: GradientRows<'_>, to: &mut [f32]) {
    let (to, _) = to.as_chunks_mut::<L>();
    let pixels = rows.dy.len() / rows.channels;
    let factor = V::splat(rows.factor);
    let mut blocks = to.chunks_exact_mut(pixels);
    for group in (0..rows.channels).step_by(rows.group) {
        for first in (group..group + rows.group).step_by(L) {
            let Some(block) = blocks.next() else { return };
            match &rows.normalised {
                None => {
                    for (pixel, to) in block.iter_mut().enumerate() {
                        let dy = V::load_up_to(rows.dy, pixel * rows.channels + first);
                        *to = dy.mul(factor).to_array();
                    }
                }
                Some((z, slopes)) => {
                    let slopes = slopes.of_channels::<V, L>(first);
                    if first + L <= rows.channels {
                        // As below; whole vectors need no test.
                        let pairs = rows.dy.chunks_exact(rows.channels).zip(z.chunks_exact(rows.channels));
                        for (to, (dy, z)) in block.iter_mut().zip(pairs) {
                            let gradient = V::load(dy, first).mul(factor);
                            *to = slopes.of(gradient, V::load(z, first)).to_array();
                        }
                        continue;
                    }
                    for (pixel, to) in block.iter_mut().enumerate() {
                        let at = pixel * rows.channels + first;
                        let gradient = V::load_up_to(rows.dy, at).mul(factor);
                        *to = slopes.of(gradient, V::load_up_to(z, at)).to_array();
                    }
                }
            }
        }
    }
}
