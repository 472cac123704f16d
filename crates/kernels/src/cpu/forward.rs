//! The forward pass of a block: one pass with fixed statistics, folded into the store; with batch statistics a second one
//! over the linear output.

use rayon::prelude::*;

use super::FORWARD_SAMPLES;
use super::batch_norm::{moments, normalise};
use super::call::{block_weights, chunk_images, input_buffers, inputs_of, sample_factors, slice, slice_mut};
use super::finish::{Affine, Finish};
use super::layout::Layout;
use super::scratch::{Workspace, filled, with_scratch};
use super::simd::SimdLevel;
use super::stage::Stage;
use super::statistics::{affine, merge_moments, neutral, width};
use super::weights::{Direction, pack};
use crate::{Block, BlockKind, Forward, KernelError, Normalise, Store};

/// `Backend::forward`.
pub(super) fn forward(
    level: SimdLevel,
    workspace: &mut Workspace,
    block: &Block,
    n: usize,
    call: Forward<'_, Vec<f32>>,
) -> Result<(), KernelError> {
    let buffers = input_buffers(&block.channels_in, block.height * block.width, n, call.values, call.inputs)?;
    let weights = block_weights(block, call.weights, call.parameters)?;
    let factors = sample_factors(call.sample_scale, n)?;
    let channels = block.channels_out;
    let image_len = block.output_len();
    let output = slice_mut(call.output, n * image_len, "output")?;
    let layout = Layout::new(level, block);
    let Workspace { packed, sums, channels: coefficients, pixels, .. } = workspace;
    let stage = Stage {
        block,
        layout: &layout,
        inputs: inputs_of(block, &buffers),
        packed: pack(&layout, block, &weights.linear, Direction::Forward, packed),
        pixel_factors: pixel_factors(&layout, block, pixels),
    };
    let images = chunk_images(n);
    let chunk_len = images * image_len;
    let affine = match call.normalise {
        Normalise::Batch { mean, variance, linear } => {
            let mean = slice_mut(mean, channels, "batch mean")?;
            let variance = slice_mut(variance, channels, "batch variance")?;
            let linear = slice_mut(linear, n * image_len, "linear output")?;
            let chunks = n.div_ceil(images);
            let width = width(channels);
            let sums = filled(sums, chunks * 2 * width, 0.0);
            let pivots = filled(coefficients, chunks * width, 0.0);
            linear
                .par_chunks_mut(chunk_len)
                .zip(sums.par_chunks_mut(2 * width).zip(pivots.par_chunks_mut(width)))
                .enumerate()
                .for_each(|(chunk, (to, (sums, pivot)))| {
                    let mut fresh = true;
                    run(
                        &stage,
                        chunk * images,
                        to,
                        |_| Finish::WRITE,
                        |rows| {
                            if std::mem::take(&mut fresh) {
                                pivot[..channels].copy_from_slice(&rows[..channels]);
                            }
                            moments(layout.simd, rows, channels, pivot, sums);
                        },
                    );
                });
            let counts = |chunk: usize| images.min(n - chunk * images) * layout.out_pixels();
            merge_moments(sums, pivots, counts, mean, variance);
            let affine = affine(mean, variance, weights.learned, coefficients);
            output.par_chunks_mut(chunk_len).zip(linear.par_chunks(chunk_len)).enumerate().for_each(
                |(chunk, (to, from))| {
                    let samples = to.chunks_exact_mut(image_len).zip(from.chunks_exact(image_len));
                    for (image, (to, from)) in samples.enumerate() {
                        let finish = finish(Some(affine), factors, chunk * images + image, call.store);
                        normalise(layout.simd, from, channels, &finish, to);
                    }
                },
            );
            return Ok(());
        }
        Normalise::Fixed { mean, variance } => {
            let mean = slice(mean, channels, "running mean")?;
            let variance = slice(variance, channels, "running variance")?;
            Some(affine(mean, variance, weights.learned, coefficients))
        }
        Normalise::None => factors.map(|_| neutral(channels, coefficients)),
    };
    // Images do not depend on each other here, so any cut will do: one for each thread, and not much at a time.
    let most = images.max(FORWARD_SAMPLES);
    let images = n.div_ceil(rayon::current_num_threads()).clamp(1, most);
    output.par_chunks_mut(images * image_len).enumerate().for_each(|(chunk, to)| {
        run(&stage, chunk * images, to, |image| finish(affine, factors, image, call.store), |_| {});
    });
    Ok(())
}

/// The finish of one sample.
fn finish<'a>(affine: Option<Affine<'a>>, factors: Option<&[f32]>, image: usize, store: Store) -> Finish<'a> {
    let factor = factors.map_or(1.0, |factors| factors[image]);
    Finish { affine: affine.map(|affine| Affine { factor, ..affine }), store }
}

/// Runs the linear stage of the images behind `to`, and hands out each tile's rows while they are warm.
fn run<'a>(
    stage: &Stage<'_>,
    first_image: usize,
    to: &mut [f32],
    finish: impl Fn(usize) -> Finish<'a>,
    mut after: impl FnMut(&[f32]),
) {
    let layout = stage.layout;
    let row_len = layout.out[1] * stage.block.channels_out;
    with_scratch(stage.scratch(), |[padded, tile, line]| {
        stage.prepare_margin(padded);
        for (at, to) in to.chunks_exact_mut(stage.block.output_len()).enumerate() {
            let image = first_image + at;
            let finish = finish(image);
            stage.prepare(image, line, padded);
            for (step, to) in to.chunks_mut(layout.tile_rows * row_len).enumerate() {
                let rows = to.len() / row_len;
                stage.fill(image, step * layout.tile_rows, rows, padded, line, tile);
                stage.apply(tile, rows, &finish, to);
                after(to);
            }
        }
    });
}

/// One over the number of real pixels in each window of an average pool; empty for other kinds.
pub(super) fn pixel_factors<'a>(layout: &Layout, block: &Block, memory: &'a mut Vec<f32>) -> &'a [f32] {
    let BlockKind::AveragePool { .. } = block.kind else { return &[] };
    let real = |axis: usize, position: usize, size: usize| {
        let first = position * layout.stride[axis];
        let padding = layout.padded.before[axis];
        (first + layout.kernel[axis]).min(padding + size) - first.max(padding)
    };
    memory.clear();
    let columns: Vec<usize> = (0..layout.out[1]).map(|column| real(1, column, block.width)).collect();
    let mut rows_above = 0;
    for row in 0..layout.out[0] {
        let rows = real(0, row, block.height);
        if rows == rows_above {
            memory.extend_from_within(memory.len() - columns.len()..);
        } else {
            memory.extend(columns.iter().map(|count| ((rows * count) as f32).recip()));
        }
        rows_above = rows;
    }
    memory
}
