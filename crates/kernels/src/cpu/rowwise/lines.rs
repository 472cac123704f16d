//! Rows of an image as lines of numbers: where they come from, where they go, and which of a pixel's neighbours exist.

use crate::Store;
use crate::cpu::batch_norm::GradientRows;
use crate::cpu::entry::InputNorm;
use crate::cpu::finish::Finish;
use crate::cpu::scratch::LINE;
use crate::cpu::vector::Vector;

/// Elements from one line of scratch to the next: whole vectors, and one more, as vectors that begin within a row may run over
/// its end.
pub(super) fn pitch(row: usize) -> usize {
    row.next_multiple_of(LINE) + LINE
}

/// An image as rows of numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// Elements of a pixel.
    pub(super) channels: usize,
    /// Elements of a row.
    pub(super) row: usize,
    /// Rows.
    pub(super) height: usize,
}

/// Part of a row whose pixels all have a left neighbour, or all have none, and likewise on the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) left: bool,
    pub(super) right: bool,
}

impl Span {
    /// The vectors of a line that hold the part and, as far as they exist, those of the neighbours on either side. The last may
    /// run over the part's end.
    #[inline(always)]
    pub(super) fn neighbours<'a, const L: usize>(
        &self,
        line: &'a [f32],
        channels: usize,
    ) -> [&'a [[f32; L]]; 3] {
        let count = (self.end - self.start).div_ceil(L);
        let left = if self.left { self.start - channels } else { self.start };
        let right = if self.right { self.start + channels } else { self.start };
        [left, self.start, right].map(|start| vectors(line, start, count))
    }
}

/// The parts of a row: its first pixel, those between, its last. Of a single pixel or two, the others are empty.
#[inline(always)]
pub(super) fn spans(row: usize, channels: usize) -> [Span; 3] {
    let last = row - channels;
    let (several, many) = (last > 0, last > channels);
    [
        Span { start: 0, end: channels, left: false, right: several },
        Span { start: channels.min(last), end: last, left: many, right: many },
        Span { start: if several { last } else { row }, end: row, left: several, right: false },
    ]
}

/// `count` vectors of a line from element `start` on.
#[inline(always)]
pub(super) fn vectors<const L: usize>(line: &[f32], start: usize, count: usize) -> &[[f32; L]] {
    let (vectors, _) = line[start..start + count * L].as_chunks();
    &vectors[..count]
}

/// As `vectors`, to be written.
#[inline(always)]
pub(super) fn vectors_mut<const L: usize>(line: &mut [f32], start: usize, count: usize) -> &mut [[f32; L]] {
    let (vectors, _) = line[start..start + count * L].as_chunks_mut();
    &mut vectors[..count]
}

/// Rows to read.
pub(super) trait Rows {
    fn size(&self) -> Size;
    /// A row, where it lies or in `line`, and at least [`LINE`] elements more that are anything.
    fn row<'r, V: Vector<L>, const L: usize>(&'r self, y: usize, line: &'r mut [f32]) -> &'r [f32];
}

/// Rows to write.
pub(super) trait Target {
    /// Takes a row, which is changed on the way.
    fn put<V: Vector<L>, const L: usize>(&mut self, y: usize, line: &mut [f32]);
}

/// The input as the block sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a> {
    /// From the image on.
    pub(super) image: &'a [f32],
    pub(super) norm: InputNorm<'a>,
    pub(super) size: Size,
}

impl Rows for Values<'_> {
    #[inline(always)]
    fn size(&self) -> Size {
        self.size
    }

    #[inline(always)]
    fn row<'r, V: Vector<L>, const L: usize>(&'r self, y: usize, line: &'r mut [f32]) -> &'r [f32] {
        let row = self.size.row;
        let from = &self.image[y * row..];
        if !self.norm.is_neutral() {
            for at in (0..row).step_by(L) {
                let value = V::load_up_to(from, at);
                self.norm.of_channels::<V, L>(at).of(value).store(line, at);
            }
            return line;
        }
        if from.len() < row + LINE {
            line[..row].copy_from_slice(&from[..row]);
            return line;
        }
        from
    }
}

/// One over the number of real pixels of each window; nothing for other windows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Averages<'a> {
    /// For windows of one, two and three real rows.
    pub(super) rows: Option<[&'a [f32]; 3]>,
    pub(super) size: Size,
}

impl Averages<'_> {
    /// Divides a row.
    #[inline(always)]
    fn apply<V: Vector<L>, const L: usize>(&self, y: usize, line: &mut [f32]) {
        let Some(rows) = self.rows else { return };
        let real = (y + 2).min(self.size.height) - y.saturating_sub(1);
        let count = self.size.row.div_ceil(L);
        let factors = vectors::<L>(rows[real - 1], 0, count);
        for (value, &factor) in vectors_mut::<L>(line, 0, count).iter_mut().zip(factors) {
            *value = V::from_array(*value).mul(V::from_array(factor)).to_array();
        }
    }
}

/// The gradient by the linear output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gradient<'a> {
    /// All of an image.
    pub(super) rows: GradientRows<'a>,
    pub(super) averages: Averages<'a>,
    pub(super) size: Size,
}

impl Rows for Gradient<'_> {
    #[inline(always)]
    fn size(&self) -> Size {
        self.size
    }

    #[inline(always)]
    fn row<'r, V: Vector<L>, const L: usize>(&'r self, y: usize, line: &'r mut [f32]) -> &'r [f32] {
        let row = self.size.row;
        let first = y * row;
        let dy = &self.rows.dy[first..][..row];
        let factor = V::splat(self.rows.factor);
        match &self.rows.normalised {
            None => {
                let (whole, _) = dy.as_chunks::<L>();
                for (to, &dy) in vectors_mut::<L>(line, 0, whole.len()).iter_mut().zip(whole) {
                    *to = V::from_array(dy).mul(factor).to_array();
                }
                let done = whole.len() * L;
                if done < row {
                    V::load_up_to(dy, done).mul(factor).store(line, done);
                }
            }
            Some((z, slopes)) => {
                let z = &z[first..][..row];
                for at in (0..row).step_by(L) {
                    let gradient = V::load_up_to(dy, at).mul(factor);
                    let slopes = slopes.of_channels::<V, L>(at);
                    slopes.of(gradient, V::load_up_to(z, at)).store(line, at);
                }
            }
        }
        self.averages.apply::<V, L>(y, line);
        line
    }
}

/// Writes a row or adds it.
#[inline(always)]
fn store_row(line: &[f32], store: Store, to: &mut [f32]) {
    match store {
        Store::Write => to.copy_from_slice(&line[..to.len()]),
        Store::Add => {
            for (to, value) in to.iter_mut().zip(line) {
                *to += value;
            }
        }
    }
}

/// The block's output.
#[derive(Debug)]
pub(super) struct Output<'a> {
    pub(super) averages: Averages<'a>,
    pub(super) finish: Finish<'a>,
    /// The row at the start of `to`.
    pub(super) first: usize,
    pub(super) to: &'a mut [f32],
}

impl Target for Output<'_> {
    #[inline(always)]
    fn put<V: Vector<L>, const L: usize>(&mut self, y: usize, line: &mut [f32]) {
        self.averages.apply::<V, L>(y, line);
        let row = self.averages.size.row;
        let to = &mut self.to[(y - self.first) * row..][..row];
        if let Some(affine) = &self.finish.affine {
            let count = row.div_ceil(L);
            let factor = V::splat(affine.factor);
            let [mean, scale, shift] =
                [affine.mean, affine.scale, affine.shift].map(|all| vectors::<L>(all, 0, count));
            for (at, value) in vectors_mut::<L>(line, 0, count).iter_mut().enumerate() {
                let centred = V::from_array(*value).sub(V::from_array(mean[at]));
                let scaled = centred.mul_add(V::from_array(scale[at]), V::from_array(shift[at]));
                *value = scaled.mul(factor).to_array();
            }
        }
        store_row(line, self.finish.store, to);
    }
}

/// The gradient by the block's input.
#[derive(Debug)]
pub(super) struct InputGradient<'a> {
    pub(super) values: Values<'a>,
    pub(super) store: Store,
    /// One image's.
    pub(super) to: &'a mut [f32],
}

impl Target for InputGradient<'_> {
    #[inline(always)]
    fn put<V: Vector<L>, const L: usize>(&mut self, y: usize, line: &mut [f32]) {
        let Values { image, norm, size: Size { row, .. } } = self.values;
        let first = y * row;
        if norm.relu {
            for at in (0..row).step_by(L) {
                let value = V::load_up_to(image, first + at);
                norm.of_channels::<V, L>(at).back(V::load(line, at), value).store(line, at);
            }
        }
        store_row(line, self.store, &mut self.to[first..][..row]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_cover_a_row_and_know_its_ends() {
        let span = |start, end, left, right| Span { start, end, left, right };
        let of = |row| spans(row, 8).into_iter().filter(|span| span.start < span.end).collect::<Vec<_>>();
        assert_eq!(of(8), [span(0, 8, false, false)]);
        assert_eq!(of(16), [span(0, 8, false, true), span(8, 16, true, false)]);
        assert_eq!(of(24), [span(0, 8, false, true), span(8, 16, true, true), span(16, 24, true, false)]);
    }
}
