//! The backward pass of a block, image by image: the batch-norm's gradient tile is built as the products read it, and
//! activation, margin and depthwise stage are recomputed. Weight gradients are summed per chunk, chunks in order.

use rayon::prelude::*;

use super::CpuBuffer;
use super::batch_norm::{GradientRows, Slopes, gradient_sums};
use super::call::{
    block_weights, chunk_images, input_buffers, inputs_of, listed, sample_factors, slice, slice_mut,
    with_buffers,
};
use super::forward::pixel_factors;
use super::image::{ImageGradient, Scratch};
use super::layout::{Layout, Phase};
use super::planes::InputGradients;
use super::rowwise::{Along, Rowwise};
use super::scratch::{Workspace, filled, with_scratch, zeros_at_line};
use super::simd::SimdLevel;
use super::stage::Stage;
use super::statistics::{Learned, input_norms, kept_sums, learned_gradient, merge, slopes, width};
use super::sums::{WantedSums, add_sums, keep};
use super::weights::{Direction, merge_product, merge_taps, pack, partial_lens};
use crate::{Backward, Block, Gradients, KernelError, Norm, Store};

/// `Backend::backward`.
pub(super) fn backward(
    level: SimdLevel,
    workspace: &mut Workspace,
    block: &Block,
    n: usize,
    call: Backward<'_, CpuBuffer>,
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
    let Workspace { packed, partial, sums, channels: coefficients, norms, others, pixels, along } = workspace;
    let norms = input_norms(&block.channels_in, call.values, call.weights, call.deferred, norms)?;

    let mut along = Along::new(block, along);
    let rowwise = Rowwise::new(level, block, &norms, &mut along);
    let none: &[CpuBuffer] = &[];
    let gradients = call.input_gradients.as_ref().map_or(none, |gradients| &*gradients.buffers);
    assert!(call.sums.is_empty() || !gradients.is_empty(), "sums of gradients that nobody wants");
    let wanted = WantedSums::all(block, n, call.values, gradients, call.sums, others)?;
    let normalised = match &call.saved {
        None => None,
        Some(saved) => {
            let linear = slice(saved.linear, n * image_len, "linear output")?;
            let norm = BatchNorm {
                mean: slice(saved.mean, block.channels_out, "batch mean")?,
                variance: slice(saved.variance, block.channels_out, "batch variance")?,
                learned: weights.learned,
            };
            let sums = match saved.sums {
                Some(kept) => {
                    kept_sums(slice(kept, 2 * block.channels_out, "gradient sums")?, block.channels_out, sums)
                }
                None => sum_gradients(&layout, n, [dy, linear], norm.mean, factors, sums, coefficients),
            };
            if block.norm == Norm::Affine {
                let first = call.parameters.len() - 2;
                store_learned(sums, &norm, &call.parameters[first..], &stores[first..], weight_gradients);
            }
            let elements = n * layout.out_pixels();
            let slopes = slopes(sums, elements, norm.mean, norm.variance, norm.learned, coefficients);
            Some((linear, if rowwise.is_some() { along.slopes(slopes) } else { slopes }))
        }
    };

    let stage = Stage {
        block,
        layout: &layout,
        inputs: inputs_of(block, &buffers, &norms),
        packed: pack(&layout, block, &weights.linear, Direction::Backward, packed),
        pixel_factors: if rowwise.is_some() { &[] } else { pixel_factors(&layout, block, pixels) },
        rowwise,
    };
    let [taps_len, product_len] = partial_lens(&layout, block);
    let stride = (taps_len + layout.groups * product_len).max(1);
    let images = chunk_images(n);
    let partial = zeros_at_line(partial, n.div_ceil(images) * stride);
    let image = [block.height, block.width];
    let phases = match layout.tap_weights(block) {
        Some(weights) if rowwise.is_none() && call.input_gradients.is_some() => layout.phases(image, weights),
        _ => Vec::new(),
    };
    let work = Work { stage: &stage, phases, n, dy, normalised, factors, wanted: &wanted };
    match call.input_gradients {
        None => partial
            .par_chunks_exact_mut(stride)
            .enumerate()
            .for_each(|(chunk, partial)| work.run(chunk, partial, None, &mut [])),
        Some(Gradients { buffers, stores }) => {
            let inputs = call.inputs.len();
            let sums_len = wanted.iter().map(WantedSums::sums_len).sum::<usize>().max(1);
            let sums = filled(sums, n.div_ceil(images).max(1) * sums_len, 0.0);
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
                partial
                    .par_chunks_exact_mut(stride)
                    .zip(cut.par_chunks_exact_mut(inputs).zip(sums.par_chunks_exact_mut(sums_len)))
                    .enumerate()
                    .for_each(|(chunk, (partial, (slices, sums)))| {
                        work.run(chunk, partial, Some((slices, stores)), sums);
                    });
                Ok(())
            })?;
            merge(sums, sums_len);
            keep(&wanted, sums, call.sums, buffers);
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

/// A batch-norm as its forward pass left it.
struct BatchNorm<'a> {
    mean: &'a [f32],
    variance: &'a [f32],
    learned: Learned<'a>,
}

/// Stores the gradients by learned scale and shift.
fn store_learned(
    sums: &[f64],
    norm: &BatchNorm<'_>,
    parameters: &[usize],
    stores: &[Store],
    gradients: &mut [CpuBuffer],
) {
    for (half, (&index, &store)) in parameters.iter().zip(stores).enumerate() {
        let to = gradients[index].iter_mut().zip(norm.variance).enumerate();
        for (channel, (to, &variance)) in to {
            let gradient = learned_gradient(sums, variance, channel)[half] as f32;
            match store {
                Store::Write => *to = gradient,
                Store::Add => *to += gradient,
            }
        }
    }
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
    merge(sums, 2 * width);
    &sums[..2 * width]
}

/// The batch as its chunks see it.
struct Work<'a> {
    stage: &'a Stage<'a>,
    /// Of the window's input gradient; empty where there is none.
    phases: Vec<Phase>,
    n: usize,
    dy: &'a [f32],
    /// Linear output and coefficients; `None` without batch-norm.
    normalised: Option<(&'a [f32], Slopes<'a>)>,
    factors: Option<&'a [f32]>,
    wanted: &'a [WantedSums<'a>],
}

impl Work<'_> {
    /// One chunk: its weight gradients into `partial`, its input gradients (one slice for each input), and of these the sums
    /// asked for, one after another.
    fn run(
        &self,
        chunk: usize,
        partial: &mut [f32],
        mut gradients: Option<(&mut [&mut [f32]], &[Store])>,
        sums: &mut [f64],
    ) {
        let (stage, layout) = (self.stage, self.stage.layout);
        let (images, image_len) = (chunk_images(self.n), stage.block.output_len());
        let job = ImageGradient::new(stage, &self.phases, gradients.is_some());
        with_scratch(job.scratch(), |parts| {
            let mut scratch = Scratch::new(parts);
            job.prepare(&mut scratch);
            for within in 0..images.min(self.n - chunk * images) {
                let image = chunk * images + within;
                let range = image * image_len..(image + 1) * image_len;
                let rows = GradientRows {
                    dy: &self.dy[range.clone()],
                    normalised: self.normalised.map(|(linear, slopes)| (&linear[range], slopes)),
                    factor: self.factors.map_or(1.0, |factors| factors[image]),
                    channels: stage.block.channels_out,
                    group: stage.block.channels_out / layout.groups.max(1),
                };
                let into =
                    gradients.as_mut().map(|(slices, stores)| InputGradients { slices, within, stores });
                job.run(image, rows, &mut scratch, partial, into);
                if let Some((slices, _)) = &gradients {
                    add_sums(self.wanted, layout.simd, stage.inputs.pixels, [image, within], slices, sums);
                }
            }
        });
    }
}
