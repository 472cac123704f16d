//! How a training image is varied: padded crop, mirror image, cut-out (DeVries and Taylor,
//! <https://arxiv.org/abs/1708.04552>). Settings and the draw of one image; `prepare` carries the draw out.

use crate::{DatasetError, draw};
use random::{Purpose, stream};

/// Whether images are mirrored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flip {
    /// Never.
    Never,
    /// Left and right are exchanged in half of the draws.
    Horizontal,
}

/// How each training image is varied anew in each epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Augmentation {
    /// Black pixels added on every side before an image-sized window is cut at a random place.
    pub pad: usize,
    /// Mirroring, after the crop.
    pub flip: Flip,
    /// Side, in pixels, of a square around a random pixel that is set to the mean colour (0 after
    /// normalisation); the part outside the image is lost.
    pub cutout: Option<usize>,
}

impl Augmentation {
    /// Images as they are.
    pub const NONE: Self = Self { pad: 0, flip: Flip::Never, cutout: None };

    /// The CIFAR search setting of CARS and DARTS: pad 4, random crop, horizontal flip, no cut-out.
    pub const STANDARD: Self = Self { pad: 4, flip: Flip::Horizontal, cutout: None };

    /// Checks that images of this size can be padded and cut so.
    pub(crate) fn check(&self, height: usize, width: usize) -> Result<(), DatasetError> {
        let refuse = |what, size| Err(DatasetError::Augmentation { what, size, height, width });
        // A wider padding could cut windows that show nothing of the image.
        if self.pad >= height.min(width) && self.pad > 0 {
            return refuse("padding", self.pad);
        }
        match self.cutout {
            Some(side) if side == 0 || side > 2 * height.max(width) => refuse("cutout", side),
            _ => Ok(()),
        }
    }

    /// What happens to image `index` (its place in the set, not in the epoch) in `epoch`.
    ///
    /// All numbers are drawn whatever the settings, so switching one option leaves the others' draws alone.
    pub(crate) fn draw(&self, seed: u64, epoch: u64, index: usize, height: usize, width: usize) -> Variation {
        let mut rng = stream(seed, Purpose::Augment, epoch, index as u64);
        let shifts = 2 * self.pad as u32 + 1;
        let pad = self.pad as isize;
        let down = draw::below(&mut rng, shifts) as isize - pad;
        let right = draw::below(&mut rng, shifts) as isize - pad;
        let heads = draw::below(&mut rng, 2) == 1;
        let row = draw::below(&mut rng, height as u32) as usize;
        let column = draw::below(&mut rng, width as u32) as usize;
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

    #[test]
    fn draws_cover_their_range_and_depend_on_epoch_and_image_only() {
        let standard = Augmentation { cutout: Some(16), ..Augmentation::STANDARD };
        let all: Vec<Variation> = (0..2_000).map(|index| standard.draw(3, 0, index, 32, 32)).collect();
        for shift in -4..=4 {
            assert!(all.iter().any(|variation| variation.down == shift));
            assert!(all.iter().any(|variation| variation.right == shift));
        }
        assert!(all.iter().all(|variation| variation.down.abs() <= 4 && variation.right.abs() <= 4));
        let mirrored = all.iter().filter(|variation| variation.mirrored).count();
        assert!(mirrored.abs_diff(1_000) < 120, "{mirrored}");
        assert_eq!(standard.draw(3, 0, 5, 32, 32), all[5]);
        assert_ne!(
            (0..9).map(|index| standard.draw(3, 1, index, 32, 32)).collect::<Vec<_>>(),
            all[..9],
            "another epoch varies otherwise"
        );
        let plain = Augmentation::STANDARD.draw(3, 0, 5, 32, 32);
        assert_eq!((plain.down, plain.right, plain.mirrored), (all[5].down, all[5].right, all[5].mirrored));
    }

    #[test]
    fn a_hole_is_a_square_clipped_by_the_image() {
        let cut = Augmentation { cutout: Some(16), ..Augmentation::NONE };
        let areas: Vec<usize> = (0..500)
            .map(|index| cut.draw(3, 0, index, 32, 32).hole.unwrap())
            .map(|hole| (hole.bottom - hole.top) * (hole.right - hole.left))
            .collect();
        assert_eq!(areas.iter().max(), Some(&256));
        assert!(areas.iter().all(|&area| area >= 64));
    }

    #[test]
    fn impossible_settings_are_refused() {
        assert!(Augmentation { pad: 32, ..Augmentation::NONE }.check(32, 32).is_err());
        assert!(Augmentation { cutout: Some(0), ..Augmentation::NONE }.check(32, 32).is_err());
        let error = Augmentation { cutout: Some(65), ..Augmentation::NONE }.check(32, 32).unwrap_err();
        assert_eq!(error.to_string(), "cutout of 65 pixels does not fit images of 32 x 32 pixels");
        assert!(Augmentation::STANDARD.check(32, 32).is_ok());
        assert!(Augmentation::NONE.check(1, 1).is_ok());
    }
}
