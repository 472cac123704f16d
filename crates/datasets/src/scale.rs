//! A window of an image scaled to the size a network takes. Scaling is triangle-filtered, so shrinking averages, as in the
//! usual image libraries. All sums are of whole numbers, so the bits are the same on every machine. Decodes nothing.
//!
//! Eight rows of the result at a time: first down (weighted sums of whole rows of the image), then turned on their side, so
//! that the sums across are of whole vectors as well, one row a lane, and turned back.

mod taps;

use crate::window::Window;
use taps::{ONE, Taps};
use wide::{i16x8, u8x16, u16x8};

/// Pixels as bytes, `[row][column][channel]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pixels<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) height: usize,
    pub(crate) width: usize,
    /// 1 or 3.
    pub(crate) channels: usize,
}

/// Rows that are worked on side by side.
const LANES: usize = 8;

/// Bits behind the point of the sums down and of those across. Between them there is one more, so that a product keeps them.
const FRACTION: u32 = 7;

/// The most taps that are summed in 16 bits, where each loses up to one unit of the last place; more are summed in 32.
const FEW: usize = 4;

/// One thread's room for an image that is scaled or changed.
#[derive(Debug, Default)]
pub(crate) struct Room {
    bytes: Vec<u8>,
    down: Taps,
    across: Taps,
    /// Eight rows of sums down, as wide as what is needed of the image.
    rows: Vec<u16>,
    /// The same, on their side.
    columns: Vec<u16x8>,
    /// Eight rows of the result, on their side.
    scaled: Vec<u16x8>,
    sums: Vec<u32>,
}

impl Room {
    /// A copy of an image.
    pub(crate) fn copy(&mut self, image: Pixels<'_>) -> &mut [u8] {
        self.bytes.clear();
        self.bytes.extend_from_slice(image.bytes);
        &mut self.bytes
    }

    /// The window of an image, scaled to `height` x `width` pixels.
    pub(crate) fn scale(
        &mut self,
        window: Window,
        image: Pixels<'_>,
        height: usize,
        width: usize,
    ) -> &mut [u8] {
        let channels = image.channels;
        self.down.set(window.top, window.height, image.height, height);
        self.across.set(window.left, window.width, image.width, width);
        let span = self.across.span();
        let needed = span.len() * channels;
        let padded = needed.next_multiple_of(LANES);
        self.rows.resize(LANES * padded, 0);
        self.columns.resize(padded, u16x8::ZERO);
        self.scaled.resize((width * channels).next_multiple_of(LANES), u16x8::ZERO);
        self.bytes.resize(height * width * channels, 0);
        for (block, to) in self.bytes.chunks_mut(LANES * width * channels).enumerate() {
            let first_row = block * LANES;
            for (lane, row) in self.rows.chunks_exact_mut(padded).take(height - first_row).enumerate() {
                let (first, weights) = self.down.of(first_row + lane);
                let lines = image.bytes[first * image.width * channels..].chunks(image.width * channels);
                let lines = lines.map(|line| &line[span.start * channels..][..needed]);
                sum_down(lines, weights, &mut self.sums, &mut row[..needed]);
            }
            turn(&self.rows, &mut self.columns);
            match channels {
                3 => sum_across::<3>(&self.across, span.start, &self.columns, &mut self.scaled),
                _ => sum_across::<1>(&self.across, span.start, &self.columns, &mut self.scaled),
            }
            turn_back(&self.scaled, width * channels, to);
        }
        &mut self.bytes
    }
}

/// The weighted mean of lines, as many as there are weights, with [`FRACTION`] bits behind the point.
fn sum_down<'a>(
    mut lines: impl Iterator<Item = &'a [u8]>,
    weights: &[u16],
    sums: &mut Vec<u32>,
    to: &mut [u16],
) {
    let mut line = || lines.next().unwrap_or_default();
    match *weights {
        [a] => sum_few([line()], [a], to),
        [a, b] => sum_few([line(), line()], [a, b], to),
        [a, b, c] => sum_few([line(), line(), line()], [a, b, c], to),
        [a, b, c, d] => sum_few([line(), line(), line(), line()], [a, b, c, d], to),
        _ => {
            sums.clear();
            sums.resize(to.len(), 0);
            for &weight in weights {
                for (sum, &value) in sums.iter_mut().zip(line()) {
                    *sum += u32::from(value) * u32::from(weight);
                }
            }
            let drop = ONE.ilog2() - FRACTION;
            for (to, sum) in to.iter_mut().zip(sums) {
                *to = ((*sum + (1 << (drop - 1))) >> drop) as u16;
            }
        }
    }
}

/// The same of a few lines. A product of 8 and 15 bits keeps the upper 16, so it is short by half a unit on average.
fn sum_few<const N: usize>(lines: [&[u8]; N], weights: [u16; N], to: &mut [u16]) {
    let half = N as u16 / 2;
    let vectors = weights.map(u16x8::splat);
    let (blocks, rest) = to.as_chunks_mut::<16>();
    let parts = lines.map(|line| &line.as_chunks::<16>().0[..blocks.len()]);
    let ends = lines.map(|line| &line[16 * blocks.len()..]);
    for (block, to) in blocks.iter_mut().enumerate() {
        let (mut low, mut high) = (u16x8::splat(half), u16x8::splat(half));
        for (part, weight) in parts.iter().zip(vectors) {
            // Bytes become the upper halves of 16 bits.
            let bytes = u8x16::from(part[block]);
            low += bytemuck::cast::<_, u16x8>(u8x16::unpack_low(u8x16::ZERO, bytes)).mul_keep_high(weight);
            high += bytemuck::cast::<_, u16x8>(u8x16::unpack_high(u8x16::ZERO, bytes)).mul_keep_high(weight);
        }
        let (halves, _) = to.as_chunks_mut::<LANES>();
        (halves[0], halves[1]) = (low.to_array(), high.to_array());
    }
    for (place, to) in rest.iter_mut().enumerate() {
        let products = ends.iter().zip(weights).map(|(line, weight)| {
            let value = u32::from(line[place]) << 8;
            ((value * u32::from(weight)) >> 16) as u16
        });
        *to = half + products.sum::<u16>();
    }
}

/// Eight rows to one vector a column, twice as large.
fn turn(rows: &[u16], columns: &mut [u16x8]) {
    let width = columns.len();
    for (block, to) in columns.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let row = |lane: usize| rows[lane * width..].as_chunks::<LANES>().0[block];
        let rows = std::array::from_fn(|lane| u16x8::from(row(lane)));
        *to = u16x8::transpose(rows).map(|column| column + column);
    }
}

/// The weighted means of columns, from `start` on in the image, rounded to whole numbers.
fn sum_across<const C: usize>(across: &Taps, start: usize, columns: &[u16x8], scaled: &mut [u16x8]) {
    let (columns, _) = columns.as_chunks::<C>();
    let (scaled, _) = scaled.as_chunks_mut::<C>();
    for (place, to) in scaled.iter_mut().take(across.places()).enumerate() {
        let (first, weights) = across.of(place);
        let pixels = columns[first - start..].iter().zip(weights);
        *to = if weights.len() <= FEW { mean_of_few(pixels) } else { mean_of_many(pixels) };
    }
}

/// One pixel of each row.
#[inline(always)]
#[allow(clippy::inline_always, reason = "a body of a hot loop")]
fn mean_of_few<'a, const C: usize>(
    pixels: impl ExactSizeIterator<Item = (&'a [u16x8; C], &'a u16)>,
) -> [u16x8; C] {
    let rounding = (1 << (FRACTION - 1)) + pixels.len() as u16 / 2;
    let mut sums = [u16x8::splat(rounding); C];
    for (pixel, &weight) in pixels {
        let weight = u16x8::splat(weight);
        for (sum, &value) in sums.iter_mut().zip(pixel) {
            *sum += value.mul_keep_high(weight);
        }
    }
    sums.map(|sum| sum >> FRACTION)
}

/// The same, exactly.
fn mean_of_many<'a, const C: usize>(pixels: impl Iterator<Item = (&'a [u16x8; C], &'a u16)>) -> [u16x8; C] {
    let drop = ONE.ilog2() + FRACTION + 1;
    let mut sums = [[1 << (drop - 1); LANES]; C];
    for (pixel, &weight) in pixels {
        for (sums, values) in sums.iter_mut().zip(pixel) {
            for (sum, value) in sums.iter_mut().zip(values.to_array()) {
                *sum += u32::from(value) * u32::from(weight);
            }
        }
    }
    sums.map(|sums| u16x8::from(sums.map(|sum: u32| (sum >> drop) as u16)))
}

/// One vector a column to up to eight rows of bytes, `width` values each.
fn turn_back(scaled: &[u16x8], width: usize, to: &mut [u8]) {
    for (block, columns) in scaled.as_chunks::<LANES>().0.iter().enumerate() {
        let rows = u16x8::transpose(*columns).map(bytemuck::cast::<_, i16x8>);
        let (pairs, _) = rows.as_chunks::<2>();
        for (rows, &[even, odd]) in to.chunks_mut(2 * width).zip(pairs) {
            // Saturating: a sum may be a little above 255.
            let bytes = u8x16::narrow_i16x8(even, odd).to_array();
            for (row, eight) in rows.chunks_exact_mut(width).zip(bytes.as_chunks::<LANES>().0) {
                let row = &mut row[block * LANES..];
                match row.first_chunk_mut() {
                    Some(to) => *to = *eight,
                    None => row.copy_from_slice(&eight[..row.len()]),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scaling_keeps_flat_colours_and_averages_what_it_shrinks() {
        let mut room = Room::default();
        let flat: Vec<u8> = [10, 20, 30].repeat(7 * 5);
        let image = Pixels { bytes: &flat, height: 7, width: 5, channels: 3 };
        assert_eq!(room.scale(Window::centre(7, 5, 4, 4), image, 4, 4), [10, 20, 30].repeat(16));
        let stripes: Vec<u8> = [0, 200].repeat(32);
        let image = Pixels { bytes: &stripes, height: 8, width: 8, channels: 1 };
        let small = room.scale(Window::centre(8, 8, 2, 2), image, 2, 2);
        assert!(small.iter().all(|&byte| byte.abs_diff(100) <= 10), "{small:?}");
        let second = Window { left: 1.0, top: 0.0, width: 1.0, height: 8.0 };
        assert_eq!(room.scale(second, image, 2, 1), [200, 200]);
    }

    #[test]
    fn black_stays_black_and_white_white_however_much_it_is_shrunk() {
        let mut room = Room::default();
        for side in [1, 2, 3, 5, 9, 33, 300, 2_000] {
            for byte in [0, 1, 254, 255] {
                let bytes = vec![byte; side * side];
                let image = Pixels { bytes: &bytes, height: side, width: side, channels: 1 };
                let window = Window { left: 0.0, top: 0.0, width: side as f64, height: side as f64 };
                let scaled = room.scale(window, image, 3, 3);
                assert!(scaled.iter().all(|&value| value == byte), "{byte} of {side}: {scaled:?}");
            }
        }
    }

    /// The means by their definition, down and across at once.
    fn slowly(window: Window, image: Pixels<'_>, height: usize, width: usize) -> Vec<f64> {
        let triangle = |start: f64, len: f64, pixels: usize, places: usize, place: usize| -> Vec<f64> {
            let scale = len / places as f64;
            let centre = start + (place as f64 + 0.5) * scale;
            let distance = |pixel: usize| (pixel as f64 + 0.5 - centre).abs() / scale.max(1.0);
            let weights: Vec<f64> = (0..pixels).map(|pixel| (1.0 - distance(pixel)).max(0.0)).collect();
            let sum: f64 = weights.iter().sum();
            weights.into_iter().map(|weight| weight / sum).collect()
        };
        let mut all = Vec::new();
        for row in 0..height {
            let down = triangle(window.top, window.height, image.height, height, row);
            for column in 0..width {
                let across = triangle(window.left, window.width, image.width, width, column);
                for channel in 0..image.channels {
                    let value = |(y, x): (usize, usize)| {
                        let at = (y * image.width + x) * image.channels + channel;
                        down[y] * across[x] * f64::from(image.bytes[at])
                    };
                    let pixels = (0..image.height).flat_map(|y| (0..image.width).map(move |x| (y, x)));
                    all.push(pixels.map(value).sum());
                }
            }
        }
        all
    }

    proptest! {
        #[test]
        fn any_window_is_scaled_as_by_the_definition(
            (height, width) in (1_usize..40, 1_usize..40),
            (to_height, to_width) in (1_usize..20, 1_usize..20),
            grey in any::<bool>(),
            (left, top, right, bottom) in (0.0..0.6, 0.0..0.6, 0.7..1.0, 0.7..=1.0),
            contrast in any::<bool>(),
            seed in any::<u64>(),
        ) {
            let channels = if grey { 1 } else { 3 };
            let mut state = seed | 1;
            let bytes: Vec<u8> = (0..height * width * channels).map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let byte = (state >> 56) as u8;
                if contrast { if byte < 128 { 0 } else { 255 } } else { byte }
            }).collect();
            let image = Pixels { bytes: &bytes, height, width, channels };
            let (down, across) = (height as f64, width as f64);
            let window = Window {
                left: left * across,
                top: top * down,
                width: (right - left) * across,
                height: (bottom - top) * down,
            };
            let mut room = Room::default();
            let scaled = room.scale(window, image, to_height, to_width).to_vec();
            for (at, (&found, expected)) in
                scaled.iter().zip(slowly(window, image, to_height, to_width)).enumerate()
            {
                prop_assert!((f64::from(found) - expected).abs() < 0.55, "{at}: {found}, expected {expected}");
            }
            // Room used before makes no difference.
            room.scale(window, image, 3, 5);
            prop_assert_eq!(room.scale(window, image, to_height, to_width), scaled);
        }
    }
}
