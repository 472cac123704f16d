//! The forward pass of a block: one pass with fixed statistics, folded into the store, or where the output stays linear; else
//! with batch statistics a second one over the linear output.

use rayon::prelude::*;

use super::CpuBuffer;
use super::FORWARD_SAMPLES;
use super::batch_norm::{moments, normalise};
use super::call::{block_weights, chunk_images, input_buffers, inputs_of, sample_factors, slice, slice_mut};
use super::ending::{Addition, Ending};
use super::finish::Finish;
use super::layout::Layout;
use super::rowwise::{Along, Rowwise};
use super::scratch::{Workspace, filled, with_scratch};
use super::simd::SimdLevel;
use super::stage::Stage;
use super::statistics::{affine, affine_len, input_norms, merge_moments, neutral, width};
use super::weights::{Direction, pack};
use crate::{Block, BlockKind, Forward, KernelError, Normalise};

/// `Backend::forward`.
pub(super) fn forward(
    level: SimdLevel,
    workspace: &mut Workspace,
    block: &Block,
    n: usize,
    call: Forward<'_, CpuBuffer>,
) -> Result<(), KernelError> {
    let buffers = input_buffers(&block.channels_in, block.height * block.width, n, call.values, call.inputs)?;
    let weights = block_weights(block, call.weights, call.parameters)?;
    let channels = block.channels_out;
    let image_len = block.output_len();
    let output = slice_mut(call.output, n * image_len, "output")?;
    let layout = Layout::new(level, block);
    let Workspace { packed, sums, channels: coefficients, norms, others, pixels, along, .. } = workspace;
    let norms = input_norms(&block.channels_in, call.values, call.weights, call.deferred, norms)?;
    let mut along = Along::new(block, along);
    let rowwise = Rowwise::new(level, block, &norms, &mut along);
    let stage = Stage {
        block,
        layout: &layout,
        inputs: inputs_of(block, &buffers, &norms),
        packed: pack(&layout, block, &weights.linear, Direction::Forward, packed),
        pixel_factors: if rowwise.is_some() { &[] } else { pixel_factors(&layout, block, pixels) },
        rowwise,
    };
    let addition = match &call.addend {
        Some(addend) => Some(Addition::of(addend, block, n, call.values, call.weights, others)?),
        None => None,
    };
    let factors = sample_factors(call.sample_scale, n)?;
    let mut ending =
        Ending { simd: layout.simd, channels, affine: None, factors, store: call.store, addition };
    ending.affine = match call.normalise {
        Normalise::Deferred { mean, variance } => {
            assert!(ending.addition.is_none(), "nothing is added to an output that stays linear");
            return measure(&stage, n, output, sums, coefficients, [mean, variance]);
        }
        Normalise::Batch { mean, variance, linear } => {
            let linear = slice_mut(linear, n * image_len, "linear output")?;
            measure(&stage, n, linear, sums, coefficients, [mean, variance])?;
            let coefficients = filled(coefficients, affine_len(channels), 0.0);
            ending.affine =
                Some(affine(&mean[..channels], &variance[..channels], weights.learned, coefficients));
            second_pass(&stage, n, linear, &ending, output);
            return Ok(());
        }
        Normalise::Fixed { mean, variance } => {
            let mean = slice(mean, channels, "running mean")?;
            let variance = slice(variance, channels, "running variance")?;
            let coefficients = filled(coefficients, affine_len(channels), 0.0);
            Some(affine(mean, variance, weights.learned, coefficients))
        }
        Normalise::None => {
            let coefficients = filled(coefficients, affine_len(channels), 0.0);
            ending.factors.map(|_| neutral(channels, coefficients))
        }
    };
    if rowwise.is_some() {
        ending.affine = ending.affine.map(|affine| along.affine(affine));
    }
    // Images do not depend on each other here, so any cut will do: one for each thread, and not much at a time.
    let most = chunk_images(n).max(FORWARD_SAMPLES);
    let images = n.div_ceil(rayon::current_num_threads()).clamp(1, most);
    output.par_chunks_mut(images * image_len).enumerate().for_each(|(chunk, to)| {
        let first = chunk * images;
        let finish = |image| ending.finish(image);
        run(&stage, first, to, finish, |image, at, to| ending.add(image, at, to));
    });
    Ok(())
}

/// The linear outputs of a batch, and their mean and variance per channel.
fn measure(
    stage: &Stage<'_>,
    n: usize,
    linear: &mut [f32],
    sums: &mut Vec<f64>,
    pivots: &mut Vec<f32>,
    [mean, variance]: [&mut CpuBuffer; 2],
) -> Result<(), KernelError> {
    let (layout, channels) = (stage.layout, stage.block.channels_out);
    let mean = slice_mut(mean, channels, "batch mean")?;
    let variance = slice_mut(variance, channels, "batch variance")?;
    let images = chunk_images(n);
    let chunks = n.div_ceil(images);
    let width = width(channels);
    let sums = filled(sums, chunks * 2 * width, 0.0);
    let pivots = filled(pivots, chunks * width, 0.0);
    linear
        .par_chunks_mut(images * stage.block.output_len())
        .zip(sums.par_chunks_mut(2 * width).zip(pivots.par_chunks_mut(width)))
        .enumerate()
        .for_each(|(chunk, (to, (sums, pivot)))| {
            let mut fresh = true;
            run(
                stage,
                chunk * images,
                to,
                |_| Finish::WRITE,
                |_, _, rows| {
                    if std::mem::take(&mut fresh) {
                        pivot[..channels].copy_from_slice(&rows[..channels]);
                    }
                    moments(layout.simd, rows, channels, pivot, sums);
                },
            );
        });
    let counts = |chunk: usize| images.min(n - chunk * images) * layout.out_pixels();
    merge_moments(sums, pivots, counts, mean, variance);
    Ok(())
}

/// From the linear outputs of a batch to the block's outputs.
fn second_pass(stage: &Stage<'_>, n: usize, linear: &[f32], ending: &Ending<'_>, output: &mut [f32]) {
    let (layout, image_len) = (stage.layout, stage.block.output_len());
    let images = chunk_images(n);
    let chunk_len = images * image_len;
    let rows_len = layout.tile_rows * layout.out[1] * ending.channels;
    output.par_chunks_mut(chunk_len).zip(linear.par_chunks(chunk_len)).enumerate().for_each(
        |(chunk, (to, from))| {
            let samples = to.chunks_exact_mut(image_len).zip(from.chunks_exact(image_len));
            for (image, (to, from)) in (chunk * images..).zip(samples) {
                let finish = ending.finish(image);
                let rows = to.chunks_mut(rows_len).zip(from.chunks(rows_len));
                for (at, (to, from)) in rows.enumerate() {
                    normalise(layout.simd, from, ending.channels, &finish, to);
                    ending.add(image, at * rows_len, to);
                }
            }
        },
    );
}

/// Runs the linear stage of the images behind `to`, and hands out each tile's rows while they are warm, with the number of the
/// image and the place of the first element in it.
fn run<'a>(
    stage: &Stage<'_>,
    first_image: usize,
    to: &mut [f32],
    finish: impl Fn(usize) -> Finish<'a>,
    mut after: impl FnMut(usize, usize, &mut [f32]),
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
                stage.output(image, step * layout.tile_rows, [padded, tile, line], &finish, to);
                after(image, step * layout.tile_rows * row_len, to);
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
