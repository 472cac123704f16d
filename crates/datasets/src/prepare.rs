//! From bytes to a batch: look up normalised values, move, mirror, cut out, all in one pass into a reused buffer.
//! It starts no thread and decides no order.

use crate::augmentation::Variation;
use crate::scale::Pixels;
use crate::{DatasetError, Folder, ImageSet};

/// One image of a batch: which of the set, and what is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    /// Its place in the set.
    pub image: usize,
    /// How it is varied.
    pub variation: Variation,
}

/// Normalised images with their labels.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Batch {
    /// `n` x height x width x channels values (NHWC).
    pub images: Vec<f32>,
    /// `n` labels.
    pub labels: Vec<u32>,
    /// `n` draws: what the images are made from. Empty where a draw says too little: with windows, colours, or files.
    pub draws: Vec<Draw>,
    /// Number of images.
    pub n: usize,
    /// Which step of the epoch this batch is for, from 0.
    pub step: usize,
}

impl Batch {
    /// Replaces the contents by the images at `indices`, each varied as `vary(index)` says. The images must exist
    /// and `table` must have a row a channel; without a table no images are made, only draws. Memory is reused.
    pub(crate) fn fill(
        &mut self,
        set: &ImageSet,
        table: Option<&[[f32; 256]]>,
        step: usize,
        indices: &[usize],
        vary: impl Fn(usize) -> Variation,
    ) {
        let size = set.image_bytes();
        self.begin(step, indices.len(), if table.is_some() { size } else { 0 });
        self.labels.extend(indices.iter().map(|&index| u32::from(set.labels[index])));
        self.draws.extend(indices.iter().map(|&image| Draw { image, variation: vary(image) }));
        let Some(table) = table else { return };
        for (draw, image) in self.draws.iter().zip(self.images.chunks_exact_mut(size)) {
            write_image(set.pixels_of(draw.image), table, draw.variation, image);
        }
    }

    /// Makes room for `n` images of `size` values, and forgets labels and draws. Memory is reused.
    pub(crate) fn begin(&mut self, step: usize, n: usize, size: usize) {
        self.n = n;
        self.step = step;
        self.labels.clear();
        self.draws.clear();
        self.images.resize(n * size, 0.0);
    }

    /// Labels the images that could be decoded, and moves them together.
    pub(crate) fn close_ranks(
        &mut self,
        folder: &Folder,
        indices: &[usize],
        faults: Vec<Option<DatasetError>>,
    ) -> Result<(), DatasetError> {
        let size = self.images.len() / indices.len();
        let mut first = None;
        for (from, (&index, fault)) in indices.iter().zip(faults).enumerate() {
            if let Some(fault) = fault {
                first = first.or(Some(fault.to_string()));
                folder.skip(index, fault)?;
                continue;
            }
            let to = self.labels.len();
            if to < from {
                self.images.copy_within(from * size..(from + 1) * size, to * size);
            }
            self.labels.push(folder.label(index));
        }
        self.n = self.labels.len();
        self.images.truncate(self.n * size);
        match first {
            Some(first) if self.n == 0 => {
                Err(DatasetError::EmptyBatch { step: self.step, images: indices.len(), first })
            }
            _ => Ok(()),
        }
    }
}

/// Writes one varied, normalised image.
pub(crate) fn write_image(image: Pixels<'_>, table: &[[f32; 256]], variation: Variation, out: &mut [f32]) {
    let Pixels { bytes, height, width, channels } = image;
    let values = width * channels;
    let mirrored = variation.mirrored;
    // Columns of the window that show the image; the others, left and right of it, show the black padding.
    let first = variation.right.min(0).unsigned_abs().min(width);
    let last = width - variation.right.max(0).unsigned_abs().min(width);
    let left = if mirrored { width - last } else { first };
    for (row, out) in out.chunks_exact_mut(values).enumerate() {
        match row.checked_add_signed(variation.down).filter(|&source| source < height) {
            None => blacken(table, out),
            Some(source) => {
                let start = (first as isize + variation.right) as usize;
                let source = &bytes[source * values..][start * channels..values];
                let (left, rest) = out.split_at_mut(left * channels);
                let (shown, right) = rest.split_at_mut((last - first) * channels);
                blacken(table, left);
                look_up(table, &source[..shown.len()], mirrored, shown);
                blacken(table, right);
            }
        }
    }
    if let Some(hole) = variation.hole {
        for row in out.chunks_exact_mut(values).take(hole.bottom).skip(hole.top) {
            row[hole.left * channels..hole.right * channels].fill(0.0);
        }
    }
}

/// Normalises as many pixels as there are, from the last to the first if they are mirrored.
fn look_up(table: &[[f32; 256]], source: &[u8], mirrored: bool, out: &mut [f32]) {
    if let [red, green, blue] = table {
        let (pixels, sources) = (out.as_chunks_mut::<3>().0, source.as_chunks::<3>().0);
        let write = |(pixel, &[r, g, b]): (&mut [f32; 3], &[u8; 3])| {
            *pixel = [red[usize::from(r)], green[usize::from(g)], blue[usize::from(b)]];
        };
        if mirrored {
            pixels.iter_mut().zip(sources.iter().rev()).for_each(write);
        } else {
            pixels.iter_mut().zip(sources).for_each(write);
        }
        return;
    }
    let channels = table.len();
    let write = |(pixel, source): (&mut [f32], &[u8])| {
        for ((value, &byte), row) in pixel.iter_mut().zip(source).zip(table) {
            *value = row[usize::from(byte)];
        }
    };
    let (pixels, sources) = (out.chunks_exact_mut(channels), source.chunks_exact(channels));
    if mirrored {
        pixels.zip(sources.rev()).for_each(write);
    } else {
        pixels.zip(sources).for_each(write);
    }
}

/// Padding is black before it is normalised, as in the published code.
fn blacken(table: &[[f32; 256]], pixels: &mut [f32]) {
    for pixel in pixels.chunks_exact_mut(table.len()) {
        for (value, row) in pixel.iter_mut().zip(table) {
            *value = row[0];
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Normalisation;
    use crate::augmentation::Hole;

    /// 3 x 3 pixels of two channels: 1..9 and 101..109.
    fn nine() -> ImageSet {
        ImageSet {
            name: "nine".into(),
            height: 3,
            width: 3,
            channels: 2,
            class_names: vec!["a".into(), "b".into()],
            pixels: (1..=9).flat_map(|byte| [byte, byte + 100]).collect(),
            labels: vec![1],
        }
    }

    /// A table that keeps bytes as they are.
    fn identity() -> Vec<[f32; 256]> {
        vec![std::array::from_fn(|byte| byte as f32); 2]
    }

    fn check(variation: Variation, expected: [u8; 9]) {
        let mut batch = Batch { images: vec![-1.0; 50], ..Batch::default() };
        batch.fill(&nine(), Some(&identity()), 4, &[0], |_| variation);
        assert_eq!((batch.n, batch.step, &batch.labels[..]), (1, 4, &[1][..]));
        let second = |byte: u8| if byte == 0 { 0.0 } else { f32::from(byte) + 100.0 };
        let expected: Vec<f32> = expected.iter().flat_map(|&byte| [f32::from(byte), second(byte)]).collect();
        assert_eq!(batch.images, expected, "{variation:?}");
    }

    #[test]
    fn windows_move_mirror_and_lose_their_hole() {
        let none = Variation::NONE;
        check(none, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        check(Variation { mirrored: true, ..none }, [3, 2, 1, 6, 5, 4, 9, 8, 7]);
        check(Variation { down: 1, right: -1, ..none }, [0, 4, 5, 0, 7, 8, 0, 0, 0]);
        check(Variation { down: -2, right: 2, ..none }, [0, 0, 0, 0, 0, 0, 3, 0, 0]);
        check(Variation { right: 1, mirrored: true, ..none }, [0, 3, 2, 0, 6, 5, 0, 9, 8]);
        let hole = Some(Hole { top: 1, bottom: 3, left: 0, right: 2 });
        check(Variation { hole, ..none }, [1, 2, 3, 0, 0, 6, 0, 0, 9]);
    }

    #[test]
    fn padding_is_black_before_and_a_hole_zero_after_normalising() {
        let set = ImageSet { channels: 1, height: 1, width: 2, pixels: vec![255, 255], ..nine() };
        let table = Normalisation { mean: vec![0.5], std: vec![0.5] }.table();
        let mut batch = Batch::default();
        batch.fill(&set, Some(&table), 0, &[0], |_| Variation { right: 1, ..Variation::NONE });
        assert_eq!(batch.images, [1.0, -1.0]);
        let hole = Some(Hole { top: 0, bottom: 1, left: 0, right: 1 });
        batch.fill(&set, Some(&table), 0, &[0], |_| Variation { hole, ..Variation::NONE });
        assert_eq!(batch.images, [0.0, 1.0]);
    }
}
