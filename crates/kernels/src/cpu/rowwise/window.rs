//! Sums and maxima over windows of nine pixels: first along rows, then down three of them; and rows as they are.

use super::lines::{Gradient, Input, Output, Rows, Span, Target, Values, pitch, spans, vectors, vectors_mut};
use crate::cpu::simd::kernel;
use crate::cpu::vector::Vector;
use std::ops::Range;

/// Lines of scratch: the row at hand, three reduced ones, and an empty one.
pub(super) const LINES: usize = 5;

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
        V::select(second.beats(first), second, first)
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
    let [channels, row, height] = from.size();
    let (line, rest) = scratch.split_at_mut(pitch(row));
    let (empty, reduced) = rest.split_at_mut(pitch(row));
    if rows.start == 0 {
        empty.fill(R::EMPTY);
    }
    for y in rows {
        let new = if y == 0 { 0 } else { y + 1 };
        for new in new..height.min(y + 2) {
            let to = &mut reduced[new % 3 * pitch(row)..];
            along_row::<R, V, L>(from.row::<V, L>(new, line), channels, to);
        }
        let top = if y == 0 { &*empty } else { &reduced[(y - 1) % 3 * pitch(row)..] };
        let middle = &reduced[y % 3 * pitch(row)..];
        let bottom = if y + 1 == height { &*empty } else { &reduced[(y + 1) % 3 * pitch(row)..] };
        for at in (0..row).step_by(L) {
            let upper = R::both(V::load(top, at), V::load(middle, at));
            to.put(y, at, R::both(upper, V::load(bottom, at)), row - at);
        }
    }
}

/// Each pixel of a row with its neighbours in the row.
#[inline(always)]
fn along_row<R: Reduce, V: Vector<L>, const L: usize>(from: &[f32], channels: usize, to: &mut [f32]) {
    for span in spans(from.len(), channels) {
        match (span.left, span.right) {
            (true, true) => along_span::<R, V, L, true, true>(from, channels, span, to),
            (true, false) => along_span::<R, V, L, true, false>(from, channels, span, to),
            (false, true) => along_span::<R, V, L, false, true>(from, channels, span, to),
            (false, false) => along_span::<R, V, L, false, false>(from, channels, span, to),
        }
    }
}

#[inline(always)]
fn along_span<R: Reduce, V: Vector<L>, const L: usize, const LEFT: bool, const RIGHT: bool>(
    from: &[f32],
    channels: usize,
    span: Span,
    to: &mut [f32],
) {
    let Span { start, end, .. } = span;
    let before = if LEFT { start - channels } else { start };
    let behind = if RIGHT { start + channels } else { start };
    let count = (end - start) / L;
    let [left, middle, right] =
        [vectors::<L>(from, before, count), vectors(from, start, count), vectors(from, behind, count)];
    for (at, to) in vectors_mut::<L>(to, start, count).iter_mut().enumerate() {
        let [left, middle, right] = [left, middle, right].map(|vectors| V::from_array(vectors[at]));
        *to = with_neighbours::<R, V, L, LEFT, RIGHT>([left, middle, right]).to_array();
    }
    let done = count * L;
    if start + done < end {
        let values = [before, start, behind].map(|first| V::load_up_to(from, first + done));
        with_neighbours::<R, V, L, LEFT, RIGHT>(values).store_some(to, start + done, end - start - done);
    }
}

/// A pixel and those of its neighbours that exist.
#[inline(always)]
fn with_neighbours<R: Reduce, V: Vector<L>, const L: usize, const LEFT: bool, const RIGHT: bool>(
    [left, middle, right]: [V; 3],
) -> V {
    let value = if LEFT { R::both(left, middle) } else { middle };
    if RIGHT { R::both(value, right) } else { value }
}

/// Rows as they are.
#[inline(always)]
fn copy<V: Vector<L>, const L: usize>(
    from: &impl Rows,
    rows: Range<usize>,
    line: &mut [f32],
    to: &mut impl Target,
) {
    for y in rows {
        let line = from.row::<V, L>(y, line);
        for at in (0..line.len()).step_by(L) {
            to.put(y, at, V::load_up_to(line, at), line.len() - at);
        }
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
    fn copy_backward(from: Gradient<'_>, scratch: &mut [f32], to: &mut Input<'_>) = copy_backward_body
}

#[inline(always)]
fn copy_backward_body<V: Vector<L>, const L: usize>(
    from: Gradient<'_>,
    scratch: &mut [f32],
    to: &mut Input<'_>,
) {
    copy::<V, L>(&from, 0..from.height, scratch, to);
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
    fn average_backward(from: Gradient<'_>, scratch: &mut [f32], to: &mut Input<'_>) = average_backward_body
}

#[inline(always)]
fn average_backward_body<V: Vector<L>, const L: usize>(
    from: Gradient<'_>,
    scratch: &mut [f32],
    to: &mut Input<'_>,
) {
    slide::<Sum, V, L>(&from, 0..from.height, scratch, to);
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
