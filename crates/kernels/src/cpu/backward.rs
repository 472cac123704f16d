//! The backward pass of a block, image by image: the batch-norm's gradient tile is built as the products read it, and
//! activation, margin and depthwise stage are recomputed. Weight gradients are summed per chunk, chunks in order.

use rayon::prelude::*;

use super::batch_norm::{GradientRows, Slopes, gradient_sums};
use super::call::{
    block_weights, chunk_images, input_buffers, inputs_of, listed, sample_factors, slice, slice_mut,
    with_buffers,
};
use super::forward::pixel_factors;
use super::image::{ImageGradient, Scratch};
use super::layout::{Layout, Phase};
use super::planes::InputGradients;
use super::scratch::{Workspace, filled, with_scratch};
use super::simd::SimdLevel;
use super::stage::Stage;
use super::statistics::{learned_gradient, merge_gradient_sums, slopes, width};
use super::weights::{Direction, merge_product, merge_taps, pack, partial_lens};
use crate::{Backward, Block, Gradients, KernelError, Norm, Store};

/// `Backend::backward`.
pub(super) fn backward(
    level: SimdLevel,
    workspace: &mut Workspace,
    block: &Block,
    n: usize,
    call: Backward<'_, Vec<f32>>,
) -> Result<(), KernelError> {
    let image_pixels = block.height * block.width;
    let buffers = input_buffers(&block.channels_in, image_pixels, n, call.values, call.inputs)?;
    let weights = block_weights(block, call.weights, call.parameters)?;
    let factors = sample_factors(call.sample_scale, n)?;
    let image_len = block.output_len();
    let dy = slice(call.output_gradient, n * image_len, "output gradient")?;
    let Gradients { buffers: weight_gradients, stores } = call.weight_gradients;
    listed(stores.len(), call.parameters.len(), "stores of the weight gradients")?;
    for (&index, &len) in call.parameters.iter().zip(&block.weight_lens()) {
        slice(&weight_gradients[index], len, "weight gradient")?;
    }
    if let Some(Gradients { buffers, stores }) = &call.input_gradients {
        listed(stores.len(), call.inputs.len(), "stores of the input gradients")?;
        for (&index, &channels) in call.inputs.iter().zip(&block.channels_in) {
            slice(&buffers[index], n * image_pixels * channels, "input gradient")?;
        }
    }
    let layout = Layout::new(level, block);
    let Workspace { packed, partial, sums, channels: coefficients, pixels } = workspace;

    let normalised = match call.saved {
        None => None,
        Some([mean, variance, linear]) => {
            let channels = block.channels_out;
            let mean = slice(mean, channels, "batch mean")?;
            let variance = slice(variance, channels, "batch variance")?;
            let linear = slice(linear, n * image_len, "linear output")?;
            let sums = sum_gradients(&layout, n, [dy, linear], mean, factors, sums, coefficients);
            if block.norm == Norm::Affine {
                let first = call.parameters.len() - 2;
                for half in 0..2 {
                    let to = &mut weight_gradients[call.parameters[first + half]][..channels];
                    for (channel, to) in to.iter_mut().enumerate() {
                        let gradient = learned_gradient(sums, variance[channel], channel)[half] as f32;
                        match stores[first + half] {
                            Store::Write => *to = gradient,
                            Store::Add => *to += gradient,
                        }
                    }
                }
            }
            let elements = n * layout.out_pixels();
            Some((linear, slopes(sums, elements, mean, variance, weights.learned, coefficients)))
        }
    };

    let stage = Stage {
        block,
        layout: &layout,
        inputs: inputs_of(block, &buffers),
        packed: pack(&layout, block, &weights.linear, Direction::Backward, packed),
        pixel_factors: pixel_factors(&layout, block, pixels),
    };
    let [taps_len, product_len] = partial_lens(&layout, block);
    let stride = (taps_len + layout.groups * product_len).max(1);
    let images = chunk_images(n);
    let partial = filled(partial, n.div_ceil(images) * stride, 0.0);
    let run = |gradients: Option<(&mut [&mut [f32]], &[Store])>, partial: &mut [f32]| {
        run_chunks(&stage, n, dy, normalised, factors, partial, stride, gradients);
    };
    match call.input_gradients {
        None => run(None, partial),
        Some(Gradients { buffers, stores }) => {
            with_buffers(buffers, call.inputs, |buffers| {
                let mut cut: Vec<&mut [f32]> = Vec::new();
                let mut chunks = Vec::new();
                for (buffer, &channels) in buffers.iter_mut().zip(&block.channels_in) {
                    let gradient = slice_mut(buffer, n * image_pixels * channels, "input gradient")?;
                    chunks.push(gradient.chunks_mut(images * image_pixels * channels));
                }
                for _ in (0..n).step_by(images) {
                    cut.extend(chunks.iter_mut().filter_map(Iterator::next));
                }
                run(Some((&mut cut, stores)), partial);
                Ok(())
            })?;
        }
    }
    let mut linear = call.parameters.iter().zip(stores).zip(&weights.linear);
    if taps_len > 0
        && let Some(((&index, &store), weight)) = linear.next()
    {
        let to = &mut weight_gradients[index][..weight.len()];
        merge_taps(&layout, partial.chunks_exact(stride), store, to);
    }
    for (group, ((&index, &store), weight)) in linear.enumerate() {
        let to = &mut weight_gradients[index][..weight.len()];
        merge_product(&layout, partial, stride, taps_len + group * product_len, store, to);
    }
    Ok(())
}

/// Sums of the gradient and of its product with the centred linear output, over the batch.
fn sum_gradients<'a>(
    layout: &Layout,
    n: usize,
    [dy, linear]: [&[f32]; 2],
    mean: &[f32],
    factors: Option<&[f32]>,
    sums: &'a mut Vec<f64>,
    coefficients: &mut Vec<f32>,
) -> &'a [f64] {
    let channels = mean.len();
    let width = width(channels);
    let images = chunk_images(n);
    let image_len = layout.out_pixels() * channels;
    let sums = filled(sums, n.div_ceil(images).max(1) * 2 * width, 0.0);
    let padded = filled(coefficients, width, 0.0);
    padded[..channels].copy_from_slice(mean);
    let mean = &*padded;
    let chunk_len = images * image_len;
    let rows_len = layout.tile_rows * layout.out[1] * channels;
    dy.par_chunks(chunk_len)
        .zip(linear.par_chunks(chunk_len))
        .zip(sums.par_chunks_mut(2 * width))
        .enumerate()
        .for_each(|(chunk, ((dy, linear), sums))| {
            let samples = dy.chunks_exact(image_len).zip(linear.chunks_exact(image_len));
            for (image, (dy, linear)) in samples.enumerate() {
                let factor = factors.map_or(1.0, |factors| factors[chunk * images + image]);
                for (dy, linear) in dy.chunks(rows_len).zip(linear.chunks(rows_len)) {
                    gradient_sums(layout.simd, dy, linear, channels, mean, factor, sums);
                }
            }
        });
    merge_gradient_sums(sums, channels)
}

/// All chunks of the batch; `partial` holds one run of `stride` elements for each, `gradients` one slice for each and
/// each input.
#[expect(clippy::too_many_arguments, reason = "one call site; a struct would only rename them")]
fn run_chunks(
    stage: &Stage<'_>,
    n: usize,
    dy: &[f32],
    normalised: Option<(&[f32], Slopes<'_>)>,
    factors: Option<&[f32]>,
    partial: &mut [f32],
    stride: usize,
    gradients: Option<(&mut [&mut [f32]], &[Store])>,
) {
    let layout = stage.layout;
    let (images, image_len) = (chunk_images(n), stage.block.output_len());
    let image = [stage.block.height, stage.block.width];
    let phases: Vec<Phase> = match layout.tap_weights(stage.block) {
        Some(weights) if gradients.is_some() => layout.phases(image, weights),
        _ => Vec::new(),
    };
    let work = |chunk: usize, partial: &mut [f32], mut gradients: Option<(&mut [&mut [f32]], &[Store])>| {
        let job = ImageGradient::new(stage, &phases, gradients.is_some());
        with_scratch(job.scratch(), |parts| {
            let mut scratch = Scratch::new(parts);
            job.prepare(&mut scratch);
            for within in 0..images.min(n - chunk * images) {
                let image = chunk * images + within;
                let range = image * image_len..(image + 1) * image_len;
                let rows = GradientRows {
                    dy: &dy[range.clone()],
                    normalised: normalised.map(|(linear, slopes)| (&linear[range], slopes)),
                    factor: factors.map_or(1.0, |factors| factors[image]),
                    channels: stage.block.channels_out,
                    group: stage.block.channels_out / layout.groups.max(1),
                };
                let gradients =
                    gradients.as_mut().map(|(slices, stores)| InputGradients { slices, within, stores });
                job.run(image, rows, &mut scratch, partial, gradients);
            }
        });
    };
    match gradients {
        None => {
            partial
                .par_chunks_exact_mut(stride)
                .enumerate()
                .for_each(|(chunk, partial)| work(chunk, partial, None));
        }
        Some((slices, stores)) => {
            partial
                .par_chunks_exact_mut(stride)
                .zip(slices.par_chunks_exact_mut(stage.inputs.buffers.len()))
                .enumerate()
                .for_each(|(chunk, (partial, slices))| work(chunk, partial, Some((slices, stores))));
        }
    }
}
