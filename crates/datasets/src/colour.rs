//! Random change of brightness, contrast, saturation and hue, each by a factor near one and in a random order, as in the
//! ImageNet recipe of DARTS. Works on bytes before they are normalised; draws nothing but its own numbers.

use crate::{DatasetError, draw};
use rand_core::Rng;

/// How strongly colours change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColourJitter {
    /// Brightness, contrast and saturation are multiplied by 1 - strength to 1 + strength, and the hue turns by up to half
    /// the strength, where 1 is the whole circle; above 0, at most 1. DARTS has 0.4.
    pub strength: f32,
}

/// The changes of one image, in their order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Colours([Change; 4]);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Change {
    Brightness(f32),
    Contrast(f32),
    Saturation(f32),
    /// A share of the circle, -0.5 to 0.5.
    Hue(f32),
}

impl ColourJitter {
    pub(crate) fn check(self, channels: usize) -> Result<(), DatasetError> {
        if channels != 3 {
            return Err(DatasetError::Colours { channels });
        }
        let strength = self.strength;
        if strength > 0.0 && strength <= 1.0 { Ok(()) } else { Err(DatasetError::Strength { strength }) }
    }

    pub(crate) fn draw(self, rng: &mut impl Rng) -> Colours {
        let mut factor = || draw::between(rng, 1.0 - self.strength, 1.0 + self.strength);
        let mut changes = [
            Change::Brightness(factor()),
            Change::Contrast(factor()),
            Change::Saturation(factor()),
            Change::Hue((factor() - 1.0) / 2.0),
        ];
        draw::shuffle(rng, &mut changes);
        Colours(changes)
    }
}

impl Colours {
    /// Changes the pixels of an image, three bytes each.
    pub(crate) fn apply(&self, image: &mut [u8]) {
        let (pixels, _) = image.as_chunks_mut::<3>();
        for change in &self.0 {
            match *change {
                Change::Brightness(factor) => each_value(pixels, |value| value * factor),
                Change::Contrast(factor) => {
                    let grey = mean_grey(pixels);
                    each_value(pixels, |value| grey + factor * (value - grey));
                }
                Change::Saturation(factor) => each(pixels, |pixel| {
                    let grey = luma(pixel);
                    pixel.map(|value| grey + factor * (value - grey))
                }),
                Change::Hue(turn) => {
                    let shifts = [5.0, 3.0, 1.0].map(|offset: f32| (offset + 6.0 * turn).rem_euclid(6.0));
                    each(pixels, |pixel| turned(pixel, shifts));
                }
            }
        }
    }
}

/// Pixels whose channels are worked on side by side.
const LANES: usize = 16;

/// Replaces every pixel. A change without branches becomes vector instructions: channels are taken apart first.
fn each(pixels: &mut [[u8; 3]], change: impl Fn([f32; 3]) -> [f32; 3]) {
    let (blocks, rest) = pixels.as_chunks_mut::<LANES>();
    for block in blocks {
        let plane = |channel: usize| block.map(|pixel| f32::from(pixel[channel]));
        let (mut reds, mut greens, mut blues) = (plane(0), plane(1), plane(2));
        for ((red, green), blue) in reds.iter_mut().zip(&mut greens).zip(&mut blues) {
            [*red, *green, *blue] = change([*red, *green, *blue]);
        }
        for (((pixel, red), green), blue) in block.iter_mut().zip(reds).zip(greens).zip(blues) {
            *pixel = [red, green, blue].map(byte);
        }
    }
    for pixel in rest {
        *pixel = change(pixel.map(f32::from)).map(byte);
    }
}

/// Replaces every value by what becomes of it in any place: worked out once for each of the 256.
fn each_value(pixels: &mut [[u8; 3]], change: impl Fn(f32) -> f32) {
    let changed: [u8; 256] = std::array::from_fn(|value| byte(change(value as f32)));
    for value in pixels.as_flattened_mut() {
        *value = changed[usize::from(*value)];
    }
}

/// Rounded, and the nearest byte if it is below 0 or above 255.
fn byte(value: f32) -> u8 {
    (value + 0.5) as u8
}

/// The mean brightness of an image, as an exact sum of whole numbers.
fn mean_grey(pixels: &[[u8; 3]]) -> f32 {
    let sum: u64 = pixels.iter().map(|pixel| (luma(pixel.map(f32::from)) + 0.5) as u64).sum();
    (sum as f64 / pixels.len().max(1) as f64) as f32
}

/// Brightness by ITU-R BT.601.
fn luma([r, g, b]: [f32; 3]) -> f32 {
    0.299 * r + 0.587 * g + 0.114 * b
}

/// The pixel with its hue turned; value and saturation (HSV) stay. Hues are in sixths of the circle, from red over green and
/// blue; the shifts of the three channels contain the turn and lie between 0 and 6.
fn turned([r, g, b]: [f32; 3], shifts: [f32; 3]) -> [f32; 3] {
    let (high, low) = (r.max(g).max(b), r.min(g).min(b));
    // Everything is multiplied by the range, which saves a division.
    let range = high - low;
    let of_green_or_blue = if high == g { 2.0 * range + (b - r) } else { 4.0 * range + (r - g) };
    let hue = if high == r { g - b } else { of_green_or_blue };
    let circle = 6.0 * range;
    shifts.map(|shift| {
        let place = hue + shift * range;
        let place = if place < 0.0 { place + circle } else { place };
        let place = if place >= circle { place - circle } else { place };
        high - place.min(4.0 * range - place).max(0.0).min(range)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use random::{Purpose, stream};

    fn check(change: Change, pixels: [[u8; 3]; 2], expected: [[u8; 3]; 2]) {
        let none = Change::Brightness(1.0);
        let mut image = pixels.concat();
        Colours([none, change, none, none]).apply(&mut image);
        assert_eq!(image, expected.concat(), "{change:?}");
    }

    #[test]
    fn each_change_does_what_it_is_called() {
        let pixels = [[200, 100, 50], [0, 0, 0]];
        check(Change::Brightness(1.5), pixels, [[255, 150, 75], [0, 0, 0]]);
        // Grey is (124 + 0) / 2 = 62.
        check(Change::Contrast(0.5), pixels, [[131, 81, 56], [31, 31, 31]]);
        check(Change::Saturation(0.0), pixels, [[124, 124, 124], [0, 0, 0]]);
        check(Change::Hue(1.0 / 3.0), [[255, 0, 0], [9, 9, 9]], [[0, 255, 0], [9, 9, 9]]);
        check(Change::Hue(-1.0 / 3.0), [[255, 0, 0], [200, 100, 50]], [[0, 0, 255], [100, 50, 200]]);
        check(Change::Hue(0.0), pixels, pixels);
    }

    /// Colours of all kinds: each channel the largest, the smallest and in the middle, and greys.
    fn colours() -> Vec<[u8; 3]> {
        let levels = [0, 30, 31, 128, 200, 255];
        let mut all = Vec::new();
        for r in levels {
            all.extend(levels.iter().flat_map(|&g| levels.map(|b| [r, g, b])));
        }
        all
    }

    #[test]
    fn blocks_of_pixels_change_as_single_ones() {
        let change = |[r, g, b]: [f32; 3]| [g + 1.0, b / 2.0, 255.0 - r];
        let before = &colours()[..2 * LANES + 3];
        let mut together = before.to_vec();
        each(&mut together, change);
        let mut alone = before.to_vec();
        alone.chunks_mut(1).for_each(|pixel| each(pixel, change));
        assert_eq!(together, alone);
        assert_eq!(together[7], [31, 15, 255], "{:?}", before[7]);
    }

    /// By the definition, with hues as shares of a circle.
    fn turned_slowly([r, g, b]: [f32; 3], turn: f32) -> [f32; 3] {
        let (high, low) = (r.max(g).max(b), r.min(g).min(b));
        let range = high - low;
        if range == 0.0 {
            return [r, g, b];
        }
        let sixths = match high {
            _ if high == r => (g - b) / range,
            _ if high == g => 2.0 + (b - r) / range,
            _ => 4.0 + (r - g) / range,
        };
        [5.0, 3.0, 1.0].map(|offset| {
            let place = (sixths + 6.0 * turn + offset).rem_euclid(6.0);
            high - range * place.min(4.0 - place).clamp(0.0, 1.0)
        })
    }

    #[test]
    fn hues_turn_by_their_definition() {
        for turn in [-0.5, -0.31, -0.2, -0.05, 0.0, 0.1, 0.25, 0.4, 0.5] {
            let mut pixels = colours();
            let none = Change::Brightness(1.0);
            Colours([Change::Hue(turn), none, none, none]).apply(pixels.as_flattened_mut());
            for (found, pixel) in pixels.iter().zip(colours()) {
                let expected = turned_slowly(pixel.map(f32::from), turn);
                let far =
                    found.iter().zip(expected).any(|(&found, value)| (f32::from(found) - value).abs() > 0.51);
                assert!(!far, "{pixel:?} turned by {turn}: {found:?}, expected {expected:?}");
            }
        }
    }

    #[test]
    fn draws_stay_in_their_range_and_come_in_every_order() {
        let mut firsts = std::collections::BTreeSet::new();
        for index in 0..400 {
            let Colours(changes) =
                ColourJitter { strength: 0.4 }.draw(&mut stream(1, Purpose::Test, 0, index));
            for change in changes {
                match change {
                    Change::Brightness(factor) | Change::Contrast(factor) | Change::Saturation(factor) => {
                        assert!((0.6..1.4).contains(&factor));
                    }
                    Change::Hue(turn) => assert!((-0.2..0.2).contains(&turn)),
                }
            }
            firsts.insert(format!("{:?}", changes.map(|change| std::mem::discriminant(&change))));
        }
        assert_eq!(firsts.len(), 24);
    }

    #[test]
    fn strengths_and_grey_images_are_checked() {
        assert!(ColourJitter { strength: 0.4 }.check(3).is_ok());
        for strength in [0.0, -1.0, 1.1, f32::NAN] {
            assert!(ColourJitter { strength }.check(3).is_err(), "{strength}");
        }
        assert!(ColourJitter { strength: 0.4 }.check(1).is_err());
    }
}
