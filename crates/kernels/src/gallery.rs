//! A set of images as bytes where a backend computes, from which it makes its own batches: what goes there for each batch is
//! a few numbers an image. What the numbers are is drawn elsewhere; batches that a host makes from them have the same bits.

use crate::{Backend, KernelError};

/// Images of one size as bytes, and what each byte stands for.
#[derive(Debug, Clone, Copy)]
pub struct Images<'a> {
    /// `[image, height, width, channels]`.
    pub pixels: &'a [u8],
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// Channels of a pixel.
    pub channels: usize,
    /// The normalised value of each byte in each channel, `[channels, 256]`.
    pub table: &'a [f32],
}

impl Images<'_> {
    /// Numbers of one image.
    pub fn image_len(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// Refuses what is no whole number of images.
    pub(crate) fn check(&self) -> Result<(), KernelError> {
        let len = self.image_len();
        let whole = self.pixels.len().next_multiple_of(len.max(1));
        let lens = [("pixels of the images", whole, self.pixels.len())];
        let table = ("table of byte values", 256 * self.channels, self.table.len());
        for (what, expected, got) in lens.into_iter().chain([table]) {
            if expected != got {
                return Err(KernelError::Length { what, expected, got });
            }
        }
        Ok(())
    }
}

/// How one image of a batch is made: a window is cut, mirrored, and given a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    /// Which image of the set.
    pub image: usize,
    /// Row of the image that becomes row 0 of the window; rows outside the image show bytes of 0.
    pub down: i32,
    /// Column of the image that becomes column 0 of the window.
    pub right: i32,
    /// Whether the window's columns are then reversed.
    pub mirrored: bool,
    /// Rows `hole[0]..hole[1]` and columns `hole[2]..hole[3]` of the finished window are 0; none if a range is empty.
    pub hole: [u32; 4],
}

/// Images that a backend holds.
pub trait Gallery<B: Backend>: Send + Sync {
    /// Number of images.
    fn images(&self) -> usize;

    /// Numbers of one image.
    fn image_len(&self) -> usize;

    /// Writes one image a draw to `output`, `[draws, height, width, channels]`.
    fn batch(&self, backend: &B, draws: &[Draw], output: &mut B::Buffer) -> Result<(), KernelError>;
}

/// Refuses draws of images that are not there.
pub(crate) fn check_draws(draws: &[Draw], images: usize) -> Result<(), KernelError> {
    match draws.iter().find(|draw| draw.image >= images) {
        Some(draw) => Err(KernelError::Image { index: draw.image, images }),
        None => Ok(()),
    }
}
