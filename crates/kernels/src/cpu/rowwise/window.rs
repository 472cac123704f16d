//! Sums and maxima over windows of nine pixels: first along rows, then down three of them; and rows as they are.

use super::lines::{
    Gradient, InputGradient, Output, Rows, Size, Target, Values, pitch, spans, vectors, vectors_mut,
};
use crate::cpu::pool::larger;
use crate::cpu::simd::kernel;
use crate::cpu::vector::Vector;
use std::ops::Range;

/// Lines of scratch: the row at hand, three reduced ones, and an empty one.
pub(super) const LINES: usize = 5;

/// Lines of scratch of rows as they are: the row at hand, and a copy to be changed.
pub(super) const COPY_LINES: usize = 2;

/// What becomes of two values of a window.
trait Reduce {
    /// Changes nothing.
    const EMPTY: f32;
    fn both<V: Vector<L>, const L: usize>(first: V, second: V) -> V;
}

struct Sum;

impl Reduce for Sum {
    const EMPTY: f32 = 0.0;

    #[inline(always)]
    fn both<V: Vector<L>, const L: usize>(first: V, second: V) -> V {
        first.add(second)
    }
}

/// The larger one.
struct Maximum;

impl Reduce for Maximum {
    const EMPTY: f32 = f32::NEG_INFINITY;

    #[inline(always)]
    fn both<V: Vector<L>, const L: usize>(first: V, second: V) -> V {
        larger(first, second)
    }
}

/// The windows around the pixels of some rows. Reduced lines of the rows before are in the scratch.
#[inline(always)]
fn slide<R: Reduce, V: Vector<L>, const L: usize>(
    from: &impl Rows,
    rows: Range<usize>,
    scratch: &mut [f32],
    to: &mut impl Target,
) {
    let Size { channels, row, height } = from.size();
    let (line, rest) = scratch.split_at_mut(pitch(row));
    let (empty, reduced) = rest.split_at_mut(pitch(row));
    let slot = |y: usize| y % 3 * pitch(row);
    if rows.start == 0 {
        empty.fill(R::EMPTY);
    }
    for y in rows {
        for new in if y == 0 { 0 } else { y + 1 }..height.min(y + 2) {
            let values = from.row::<V, L>(new, line);
            along_row::<R, V, L>(values, row, channels, &mut reduced[slot(new)..]);
        }
        let above = if y == 0 { &*empty } else { &reduced[slot(y - 1)..] };
        let below = if y + 1 == height { &*empty } else { &reduced[slot(y + 1)..] };
        let count = row.div_ceil(L);
        let [above, middle, below] =
            [above, &reduced[slot(y)..], below].map(|line| vectors::<L>(line, 0, count));
        for (at, to) in vectors_mut::<L>(line, 0, count).iter_mut().enumerate() {
            let upper = R::both(V::from_array(above[at]), V::from_array(middle[at]));
            *to = R::both(upper, V::from_array(below[at])).to_array();
        }
        to.put::<V, L>(y, line);
    }
}

/// Each pixel of a row with its neighbours in the row.
#[inline(always)]
fn along_row<R: Reduce, V: Vector<L>, const L: usize>(
    from: &[f32],
    row: usize,
    channels: usize,
    to: &mut [f32],
) {
    for span in spans(row, channels) {
        let [left, middle, right] = span.neighbours::<L>(from, channels);
        let to = vectors_mut::<L>(to, span.start, middle.len());
        for (at, to) in to.iter_mut().enumerate() {
            let mut value = V::from_array(middle[at]);
            if span.left {
                value = R::both(V::from_array(left[at]), value);
            }
            if span.right {
                value = R::both(value, V::from_array(right[at]));
            }
            *to = value.to_array();
        }
    }
}

/// Rows as they are.
#[inline(always)]
fn copy<V: Vector<L>, const L: usize>(
    from: &impl Rows,
    rows: Range<usize>,
    scratch: &mut [f32],
    to: &mut impl Target,
) {
    let row = from.size().row;
    let (line, copy) = scratch.split_at_mut(pitch(row));
    for y in rows {
        copy[..row].copy_from_slice(&from.row::<V, L>(y, line)[..row]);
        to.put::<V, L>(y, copy);
    }
}

kernel! {
    /// Output rows of the identity.
    fn copy_forward(
        from: Values<'_>, rows: Range<usize>, scratch: &mut [f32], to: &mut Output<'_>,
    ) = copy_forward_body
}

#[inline(always)]
fn copy_forward_body<V: Vector<L>, const L: usize>(
    from: Values<'_>,
    rows: Range<usize>,
    scratch: &mut [f32],
    to: &mut Output<'_>,
) {
    copy::<V, L>(&from, rows, scratch, to);
}

kernel! {
    /// Input gradient of the identity.
    fn copy_backward(from: Gradient<'_>, scratch: &mut [f32], to: &mut InputGradient<'_>) = copy_backward_body
}

#[inline(always)]
fn copy_backward_body<V: Vector<L>, const L: usize>(
    from: Gradient<'_>,
    scratch: &mut [f32],
    to: &mut InputGradient<'_>,
) {
    copy::<V, L>(&from, 0..from.size.height, scratch, to);
}

kernel! {
    /// Output rows of an average pool.
    fn average_forward(
        from: Values<'_>, rows: Range<usize>, scratch: &mut [f32], to: &mut Output<'_>,
    ) = average_forward_body
}

#[inline(always)]
fn average_forward_body<V: Vector<L>, const L: usize>(
    from: Values<'_>,
    rows: Range<usize>,
    scratch: &mut [f32],
    to: &mut Output<'_>,
) {
    slide::<Sum, V, L>(&from, rows, scratch, to);
}

kernel! {
    /// Input gradient of an average pool: each pixel is in the windows of its neighbours.
    fn average_backward(from: Gradient<'_>, scratch: &mut [f32], to: &mut InputGradient<'_>) = average_backward_body
}

#[inline(always)]
fn average_backward_body<V: Vector<L>, const L: usize>(
    from: Gradient<'_>,
    scratch: &mut [f32],
    to: &mut InputGradient<'_>,
) {
    slide::<Sum, V, L>(&from, 0..from.size.height, scratch, to);
}

kernel! {
    /// Output rows of a max pool.
    fn maximum_forward(
        from: Values<'_>, rows: Range<usize>, scratch: &mut [f32], to: &mut Output<'_>,
    ) = maximum_forward_body
}

#[inline(always)]
fn maximum_forward_body<V: Vector<L>, const L: usize>(
    from: Values<'_>,
    rows: Range<usize>,
    scratch: &mut [f32],
    to: &mut Output<'_>,
) {
    slide::<Maximum, V, L>(&from, rows, scratch, to);
}
