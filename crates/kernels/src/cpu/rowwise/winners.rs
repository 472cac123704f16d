//! The gradient of a max pool. The first of equal maxima in row-major order wins, a NaN wins over every number. The winner of
//! a window is the first winner among its three rows, and within a row the first among its three pixels, which is found once
//! for all windows that contain the row. On the way back, gradients go down to the rows that win and are summed there, then
//! along each row to the pixels.

use super::lines::{Gradient, InputGradient, Rows, Size, Target, pitch, spans, vectors, vectors_mut};
use crate::cpu::simd::kernel;
use crate::cpu::vector::Vector;

/// Lines of scratch: the row at hand, its gradient, and three each of rows' maxima, of their columns and of sums.
pub(super) const LINES: usize = 2 + 3 * 3;

kernel! {
    /// Input gradient of a max pool.
    fn maximum_backward(gradient: Gradient<'_>, scratch: &mut [f32], to: &mut InputGradient<'_>) = maximum_backward_body
}

#[inline(always)]
fn maximum_backward_body<V: Vector<L>, const L: usize>(
    gradient: Gradient<'_>,
    scratch: &mut [f32],
    to: &mut InputGradient<'_>,
) {
    let Size { channels, row, height } = gradient.size;
    let pitch = pitch(row);
    let (line, rest) = scratch.split_at_mut(pitch);
    let (dy, rest) = rest.split_at_mut(pitch);
    let (maxima, rest) = rest.split_at_mut(3 * pitch);
    let (columns, sums) = rest.split_at_mut(3 * pitch);
    sums[..pitch].fill(0.0);
    let slot = |y: usize| y % 3 * pitch;
    for y in 0..height {
        for new in if y == 0 { 0 } else { y + 1 }..height.min(y + 2) {
            let values = to.values.row::<V, L>(new, line);
            first_in_row::<V, L>(values, row, channels, &mut maxima[slot(new)..], &mut columns[slot(new)..]);
        }
        // Above and below the image the row itself stands in: it never beats itself.
        let maxima = [y.saturating_sub(1), y, (y + 1).min(height - 1)].map(|y| &maxima[slot(y)..]);
        let dy = gradient.row::<V, L>(y, dy);
        let mut sums = around(sums, pitch, y);
        if y == 0 {
            to_rows::<V, L, true>(dy, row, maxima, &mut sums);
            continue;
        }
        to_rows::<V, L, false>(dy, row, maxima, &mut sums);
        to_pixels::<V, L>(&columns[slot(y - 1)..], sums[0], row, channels, line);
        to.put::<V, L>(y - 1, line);
    }
    let last = slot(height - 1);
    to_pixels::<V, L>(&columns[last..], &sums[last..], row, channels, line);
    to.put::<V, L>(height - 1, line);
}

/// Of three lines in turn, those of the rows before, at and behind `y`.
#[inline(always)]
fn around(lines: &mut [f32], pitch: usize, y: usize) -> [&mut [f32]; 3] {
    let (first, rest) = lines.split_at_mut(pitch);
    let (second, third) = rest.split_at_mut(pitch);
    match y % 3 {
        0 => [third, first, second],
        1 => [first, second, third],
        _ => [second, third, first],
    }
}

/// Of each pixel of a row and its neighbours in the row: the maximum, and the column (0 to 2) of the first that has it.
#[inline(always)]
fn first_in_row<V: Vector<L>, const L: usize>(
    from: &[f32],
    row: usize,
    channels: usize,
    maxima: &mut [f32],
    columns: &mut [f32],
) {
    for span in spans(row, channels) {
        // A missing pixel is stood in for by the middle one, which never beats itself.
        let [left, middle, right] = span.neighbours::<L>(from, channels);
        let first_column = V::splat(if span.left { 0.0 } else { 1.0 });
        let maxima = vectors_mut::<L>(maxima, span.start, middle.len());
        let columns = vectors_mut::<L>(columns, span.start, middle.len());
        for (at, (maximum, column)) in maxima.iter_mut().zip(columns).enumerate() {
            let (left, middle) = (V::from_array(left[at]), V::from_array(middle[at]));
            let wins = middle.beats(left);
            let larger = V::select(wins, middle, left);
            let first = V::select(wins, V::splat(1.0), first_column);
            let right = V::from_array(right[at]);
            let wins = right.beats(larger);
            *maximum = V::select(wins, right, larger).to_array();
            *column = V::select(wins, V::splat(2.0), first).to_array();
        }
    }
}

/// Adds the gradients of a row's windows to the sums of the rows that win: above, at and below it. The sums below begin here, so
/// they are written; there are none above the `FIRST` row, which gets what it or a stand-in for the row above wins.
#[inline(always)]
fn to_rows<V: Vector<L>, const L: usize, const FIRST: bool>(
    dy: &[f32],
    row: usize,
    maxima: [&[f32]; 3],
    sums: &mut [&mut [f32]; 3],
) {
    let count = row.div_ceil(L);
    let dy = vectors::<L>(dy, 0, count);
    let [upper, central, lower] = maxima.map(|line| vectors::<L>(line, 0, count));
    let [above, here, below] = sums.each_mut().map(|line| vectors_mut::<L>(line, 0, count));
    let zero = V::splat(0.0);
    for at in 0..count {
        let gradient = V::from_array(dy[at]);
        let (upper, central) = (V::from_array(upper[at]), V::from_array(central[at]));
        let central_wins = central.beats(upper);
        let lower_wins = V::from_array(lower[at]).beats(V::select(central_wins, central, upper));
        below[at] = V::select(lower_wins, gradient, zero).to_array();
        let gradient = V::select(lower_wins, zero, gradient);
        if FIRST {
            here[at] = V::from_array(here[at]).add(gradient).to_array();
            continue;
        }
        here[at] = V::from_array(here[at]).add(V::select(central_wins, gradient, zero)).to_array();
        above[at] = V::from_array(above[at]).add(V::select(central_wins, zero, gradient)).to_array();
    }
}

/// Gradients of a row's pixels from the sums of its triples, each of which goes to the column that wins.
#[inline(always)]
fn to_pixels<V: Vector<L>, const L: usize>(
    columns: &[f32],
    sums: &[f32],
    row: usize,
    channels: usize,
    to: &mut [f32],
) {
    for span in spans(row, channels) {
        let columns = span.neighbours::<L>(columns, channels);
        let sums = span.neighbours::<L>(sums, channels);
        let to = vectors_mut::<L>(to, span.start, sums[1].len());
        for (at, to) in to.iter_mut().enumerate() {
            let mut sum = V::splat(0.0);
            if span.left {
                sum = add_won(sum, &columns[0][at], &sums[0][at], 2.0);
            }
            sum = add_won(sum, &columns[1][at], &sums[1][at], 1.0);
            if span.right {
                sum = add_won(sum, &columns[2][at], &sums[2][at], 0.0);
            }
            *to = sum.to_array();
        }
    }
}

/// Adds the sums of those triples whose winner is in this column.
#[inline(always)]
fn add_won<V: Vector<L>, const L: usize>(sum: V, columns: &[f32; L], sums: &[f32; L], column: f32) -> V {
    let wins = V::from_array(*columns).equals(V::splat(column));
    V::select(wins, sum.add(V::from_array(*sums)), sum)
}
