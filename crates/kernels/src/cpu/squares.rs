//! Correlation by square kernels whose windows are neighbours, for instruction sets with registers enough: the pixels of a row
//! stay in registers from tap to tap, so that arithmetic and not loading takes the time.

use super::depthwise::Sweep;
use super::vector::Vector;

/// All taps of a square kernel whose windows are neighbours, one weight each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Square {
    /// Taps of a row, and rows.
    pub(super) side: usize,
    /// Pixels from one tap to the next.
    pub(super) step: usize,
    /// Pixels from one row of taps to the next.
    pub(super) row: usize,
    /// Whether the first tap has the last weight.
    pub(super) flipped: bool,
}

/// Runs a sweep on vectors of `P` pixels; `false` if there is no code for its taps, its rows are shorter than a tile or the
/// instruction set has too few registers.
#[inline(always)]
pub(super) fn correlate<V: Vector<L>, const L: usize, const P: usize>(
    sweep: &Sweep<'_>,
    from: &[f32],
    to: &mut [f32],
) -> bool {
    let Some(square) = sweep.square else { return false };
    if V::REGISTERS < 32 {
        return false;
    }
    match (square.side, square.step) {
        (3, 1) => tiles::<V, L, P, 3, 1>(sweep, square, from, to),
        (3, 2) => tiles::<V, L, P, 3, 2>(sweep, square, from, to),
        (5, 1) => tiles::<V, L, P, 5, 1>(sweep, square, from, to),
        (5, 2) => tiles::<V, L, P, 5, 2>(sweep, square, from, to),
        _ => false,
    }
}

/// Kernels of side `K` whose taps are `D` apart; `false` if rows are too short.
#[inline(always)]
fn tiles<V: Vector<L>, const L: usize, const P: usize, const K: usize, const D: usize>(
    sweep: &Sweep<'_>,
    square: Square,
    from: &[f32],
    to: &mut [f32],
) -> bool {
    if sweep.columns >= 8 * P {
        blocks::<V, L, P, K, D, 8>(sweep, square, from, to);
    } else if sweep.columns >= 4 * P {
        blocks::<V, L, P, K, D, 4>(sweep, square, from, to);
    } else {
        return false;
    }
    true
}

/// All blocks and rows, `M` vectors at a time.
#[inline(always)]
fn blocks<V: Vector<L>, const L: usize, const P: usize, const K: usize, const D: usize, const M: usize>(
    sweep: &Sweep<'_>,
    square: Square,
    from: &[f32],
    to: &mut [f32],
) {
    let lanes = L / P;
    // A number that the compiler does not know: all rows' pixels at once would not fit the registers.
    let rows_of_taps = sweep.taps.len() / K;
    for block in 0..sweep.blocks {
        let from = &from[block * sweep.from.plane * lanes..];
        let to = &mut to[block * sweep.to.plane * lanes..];
        let weights = &sweep.weights[block * K * K * lanes..][..K * K * lanes];
        for row in 0..sweep.rows {
            let from = &from[(sweep.from.first + row * sweep.from.row) * lanes..];
            let to = &mut to[(sweep.to.first + row * sweep.to.row) * lanes..];
            let mut column = 0;
            while column < sweep.columns {
                // Tiles may overlap: a pixel computed twice is the same twice.
                let first = column.min(sweep.columns - M * P);
                let from = &from[first * lanes..];
                let sums = tile::<V, L, P, K, D, M>(from, square, rows_of_taps, weights);
                let to = &mut to[first * lanes..][..M * L];
                for (m, sum) in sums.into_iter().enumerate() {
                    sum.store(to, m * L);
                }
                column = first + M * P;
            }
        }
    }
}

/// `M` vectors of neighbouring pixels, the first of which has its first tap at the start of `from`.
#[inline(always)]
fn tile<V: Vector<L>, const L: usize, const P: usize, const K: usize, const D: usize, const M: usize>(
    from: &[f32],
    square: Square,
    rows: usize,
    weights: &[f32],
) -> [V; M] {
    let lanes = L / P;
    let mut sums = [V::splat(0.0); M];
    for row in 0..rows {
        let window = &from[row * square.row * lanes..][..(M * P + (K - 1) * D) * lanes];
        for k in 0..K {
            let tap = row * K + k;
            let weight = &weights[if square.flipped { K * K - 1 - tap } else { tap } * lanes..];
            let weight = if P == 1 { V::load(weight, 0) } else { V::load_halves(weight, weight) };
            for (m, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(window, (m * P + k * D) * lanes).mul_add(weight, *sum);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::depthwise::{self, Grid, Tap};
    use crate::cpu::simd::{Simd, SimdLevel};
    use crate::cpu::vector::Lanes8;

    /// Planes of `8 / P` lanes against the same sums tap by tap, on planes of eight lanes that repeat them.
    fn check<const P: usize, const K: usize, const D: usize>(columns: usize, flipped: bool) {
        let lanes = 8 / P;
        let [rows, width, height] = [3, columns + (K - 1) * D, 3 + (K - 1) * D];
        let number = |at: usize| ((at * 37 + 11) % 64) as f32 - 31.0;
        let taps: Vec<Tap> = (0..K * K)
            .map(|tap| Tap {
                offset: D * (tap / K * width + tap % K),
                weight: if flipped { K * K - 1 - tap } else { tap },
            })
            .collect();
        let narrow = |len: usize| (0..len * lanes).map(number).collect::<Vec<_>>();
        let wide =
            |len: usize| (0..len * 8).map(|at| number(at / 8 * lanes + at % lanes)).collect::<Vec<_>>();
        let sweep = |weights| Sweep {
            blocks: 2,
            rows,
            columns,
            from: Grid { plane: width * height, first: 0, row: width, step: 1 },
            to: Grid { plane: rows * columns, first: 0, row: columns, step: 1 },
            taps: &taps,
            square: None,
            weights,
            kernel: K * K,
        };
        let (weights, wide_weights) = (narrow(2 * K * K), wide(2 * K * K));
        let mut expected = vec![0.0; 2 * rows * columns * 8];
        let portable = Simd::new(SimdLevel::Portable, &[8]);
        depthwise::correlate(portable, sweep(&wide_weights), &wide(2 * width * height), &mut expected);
        let mut got = vec![0.0; 2 * rows * columns * lanes];
        let square = Square { side: K, step: D, row: D * width, flipped };
        let from = narrow(2 * width * height);
        assert!(tiles::<Lanes8, 8, P, K, D>(&sweep(&weights), square, &from, &mut got));
        for (got, expected) in got.chunks_exact(lanes).zip(expected.chunks_exact(8)) {
            assert_eq!(got, &expected[..lanes]);
        }
    }

    #[test]
    fn squares_are_their_taps() {
        // Whole numbers, so that sums are exact in any order.
        for flipped in [false, true] {
            for columns in [8, 9, 16, 19] {
                check::<1, 3, 1>(columns, flipped);
                check::<1, 3, 2>(columns, flipped);
                check::<1, 5, 1>(columns, flipped);
                check::<1, 5, 2>(columns, flipped);
                check::<2, 3, 1>(columns, flipped);
                check::<2, 3, 2>(columns, flipped);
                check::<2, 5, 1>(columns, flipped);
                check::<2, 5, 2>(columns, flipped);
            }
            check::<1, 3, 1>(4, flipped);
            check::<1, 5, 2>(5, flipped);
        }
    }
}
