//! Rows of an image as lines of numbers: where they come from, where they go, and which of a pixel's neighbours exist.

use crate::Store;
use crate::cpu::batch_norm::GradientRows;
use crate::cpu::entry::InputNorm;
use crate::cpu::finish::{Finish, put};
use crate::cpu::scratch::LINE;
use crate::cpu::vector::Vector;

/// Elements from one line of scratch to the next: whole vectors, at other places of a page.
pub(super) fn pitch(row: usize) -> usize {
    row.next_multiple_of(LINE) + LINE
}

/// Part of a row whose pixels all have a left neighbour, or all have none, and likewise on the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) left: bool,
    pub(super) right: bool,
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
    /// Elements of a pixel, of a row, and rows.
    fn size(&self) -> [usize; 3];
    /// A row, where it lies or in `line`.
    fn row<'r, V: Vector<L>, const L: usize>(&'r self, y: usize, line: &'r mut [f32]) -> &'r [f32];
}

/// Rows to write, a vector at a time.
pub(super) trait Target {
    /// Takes the first `lanes` of a vector to element `at` of a row.
    fn put<V: Vector<L>, const L: usize>(&mut self, y: usize, at: usize, value: V, lanes: usize);
}

/// The input as the block sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a> {
    /// From the image on.
    pub(super) image: &'a [f32],
    pub(super) norm: InputNorm<'a>,
    pub(super) channels: usize,
    pub(super) row: usize,
    pub(super) height: usize,
}

impl Rows for Values<'_> {
    #[inline(always)]
    fn size(&self) -> [usize; 3] {
        [self.channels, self.row, self.height]
    }

    #[inline(always)]
    fn row<'r, V: Vector<L>, const L: usize>(&'r self, y: usize, line: &'r mut [f32]) -> &'r [f32] {
        let first = y * self.row;
        let from = &self.image[first..][..self.row];
        if self.norm.is_neutral() {
            return from;
        }
        for at in (0..self.row).step_by(L) {
            let value = V::load_up_to(from, at);
            self.norm.of_channels::<V, L>(at).of(value).store(line, at);
        }
        &line[..self.row]
    }
}

/// One over the number of real pixels of each window; nothing for other windows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Averages<'a> {
    /// For windows of one, two and three real rows.
    pub(super) rows: Option<[&'a [f32]; 3]>,
    pub(super) height: usize,
}

impl Averages<'_> {
    /// The vector at `at` of a row divided.
    #[inline(always)]
    fn of<V: Vector<L>, const L: usize>(&self, y: usize, at: usize, value: V) -> V {
        let Some(rows) = self.rows else { return value };
        let real = (y + 2).min(self.height) - y.saturating_sub(1);
        value.mul(V::load(rows[real - 1], at))
    }
}

/// The gradient by the linear output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gradient<'a> {
    /// All of an image.
    pub(super) rows: GradientRows<'a>,
    pub(super) averages: Averages<'a>,
    pub(super) channels: usize,
    pub(super) row: usize,
    pub(super) height: usize,
}

impl Rows for Gradient<'_> {
    #[inline(always)]
    fn size(&self) -> [usize; 3] {
        [self.channels, self.row, self.height]
    }

    #[inline(always)]
    fn row<'r, V: Vector<L>, const L: usize>(&'r self, y: usize, line: &'r mut [f32]) -> &'r [f32] {
        let first = y * self.row;
        let factor = V::splat(self.rows.factor);
        let dy = &self.rows.dy[first..][..self.row];
        match &self.rows.normalised {
            None => {
                for at in (0..self.row).step_by(L) {
                    let gradient = V::load_up_to(dy, at).mul(factor);
                    self.averages.of(y, at, gradient).store(line, at);
                }
            }
            Some((z, slopes)) => {
                let z = &z[first..][..self.row];
                for at in (0..self.row).step_by(L) {
                    let gradient = V::load_up_to(dy, at).mul(factor);
                    let gradient = slopes.of_channels::<V, L>(at).of(gradient, V::load_up_to(z, at));
                    self.averages.of(y, at, gradient).store(line, at);
                }
            }
        }
        &line[..self.row]
    }
}

/// The block's output.
#[derive(Debug)]
pub(super) struct Output<'a> {
    pub(super) averages: Averages<'a>,
    pub(super) finish: Finish<'a>,
    /// The row at the start of `to`.
    pub(super) first: usize,
    pub(super) row: usize,
    pub(super) to: &'a mut [f32],
}

impl Target for Output<'_> {
    #[inline(always)]
    fn put<V: Vector<L>, const L: usize>(&mut self, y: usize, at: usize, value: V, lanes: usize) {
        let value = self.averages.of(y, at, value);
        let to = (y - self.first) * self.row + at;
        self.finish.of_channels::<V, L>(at).put(value, self.to, to, lanes);
    }
}

/// The gradient by the block's input.
#[derive(Debug)]
pub(super) struct Input<'a> {
    pub(super) values: Values<'a>,
    pub(super) store: Store,
    /// One image's.
    pub(super) to: &'a mut [f32],
}

impl Target for Input<'_> {
    #[inline(always)]
    fn put<V: Vector<L>, const L: usize>(&mut self, y: usize, at: usize, value: V, lanes: usize) {
        let to = y * self.values.row + at;
        let gradient = if self.values.norm.relu {
            let value_before = V::load_up_to(self.values.image, to);
            self.values.norm.of_channels::<V, L>(at).back(value, value_before)
        } else {
            value
        };
        put(gradient, self.store, self.to, to, lanes);
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
