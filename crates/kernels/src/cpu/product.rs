//! Matrix products on channel-blocked scratch (`[channel block][pixel][lane]`): pixels x depth times depth x columns in
//! register tiles, and the product of two blocked tiles over their pixels. Knows nothing of convolutions.

use super::finish::{Finish, Ready};
use super::simd::kernel;
use super::vector::Vector;

/// `pixels x depth` times `depth x columns`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Product<'a> {
    /// Left factor, `[depth block][pixel][lane]`.
    pub(super) left: &'a [f32],
    /// Pixels from one block of `left` to the next.
    pub(super) plane: usize,
    /// Pixels to multiply.
    pub(super) pixels: usize,
    /// Summed length; lanes of `left` beyond it are not read.
    pub(super) depth: usize,
    /// Right factor, `[column block][depth][lane]`.
    pub(super) right: &'a [f32],
    /// Columns to store.
    pub(super) columns: usize,
}

/// Where the rows of a product go.
#[derive(Debug)]
pub(super) struct Target<'a> {
    pub(super) to: &'a mut [f32],
    /// Elements from one pixel to the next.
    pub(super) row: usize,
    /// Elements from one column block to the next.
    pub(super) block: usize,
}

kernel! {
    /// `finish(left * right)` into the target; `first_channel` is the channel of column 0 for the finish.
    fn multiply(product: Product<'_>, target: Target<'_>, finish: &Finish<'_>, first_channel: usize) = multiply_body
}

#[inline(always)]
fn multiply_body<V: Vector<L>, const L: usize>(
    product: Product<'_>,
    mut target: Target<'_>,
    finish: &Finish<'_>,
    first_channel: usize,
) {
    let blocks = product.columns.div_ceil(L);
    let target = &mut target;
    let mut block = 0;
    while block + 2 <= blocks {
        if V::REGISTERS >= 32 {
            columns::<V, L, 2, 8>(&product, target, finish, first_channel, block);
        } else {
            columns::<V, L, 2, 4>(&product, target, finish, first_channel, block);
        }
        block += 2;
    }
    if block < blocks {
        if V::REGISTERS >= 32 {
            columns::<V, L, 1, 16>(&product, target, finish, first_channel, block);
        } else {
            columns::<V, L, 1, 8>(&product, target, finish, first_channel, block);
        }
    }
}

/// All pixels of `N` column blocks, in tiles of `M` pixels.
#[inline(always)]
fn columns<V: Vector<L>, const L: usize, const N: usize, const M: usize>(
    product: &Product<'_>,
    target: &mut Target<'_>,
    finish: &Finish<'_>,
    first_channel: usize,
    block: usize,
) {
    let finish: [Ready<V>; N] = core::array::from_fn(|n| finish.of_channels(first_channel + (block + n) * L));
    let mut pixel = 0;
    while pixel < product.pixels {
        if product.pixels >= M {
            // The last tile overlaps the one before; its first rows are dropped.
            let first = pixel.min(product.pixels - M);
            let tile = tile::<V, L, N, M>(product, first, block);
            if first == pixel {
                // As below; a whole tile goes from registers to its place.
                put_rows(&tile, product, target, &finish, block, pixel);
            } else {
                put_rows(&tile[pixel - first..], product, target, &finish, block, pixel);
            }
            pixel = first + M;
        } else {
            let tile = tile::<V, L, N, 1>(product, pixel, block);
            put_rows(&tile, product, target, &finish, block, pixel);
            pixel += 1;
        }
    }
}

/// Some pixels from `pixel` on.
#[inline(always)]
fn put_rows<V: Vector<L>, const L: usize, const N: usize>(
    tile: &[[V; N]],
    product: &Product<'_>,
    target: &mut Target<'_>,
    finish: &[Ready<V>; N],
    block: usize,
    pixel: usize,
) {
    for (n, finish) in finish.iter().enumerate() {
        let lanes = (product.columns - (block + n) * L).min(L);
        let at = pixel * target.row + (block + n) * target.block;
        let values = tile.iter().map(|sums| sums[n]);
        finish.put_all(values, target.to, (at..).step_by(target.row.max(1)), lanes);
    }
}

/// `M` pixels by `N` column blocks.
#[inline(always)]
fn tile<V: Vector<L>, const L: usize, const N: usize, const M: usize>(
    product: &Product<'_>,
    pixel: usize,
    block: usize,
) -> [[V; N]; M] {
    let (left, _) = product.left.as_chunks::<L>();
    let (right, _) = product.right.as_chunks::<L>();
    let depth = product.depth;
    let mut sums = [[V::splat(0.0); N]; M];
    for k in 0..depth / L {
        let rows = left[k * product.plane + pixel..].first_chunk::<M>().expect("a tile of pixels");
        let columns = core::array::from_fn(|n| &right[(block + n) * depth + k * L..][..L]);
        add_products(rows, columns, &mut sums);
    }
    let done = depth / L * L;
    if done < depth {
        let rows = left[depth / L * product.plane + pixel..].first_chunk::<M>().expect("a tile of pixels");
        let columns = core::array::from_fn(|n| &right[(block + n) * depth + done..][..depth - done]);
        add_products(rows, columns, &mut sums);
    }
    sums
}

/// Adds the products of some lanes of `M` pixels, one for each row of the columns.
#[inline(always)]
fn add_products<V: Vector<L>, const L: usize, const N: usize, const M: usize>(
    pixels: &[[f32; L]; M],
    columns: [&[[f32; L]]; N],
    sums: &mut [[V; N]; M],
) {
    for lane in 0..columns[0].len() {
        for m in 0..M {
            let factor = V::splat(pixels[m][lane]);
            for n in 0..N {
                sums[m][n] = factor.mul_add(V::from_array(columns[n][lane]), sums[m][n]);
            }
        }
    }
}

/// Two blocked tiles over the same pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outer<'a> {
    /// `[row block][pixel][lane]`.
    pub(super) left: &'a [f32],
    /// Blocks of `left`.
    pub(super) row_blocks: usize,
    /// `[column block][pixel][lane]`.
    pub(super) right: &'a [f32],
    /// Blocks of `right`.
    pub(super) column_blocks: usize,
    /// Pixels to sum over, and from one block to the next.
    pub(super) pixels: usize,
}

kernel! {
    /// `sums[row][column] += left[pixel][row] * right[pixel][column]` over the pixels; rows and columns padded to
    /// whole blocks.
    fn accumulate(outer: Outer<'_>, sums: &mut [f32]) = accumulate_body
}

#[inline(always)]
fn accumulate_body<V: Vector<L>, const L: usize>(outer: Outer<'_>, sums: &mut [f32]) {
    for row_block in 0..outer.row_blocks {
        let mut column = 0;
        while column + 2 <= outer.column_blocks {
            if V::REGISTERS >= 32 {
                rows::<V, L, 2, 8>(&outer, sums, row_block, column);
            } else {
                rows::<V, L, 2, 4>(&outer, sums, row_block, column);
            }
            column += 2;
        }
        if column < outer.column_blocks {
            if V::REGISTERS >= 32 && L >= 16 {
                rows::<V, L, 1, 16>(&outer, sums, row_block, column);
            } else {
                rows::<V, L, 1, 8>(&outer, sums, row_block, column);
            }
        }
    }
}

/// One row block by `N` column blocks, in tiles of `M` rows.
#[inline(always)]
fn rows<V: Vector<L>, const L: usize, const N: usize, const M: usize>(
    outer: &Outer<'_>,
    sums: &mut [f32],
    row_block: usize,
    column: usize,
) {
    let pixels = outer.pixels;
    let (left, _) = outer.left.as_chunks::<L>();
    let (right, _) = outer.right.as_chunks::<L>();
    let left = &left[row_block * pixels..][..pixels];
    let mut columns = [right; N];
    for (n, slice) in columns.iter_mut().enumerate() {
        *slice = &right[(column + n) * pixels..][..pixels];
    }
    let width = outer.column_blocks * L;
    for first in (0..L).step_by(M) {
        let mut tile = [[V::splat(0.0); N]; M];
        for pixel in 0..pixels {
            let factors = &left[pixel][first..first + M];
            for m in 0..M {
                let factor = V::splat(factors[m]);
                for n in 0..N {
                    tile[m][n] = factor.mul_add(V::from_array(columns[n][pixel]), tile[m][n]);
                }
            }
        }
        for (m, row) in tile.iter().enumerate() {
            for (n, &sum) in row.iter().enumerate() {
                let at = (row_block * L + first + m) * width + (column + n) * L;
                V::load(sums, at).add(sum).store(sums, at);
            }
        }
    }
}
