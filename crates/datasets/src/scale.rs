//! A window of an image scaled to the size a network takes. Scaling is triangle-filtered, so shrinking averages, as in the
//! usual image libraries. All sums are of whole numbers, so the bits are the same on every machine. Decodes nothing.
//!
//! Sixteen rows of the result at a time: first down (weighted sums of whole rows of the image), then turned on their side,
//! so that the sums across are of whole vectors as well, one row a lane, and turned back.
#![allow(clippy::inline_always, reason = "only what is inlined is compiled for the vector unit")]

mod taps;
mod unit;
#[cfg(target_arch = "x86_64")]
mod x86;

use crate::window::Window;
use taps::{ONE, Taps};
use unit::{HALF, LANES, Task, Unit};
use wide::u16x16;

/// Pixels as bytes, `[row][column][channel]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pixels<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) height: usize,
    pub(crate) width: usize,
    /// 1 or 3.
    pub(crate) channels: usize,
}

/// Bits behind the point of the sums down and of those across. Between them there is one more, so that a product keeps them.
const FRACTION: u32 = 7;

/// The most taps that are summed in 16 bits, where each loses up to one unit of the last place; more are summed in 32.
const FEW: usize = 4;

/// Vectors of a line of the image that share a weight.
const SHARED: usize = 6;

/// Sixteen rows of eight numbers each: `[row][column]`, or on their side, one number of each row a vector.
type Tile = [[u16; HALF]; LANES];
type TurnedTile = [u16x16; HALF];

/// One thread's room for an image that is scaled or changed.
#[derive(Debug, Default)]
pub(crate) struct Room {
    bytes: Vec<u8>,
    down: Taps,
    across: Taps,
    lanes: Lanes,
}

/// Room for the rows that are worked on.
#[derive(Debug, Default)]
struct Lanes {
    /// Sums down, as wide as what is needed of the image.
    summed: Vec<TurnedTile>,
    /// The result.
    scaled: Vec<TurnedTile>,
    /// The sums of many taps.
    long: Vec<u32>,
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
        unit::run(self.task(window, image, height, width));
        &mut self.bytes[..height * width * image.channels]
    }

    fn task<'a>(&'a mut self, window: Window, image: Pixels<'a>, height: usize, width: usize) -> Scale<'a> {
        let Self { bytes, down, across, lanes } = self;
        down.set(window.top, window.height, image.height, height);
        across.set(window.left, window.width, image.width, width);
        bytes.resize(height.next_multiple_of(LANES) * width * image.channels, 0);
        Scale { image, down, across, lanes, to: bytes }
    }
}

/// Scales an image to the places of the taps.
struct Scale<'a> {
    image: Pixels<'a>,
    down: &'a Taps,
    across: &'a Taps,
    lanes: &'a mut Lanes,
    /// Whole blocks of sixteen rows.
    to: &'a mut [u8],
}

impl Task for Scale<'_> {
    #[inline(always)]
    fn run(self, unit: impl Unit) {
        let Self { image: Pixels { bytes, width, channels, .. }, down, across, lanes, to } = self;
        let span = across.span();
        let start = span.start * channels;
        let values = across.places() * channels;
        let Lanes { summed, scaled, long } = lanes;
        let vectors = (span.len() * channels).div_ceil(LANES).next_multiple_of(SHARED);
        summed.resize(vectors * LANES / HALF, TurnedTile::default());
        scaled.resize(values.div_ceil(HALF), TurnedTile::default());
        for (block, to) in to.chunks_exact_mut(LANES * values).enumerate() {
            for (lane, place) in (block * LANES..down.places()).take(LANES).enumerate() {
                let (first, weights) = down.of(place);
                let lines =
                    Lines { bytes: &bytes[first * width * channels + start..], stride: width * channels };
                let tiles: &mut [Tile] = bytemuck::cast_slice_mut(summed);
                if weights.len() <= FEW {
                    sum_few(unit, lines, weights, lane, tiles);
                } else {
                    sum_many(lines, weights, lane, long, tiles);
                }
            }
            turn(unit, summed);
            match channels {
                3 => sum_across::<3>(unit, across, summed.as_flattened(), scaled.as_flattened_mut()),
                _ => sum_across::<1>(unit, across, summed.as_flattened(), scaled.as_flattened_mut()),
            }
            turn_back(unit, scaled, values, to);
        }
    }
}

/// Lines of an image from one column on; each begins `stride` bytes behind the one before it.
#[derive(Debug, Clone, Copy)]
struct Lines<'a> {
    bytes: &'a [u8],
    stride: usize,
}

/// The weighted means of lines, as many as there are weights, with [`FRACTION`] bits behind the point, as row `lane` of the
/// tiles. A product of 8 and 15 bits keeps the upper 16, so it is short by half a unit on average.
#[inline(always)]
fn sum_few(unit: impl Unit, lines: Lines<'_>, weights: &[u16], lane: usize, tiles: &mut [Tile]) {
    let (tiles, _) = tiles.as_chunks_mut::<{ SHARED * LANES / HALF }>();
    for (block, tiles) in tiles.iter_mut().enumerate() {
        let mut sums = [unit.splat(weights.len() as u16 / 2); SHARED];
        for (line, &weight) in weights.iter().enumerate() {
            let bytes = lines.bytes.get(line * lines.stride + block * SHARED * LANES..).unwrap_or_default();
            let padded;
            let bytes = if let Some(bytes) = bytes.first_chunk() {
                bytes
            } else {
                padded = pad(bytes);
                &padded
            };
            let weight = unit.splat(weight);
            for (sum, bytes) in sums.iter_mut().zip(bytes.as_chunks().0) {
                *sum = unit.add(*sum, unit.multiply_high(unit.bytes(bytes), weight));
            }
        }
        for (tiles, sum) in tiles.as_chunks_mut::<2>().0.iter_mut().zip(sums) {
            let sum = unit.store(sum);
            let (halves, _) = sum.as_chunks();
            (tiles[0][lane], tiles[1][lane]) = (halves[0], halves[1]);
        }
    }
}

/// The end of an image, and what nobody looks at.
#[cold]
fn pad(bytes: &[u8]) -> [u8; SHARED * LANES] {
    let mut padded = [0; SHARED * LANES];
    padded[..bytes.len()].copy_from_slice(bytes);
    padded
}

/// The same of any number of lines, exactly.
#[inline(always)]
fn sum_many(lines: Lines<'_>, weights: &[u16], lane: usize, sums: &mut Vec<u32>, tiles: &mut [Tile]) {
    let drop = ONE.ilog2() - FRACTION;
    sums.clear();
    sums.resize(tiles.len() * HALF, 1 << (drop - 1));
    for (line, &weight) in weights.iter().enumerate() {
        for (sum, &value) in sums.iter_mut().zip(&lines.bytes[line * lines.stride..]) {
            *sum += u32::from(value) * u32::from(weight);
        }
    }
    for (tile, sums) in tiles.iter_mut().zip(sums.as_chunks().0) {
        tile[lane] = sums.map(|sum| (sum >> drop) as u16);
    }
}

/// Lays tiles on their side, their numbers twice as large.
#[inline(always)]
fn turn(unit: impl Unit, tiles: &mut [TurnedTile]) {
    for tile in tiles {
        let rows: &mut Tile = bytemuck::cast_mut(tile);
        let (low, high) = rows.split_at(HALF);
        let mut vectors = [unit.splat(0); HALF];
        for (vector, (low, high)) in vectors.iter_mut().zip(low.iter().zip(high)) {
            *vector = unit.join(low, high);
        }
        for (column, to) in unit.transpose(vectors).into_iter().zip(tile) {
            *to = unit.store(unit.add(column, column)).into();
        }
    }
}

/// The weighted means of columns, rounded to whole numbers.
#[inline(always)]
fn sum_across<const C: usize>(unit: impl Unit, across: &Taps, columns: &[u16x16], scaled: &mut [u16x16]) {
    let start = across.span().start;
    let (columns, _) = columns.as_chunks::<C>();
    let (scaled, _) = scaled.as_chunks_mut::<C>();
    for (place, to) in scaled.iter_mut().take(across.places()).enumerate() {
        let (first, weights) = across.of(place);
        let pixels = columns[first - start..].iter().zip(weights);
        if weights.len() <= FEW {
            mean_of_few(unit, pixels, to);
        } else {
            mean_of_many(pixels, to);
        }
    }
}

/// One pixel of each row.
#[inline(always)]
fn mean_of_few<'a, const C: usize>(
    unit: impl Unit,
    pixels: impl ExactSizeIterator<Item = (&'a [u16x16; C], &'a u16)>,
    to: &mut [u16x16; C],
) {
    let rounding = (1 << (FRACTION - 1)) + pixels.len() as u16 / 2;
    let mut sums = [unit.splat(rounding); C];
    for (pixel, &weight) in pixels {
        let weight = unit.splat(weight);
        for (sum, values) in sums.iter_mut().zip(pixel) {
            *sum = unit.add(*sum, unit.multiply_high(unit.load(values.as_array()), weight));
        }
    }
    for (to, sum) in to.iter_mut().zip(sums) {
        *to = unit.store(unit.drop_bits::<{ FRACTION as i32 }>(sum)).into();
    }
}

/// The same, exactly.
#[inline(always)]
fn mean_of_many<'a, const C: usize>(
    pixels: impl Iterator<Item = (&'a [u16x16; C], &'a u16)>,
    to: &mut [u16x16; C],
) {
    let drop = ONE.ilog2() + FRACTION + 1;
    let mut sums = [[1_u32 << (drop - 1); LANES]; C];
    for (pixel, &weight) in pixels {
        for (sums, values) in sums.iter_mut().zip(pixel) {
            for (sum, &value) in sums.iter_mut().zip(values.as_array()) {
                *sum += u32::from(value) * u32::from(weight);
            }
        }
    }
    for (to, sums) in to.iter_mut().zip(sums) {
        *to = sums.map(|sum| (sum >> drop) as u16).into();
    }
}

/// Tiles that lie on their side to sixteen rows of bytes, `width` values each.
#[inline(always)]
fn turn_back(unit: impl Unit, tiles: &[TurnedTile], width: usize, to: &mut [u8]) {
    for (block, tile) in tiles.iter().enumerate() {
        let mut turned = [unit.splat(0); HALF];
        for (vector, column) in turned.iter_mut().zip(tile) {
            *vector = unit.load(column.as_array());
        }
        let [a, b, c, d, e, f, g, h] = unit.transpose(turned);
        // Saturating: a sum may be a little above 255.
        let pairs = [unit.narrow(a, b), unit.narrow(c, d), unit.narrow(e, f), unit.narrow(g, h)];
        let left = (width - block * HALF).min(HALF);
        for (pair, bytes) in pairs.iter().enumerate() {
            let lanes = [0, 1, HALF, HALF + 1].map(|lane| 2 * pair + lane);
            for (lane, eight) in lanes.into_iter().zip(bytes.as_chunks::<HALF>().0) {
                let to = &mut to[lane * width + block * HALF..][..left];
                match to.first_chunk_mut() {
                    Some(to) => *to = *eight,
                    None => to.copy_from_slice(&eight[..left]),
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
            prop_assert_eq!(room.scale(window, image, to_height, to_width), &scaled[..]);
            // Nor does the vector unit.
            room.task(window, image, to_height, to_width).run(unit::Portable);
            prop_assert_eq!(&room.bytes[..scaled.len()], &scaled[..]);
        }
    }
}
