//! The gradient of a max pool. The first of equal maxima in row-major order wins, a NaN wins over every number. The winner of
//! a window is the first winner among its three rows, and within a row the first among its three pixels, which is found once
//! for all windows that contain the row. On the way back, gradients go down to the rows that win and are summed there, then
//! along each row to the pixels.

use super::lines::{Gradient, Input, Rows, Span, Target, pitch, spans, vectors, vectors_mut};
use crate::cpu::simd::kernel;
use crate::cpu::vector::Vector;

/// Lines of scratch: the row at hand, its gradient, and three each of rows' maxima, of their columns and of sums.
pub(super) const LINES: usize = 2 + 3 * 3;

kernel! {
    /// Input gradient of a max pool.
    fn maximum_backward(gradient: Gradient<'_>, scratch: &mut [f32], to: &mut Input<'_>) = maximum_backward_body
}

#[inline(always)]
fn maximum_backward_body<V: Vector<L>, const L: usize>(
    gradient: Gradient<'_>,
    scratch: &mut [f32],
    to: &mut Input<'_>,
) {
    let [channels, row, height] = gradient.size();
    let pitch = pitch(row);
    let (line, rest) = scratch.split_at_mut(pitch);
    let (dy, rest) = rest.split_at_mut(pitch);
    let (maxima, rest) = rest.split_at_mut(3 * pitch);
    let (columns, sums) = rest.split_at_mut(3 * pitch);
    sums.fill(0.0);
    let slot = |y: usize| y % 3 * pitch;
    for y in 0..height {
        for new in if y == 0 { 0 } else { y + 1 }..height.min(y + 2) {
            let values = to.values.row::<V, L>(new, line);
            first_in_row::<V, L>(values, channels, &mut maxima[slot(new)..], &mut columns[slot(new)..]);
        }
        // Above and below the image the row itself stands in: it never beats itself.
        let rows = [y.saturating_sub(1), y, (y + 1).min(height - 1)].map(slot);
        let next = slot(y + 1);
        to_rows::<V, L>(gradient.row::<V, L>(y, dy), maxima, rows, next, sums);
        if y > 0 {
            to_pixels::<V, L>(&columns[slot(y - 1)..], &sums[slot(y - 1)..], channels, y - 1, to);
        }
    }
    let last = slot(height - 1);
    to_pixels::<V, L>(&columns[last..], &sums[last..], channels, height - 1, to);
}

/// Of each pixel of a row and its neighbours in the row: the maximum, and the column (0 to 2) of the first that has it.
#[inline(always)]
fn first_in_row<V: Vector<L>, const L: usize>(
    from: &[f32],
    channels: usize,
    maxima: &mut [f32],
    columns: &mut [f32],
) {
    for Span { start, end, left, right } in spans(from.len(), channels) {
        // A missing pixel is stood in for by the middle one, which never beats itself.
        let before = if left { start - channels } else { start };
        let behind = if right { start + channels } else { start };
        let first_column = if left { 0.0 } else { 1.0 };
        let count = (end - start) / L;
        let [lefts, middles, rights] =
            [vectors::<L>(from, before, count), vectors(from, start, count), vectors(from, behind, count)];
        let maxima_to = vectors_mut::<L>(maxima, start, count);
        let columns_to = vectors_mut::<L>(columns, start, count);
        for at in 0..count {
            let [left, middle, right] =
                [V::from_array(lefts[at]), V::from_array(middles[at]), V::from_array(rights[at])];
            let [maximum, column] = first_of([left, middle, right], first_column);
            maxima_to[at] = maximum.to_array();
            columns_to[at] = column.to_array();
        }
        let done = count * L;
        if start + done < end {
            let values = [before, start, behind].map(|first| V::load_up_to(from, first + done));
            let [maximum, column] = first_of(values, first_column);
            maximum.store_some(maxima, start + done, end - start - done);
            column.store_some(columns, start + done, end - start - done);
        }
    }
}

/// The first largest of three values, and its column.
#[inline(always)]
fn first_of<V: Vector<L>, const L: usize>([left, middle, right]: [V; 3], first_column: f32) -> [V; 2] {
    let wins = middle.beats(left);
    let maximum = V::select(wins, middle, left);
    let column = V::select(wins, V::splat(1.0), V::splat(first_column));
    let wins = right.beats(maximum);
    [V::select(wins, right, maximum), V::select(wins, V::splat(2.0), column)]
}

/// Adds the gradients of windows to the sums of their rows that win; those of the last one (which are not added to anything)
/// start at `next`, the others where the rows' maxima do.
#[inline(always)]
fn to_rows<V: Vector<L>, const L: usize>(
    dy: &[f32],
    maxima: &[f32],
    [top, middle, bottom]: [usize; 3],
    next: usize,
    sums: &mut [f32],
) {
    let zero = V::splat(0.0);
    for at in (0..dy.len()).step_by(L) {
        let gradient = V::load_up_to(dy, at);
        let upper = V::load(maxima, top + at);
        let central = V::load(maxima, middle + at);
        let central_wins = central.beats(upper);
        let lower_wins = V::load(maxima, bottom + at).beats(V::select(central_wins, central, upper));
        V::select(lower_wins, gradient, zero).store(sums, next + at);
        let gradient = V::select(lower_wins, zero, gradient);
        V::load(sums, middle + at).add(V::select(central_wins, gradient, zero)).store(sums, middle + at);
        V::load(sums, top + at).add(V::select(central_wins, zero, gradient)).store(sums, top + at);
    }
}

/// Gradients of a row's pixels from the sums of its triples.
#[inline(always)]
fn to_pixels<V: Vector<L>, const L: usize>(
    columns: &[f32],
    sums: &[f32],
    channels: usize,
    y: usize,
    to: &mut Input<'_>,
) {
    let row = to.values.row;
    for span in spans(row, channels) {
        for at in (span.start..span.end).step_by(L) {
            let mut sum = V::splat(0.0);
            if span.left {
                sum = add_won(sum, columns, sums, at - channels, 2.0);
            }
            sum = add_won(sum, columns, sums, at, 1.0);
            if span.right {
                sum = add_won(sum, columns, sums, at + channels, 0.0);
            }
            to.put(y, at, sum, span.end - at);
        }
    }
}

/// Adds the sums of those triples from element `at` on whose winner is in this column.
#[inline(always)]
fn add_won<V: Vector<L>, const L: usize>(sum: V, columns: &[f32], sums: &[f32], at: usize, column: f32) -> V {
    let wins = V::load(columns, at).equals(V::splat(column));
    V::select(wins, sum.add(V::load(sums, at)), sum)
}
