//! How a training image is varied: crop, colour, mirror image, cut-out (DeVries and Taylor,
//! <https://arxiv.org/abs/1708.04552>). Settings and the draw of one image; `vary` carries the draw out.

use crate::{ColourJitter, DatasetError, draw};
use random::{Purpose, Stream, stream};

/// Whether images are mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flip {
    /// Never.
    Never,
    /// Left and right are exchanged in half of the draws.
    Horizontal,
}

/// Which part of an image is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crop {
    /// So many black pixels are added on every side, then an image-sized window is cut at a random place.
    Padded(usize),
    /// A window of 8 to 100 % of the area and a ratio of 3/4 to 4/3, at a random place, is scaled to the size of the
    /// image ("Inception" crop; Szegedy et al., <https://arxiv.org/abs/1409.4842>, section 6).
    Resized,
}

/// How each training image is varied anew in each epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Augmentation {
    /// The part that is shown.
    pub crop: Crop,
    /// Change of colours, after the crop; for images of three channels.
    pub colours: Option<ColourJitter>,
    /// Mirroring, after the crop.
    pub flip: Flip,
    /// Side, in pixels, of a square around a random pixel that is set to the mean colour (0 after
    /// normalisation); the part outside the image is lost.
    pub cutout: Option<usize>,
}

impl Augmentation {
    /// Images as they are.
    pub const NONE: Self = Self { crop: Crop::Padded(0), colours: None, flip: Flip::Never, cutout: None };

    /// The CIFAR search setting of CARS and DARTS: pad 4, random crop, horizontal flip, no cut-out.
    pub const STANDARD: Self =
        Self { crop: Crop::Padded(4), colours: None, flip: Flip::Horizontal, cutout: None };

    /// The ImageNet setting of DARTS: random resized crop, colour jitter, horizontal flip.
    pub const IMAGE_NET: Self = Self {
        crop: Crop::Resized,
        colours: Some(ColourJitter { strength: 0.4 }),
        flip: Flip::Horizontal,
        cutout: None,
    };

    /// Whether a [`Variation`] says all that is done to an image: no window is scaled and no colour changed.
    pub fn is_drawn_whole(&self) -> bool {
        matches!(self.crop, Crop::Padded(_)) && self.colours.is_none()
    }

    /// Checks that images of this shape can be varied so.
    pub(crate) fn check(&self, height: usize, width: usize, channels: usize) -> Result<(), DatasetError> {
        let refuse = |what, size| Err(DatasetError::Augmentation { what, size, height, width });
        match self.crop {
            // A wider padding could cut windows that show nothing of the image.
            Crop::Padded(pad) if pad >= height.min(width) && pad > 0 => return refuse("padding", pad),
            Crop::Resized if !matches!(channels, 1 | 3) => {
                return Err(DatasetError::Channels { expected: channels, found: 3 });
            }
            _ => {}
        }
        if let Some(jitter) = self.colours {
            jitter.check(channels)?;
        }
        match self.cutout {
            Some(side) if side == 0 || side > 2 * height.max(width) => refuse("cutout", side),
            _ => Ok(()),
        }
    }

    /// The stream that image `index` (its place in the set, not in the epoch) is varied from in `epoch`.
    pub(crate) fn stream(seed: u64, epoch: u64, index: usize) -> Stream {
        stream(seed, Purpose::Augment, epoch, index as u64)
    }

    /// The first draws of an image's stream: how it is moved, mirrored and cut out.
    ///
    /// All numbers are drawn whatever the settings, so switching one option leaves the others' draws alone.
    pub(crate) fn draw(&self, rng: &mut Stream, height: usize, width: usize) -> Variation {
        let pad = match self.crop {
            Crop::Padded(pad) => pad,
            Crop::Resized => 0,
        };
        let shifts = 2 * pad as u32 + 1;
        let pad = pad as isize;
        let down = draw::below(rng, shifts) as isize - pad;
        let right = draw::below(rng, shifts) as isize - pad;
        let heads = draw::below(rng, 2) == 1;
        let row = draw::below(rng, height as u32) as usize;
        let column = draw::below(rng, width as u32) as usize;
        let mirrored = match self.flip {
            Flip::Never => false,
            Flip::Horizontal => heads,
        };
        let hole = self.cutout.map(|side| Hole {
            top: row.saturating_sub(side / 2),
            bottom: (row + side - side / 2).min(height),
            left: column.saturating_sub(side / 2),
            right: (column + side - side / 2).min(width),
        });
        Variation { down, right, mirrored, hole }
    }
}

/// What is done to one image in one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variation {
    /// Row of the image that becomes row 0 of the window; negative within the padding.
    pub down: isize,
    /// Column of the image that becomes column 0 of the window.
    pub right: isize,
    /// Whether the window is mirrored.
    pub mirrored: bool,
    /// Rows and columns of the finished window that are set to 0.
    pub hole: Option<Hole>,
}

impl Variation {
    /// Nothing changes.
    pub const NONE: Self = Self { down: 0, right: 0, mirrored: false, hole: None };
}

/// A rectangle of pixels: `top..bottom` x `left..right`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole {
    /// First row.
    pub top: usize,
    /// Row after the last.
    pub bottom: usize,
    /// First column.
    pub left: usize,
    /// Column after the last.
    pub right: usize,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn draw(settings: Augmentation, epoch: u64, index: usize) -> Variation {
        settings.draw(&mut Augmentation::stream(3, epoch, index), 32, 32)
    }

    #[test]
    fn draws_cover_their_range_and_depend_on_epoch_and_image_only() {
        let standard = Augmentation { cutout: Some(16), ..Augmentation::STANDARD };
        let all: Vec<Variation> = (0..2_000).map(|index| draw(standard, 0, index)).collect();
        for shift in -4..=4 {
            assert!(all.iter().any(|variation| variation.down == shift));
            assert!(all.iter().any(|variation| variation.right == shift));
        }
        assert!(all.iter().all(|variation| variation.down.abs() <= 4 && variation.right.abs() <= 4));
        let mirrored = all.iter().filter(|variation| variation.mirrored).count();
        assert!(mirrored.abs_diff(1_000) < 120, "{mirrored}");
        assert_eq!(draw(standard, 0, 5), all[5]);
        assert_ne!(
            (0..9).map(|index| draw(standard, 1, index)).collect::<Vec<_>>(),
            all[..9],
            "another epoch varies otherwise"
        );
        let plain = draw(Augmentation::STANDARD, 0, 5);
        assert_eq!((plain.down, plain.right, plain.mirrored), (all[5].down, all[5].right, all[5].mirrored));
    }

    #[test]
    fn a_hole_is_a_square_clipped_by_the_image() {
        let cut = Augmentation { cutout: Some(16), ..Augmentation::NONE };
        let areas: Vec<usize> = (0..500)
            .map(|index| draw(cut, 0, index).hole.unwrap())
            .map(|hole| (hole.bottom - hole.top) * (hole.right - hole.left))
            .collect();
        assert_eq!(areas.iter().max(), Some(&256));
        assert!(areas.iter().all(|&area| area >= 64));
    }

    #[test]
    fn impossible_settings_are_refused() {
        assert!(Augmentation { crop: Crop::Padded(32), ..Augmentation::NONE }.check(32, 32, 3).is_err());
        assert!(Augmentation { cutout: Some(0), ..Augmentation::NONE }.check(32, 32, 3).is_err());
        let error = Augmentation { cutout: Some(65), ..Augmentation::NONE }.check(32, 32, 3).unwrap_err();
        assert_eq!(error.to_string(), "cutout of 65 pixels does not fit images of 32 x 32 pixels");
        assert!(Augmentation::STANDARD.check(32, 32, 3).is_ok());
        assert!(Augmentation::NONE.check(1, 1, 1).is_ok());
        assert!(Augmentation::IMAGE_NET.check(224, 224, 3).is_ok());
        assert!(Augmentation::IMAGE_NET.check(224, 224, 1).is_err(), "grey has no colours to change");
    }
}
