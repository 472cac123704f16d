//! The rows of a dense convolution: each output pixel's window as one row of a channel-blocked tile, and the gradient of
//! such rows back onto the padded image.

use super::simd::kernel;
use super::vector::Vector;

/// Output rows of an image and their windows on the padded, dense image `[pixel][channel]`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patches {
    /// First output row, and rows.
    pub(super) first_row: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) stride: [usize; 2],
    /// Rows of a window.
    pub(super) kernel_rows: usize,
    /// Channels times columns of a window: the elements that lie together.
    pub(super) segment: usize,
    pub(super) channels: usize,
    /// Pixels of a padded row.
    pub(super) width: usize,
}

impl Patches {
    /// First element of the window of an output pixel, counted from the first of these rows.
    #[inline(always)]
    fn start(&self, pixel: usize) -> usize {
        let row = self.first_row + pixel / self.columns;
        let column = pixel % self.columns;
        (row * self.stride[0] * self.width + column * self.stride[1]) * self.channels
    }
}

kernel! {
    /// Windows as the rows of a tile. `line` holds one row and a vector more; so does the end of `image`.
    fn gather(patches: Patches, image: &[f32], line: &mut [f32], tile: &mut [f32]) = gather_body
}

#[inline(always)]
fn gather_body<V: Vector<L>, const L: usize>(
    patches: Patches,
    image: &[f32],
    line: &mut [f32],
    tile: &mut [f32],
) {
    let (tile, _) = tile.as_chunks_mut::<L>();
    let pixels = patches.rows * patches.columns;
    for pixel in 0..pixels {
        let start = patches.start(pixel);
        for row in 0..patches.kernel_rows {
            let from = start + row * patches.width * patches.channels;
            // Whole vectors; what runs over is overwritten by the next segment or never used.
            for at in (0..patches.segment).step_by(L) {
                V::load(image, from + at).store(line, row * patches.segment + at);
            }
        }
        for (block, plane) in tile.chunks_exact_mut(pixels).enumerate() {
            plane[pixel] = V::load(line, block * L).to_array();
        }
    }
}

kernel! {
    /// Adds the rows of a tile to their windows.
    fn scatter(patches: Patches, tile: &[f32], line: &mut [f32], image: &mut [f32]) = scatter_body
}

#[inline(always)]
fn scatter_body<V: Vector<L>, const L: usize>(
    patches: Patches,
    tile: &[f32],
    line: &mut [f32],
    image: &mut [f32],
) {
    let (tile, _) = tile.as_chunks::<L>();
    let pixels = patches.rows * patches.columns;
    for pixel in 0..pixels {
        for (block, plane) in tile.chunks_exact(pixels).enumerate() {
            V::from_array(plane[pixel]).store(line, block * L);
        }
        let start = patches.start(pixel);
        for row in 0..patches.kernel_rows {
            let to = &mut image[start + row * patches.width * patches.channels..][..patches.segment];
            for (to, from) in to.iter_mut().zip(&line[row * patches.segment..]) {
                *to += from;
            }
        }
    }
}
