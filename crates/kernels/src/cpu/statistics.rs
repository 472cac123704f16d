//! Batch-norm between the passes: the chunks' moments and gradient sums merged in order, in double precision, and the
//! per-channel coefficients they become. Moments merge as in Chan, Golub and LeVeque (1983, 10.1080/00031305.1983.10483115).

use super::CpuBuffer;
use super::batch_norm::Slopes;
use super::call::{listed, slice};
use super::finish::Affine;
use super::scratch::filled;
use super::stage::SLACK;
use crate::{BATCH_NORM_EPSILON, Deferred, KernelError};

/// Learned scale and shift of a batch-norm.
pub(super) type Learned<'a> = Option<[&'a [f32]; 2]>;

/// Room for one value per channel, and a vector that runs over.
pub(super) fn width(channels: usize) -> usize {
    channels.next_multiple_of(SLACK) + SLACK
}

/// Merges sums around pivots (one pair per chunk, [`width`] apart) of `counts(chunk)` elements each.
pub(super) fn merge_moments(
    sums: &[f64],
    pivots: &[f32],
    counts: impl Fn(usize) -> usize,
    mean: &mut [f32],
    variance: &mut [f32],
) {
    let width = width(mean.len());
    for (channel, (mean_to, variance_to)) in mean.iter_mut().zip(variance).enumerate() {
        let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
        for (chunk, sums) in sums.chunks_exact(2 * width).enumerate() {
            let elements = counts(chunk) as f64;
            let sum = sums[channel];
            let chunk_mean = f64::from(pivots[chunk * width + channel]) + sum / elements;
            let chunk_squares = sums[width + channel] - sum * sum / elements;
            let distance = chunk_mean - mean;
            let total = count + elements;
            mean += distance * elements / total;
            squares += chunk_squares + distance * distance * count * elements / total;
            count = total;
        }
        let variance = squares / count.max(1.0);
        *mean_to = mean as f32;
        // Not `max`, which would hide a NaN.
        *variance_to = if variance < 0.0 { 0.0 } else { variance as f32 };
    }
}

/// Elements of the coefficients of one normalising pass.
pub(super) fn affine_len(channels: usize) -> usize {
    3 * width(channels)
}

/// The coefficients of the normalising pass, in [`affine_len`] zeros.
pub(super) fn affine<'a>(
    mean: &[f32],
    variance: &[f32],
    learned: Learned<'_>,
    memory: &'a mut [f32],
) -> Affine<'a> {
    let width = width(mean.len());
    let (mean_to, rest) = memory.split_at_mut(width);
    let (scale_to, shift_to) = rest.split_at_mut(width);
    mean_to[..mean.len()].copy_from_slice(mean);
    for (channel, (&variance, scale)) in variance.iter().zip(scale_to.iter_mut()).enumerate() {
        let slope = learned.map_or(1.0, |[scale, _]| f64::from(scale[channel]));
        *scale = (slope * inverse_deviation(variance)) as f32;
        shift_to[channel] = learned.map_or(0.0, |[_, shift]| shift[channel]);
    }
    Affine { mean: mean_to, scale: scale_to, shift: shift_to, factor: 1.0 }
}

/// The coefficients of each input's deferred batch-norm.
pub(super) fn input_norms<'a>(
    channels: &[usize],
    values: &[CpuBuffer],
    weights: &[CpuBuffer],
    deferred: &[Option<Deferred>],
    memory: &'a mut Vec<f32>,
) -> Result<Vec<Option<Affine<'a>>>, KernelError> {
    if deferred.is_empty() {
        return Ok(vec![None; channels.len()]);
    }
    listed(deferred.len(), channels.len(), "batch-norms of the inputs")?;
    let mut memory = filled(memory, channels.iter().map(|&channels| affine_len(channels)).sum(), 0.0);
    let norm = |(&channels, deferred): (&usize, &Option<Deferred>)| {
        let Some(deferred) = deferred else { return Ok(None) };
        let (to, rest) = std::mem::take(&mut memory).split_at_mut(affine_len(channels));
        memory = rest;
        deferred_norm(channels, values, weights, deferred, to).map(Some)
    };
    channels.iter().zip(deferred).map(norm).collect()
}

/// The coefficients of one deferred batch-norm, in [`affine_len`] zeros.
pub(super) fn deferred_norm<'a>(
    channels: usize,
    values: &[CpuBuffer],
    weights: &[CpuBuffer],
    deferred: &Deferred,
    memory: &'a mut [f32],
) -> Result<Affine<'a>, KernelError> {
    let [mean, variance] = deferred.statistics;
    let mean = slice(&values[mean], channels, "mean of a deferred batch-norm")?;
    let variance = slice(&values[variance], channels, "variance of a deferred batch-norm")?;
    let learned = match deferred.learned {
        None => None,
        Some([scale, shift]) => Some([
            slice(&weights[scale], channels, "scale of a deferred batch-norm")?,
            slice(&weights[shift], channels, "shift of a deferred batch-norm")?,
        ]),
    };
    Ok(affine(mean, variance, learned, memory))
}

/// Coefficients that change nothing, for a factor alone, in [`affine_len`] zeros.
pub(super) fn neutral(channels: usize, memory: &mut [f32]) -> Affine<'_> {
    let width = width(channels);
    let (mean, rest) = memory.split_at_mut(width);
    let (scale, shift) = rest.split_at_mut(width);
    scale.fill(1.0);
    Affine { mean, scale, shift, factor: 1.0 }
}

/// Merges the chunks' sums, `len` for each, into the first chunk's place.
pub(super) fn merge(sums: &mut [f64], len: usize) {
    let (total, chunks) = sums.split_at_mut(len);
    for chunk in chunks.chunks_exact(len) {
        for (total, sum) in total.iter_mut().zip(chunk) {
            *total += sum;
        }
    }
}

/// Merged sums as another call leaves them in a buffer.
pub(super) fn keep_sums(sums: &[f64], channels: usize, to: &mut [f32]) {
    for (to, sums) in to.chunks_exact_mut(channels).zip(sums.chunks_exact(width(channels))) {
        for (to, &sum) in to.iter_mut().zip(sums) {
            *to = sum as f32;
        }
    }
}

/// Merged sums that another call left.
pub(super) fn kept_sums<'a>(from: &[f32], channels: usize, memory: &'a mut Vec<f64>) -> &'a [f64] {
    let width = width(channels);
    let sums = filled(memory, 2 * width, 0.0);
    for (sums, from) in sums.chunks_exact_mut(width).zip(from.chunks_exact(channels)) {
        for (sum, &from) in sums.iter_mut().zip(from) {
            *sum = f64::from(from);
        }
    }
    sums
}

/// Gradients by the learned scale and shift from the merged sums: `(scale, shift)` of a channel.
pub(super) fn learned_gradient(sums: &[f64], variance: f32, channel: usize) -> [f64; 2] {
    [sums[sums.len() / 2 + channel] * inverse_deviation(variance), sums[channel]]
}

/// The coefficients of the gradient by the linear output; `elements` per channel went into the statistics.
pub(super) fn slopes<'a>(
    sums: &[f64],
    elements: usize,
    mean: &[f32],
    variance: &[f32],
    learned: Learned<'_>,
    memory: &'a mut Vec<f32>,
) -> Slopes<'a> {
    let width = width(mean.len());
    let elements = elements as f64;
    let (mean_to, rest) = filled(memory, 4 * width, 0.0).split_at_mut(width);
    let (shift_to, rest) = rest.split_at_mut(width);
    let (slope_to, scale_to) = rest.split_at_mut(width);
    mean_to[..mean.len()].copy_from_slice(mean);
    for (channel, &variance) in variance.iter().enumerate() {
        let inverse = inverse_deviation(variance);
        shift_to[channel] = (sums[channel] / elements) as f32;
        slope_to[channel] = (sums[width + channel] / elements * inverse * inverse) as f32;
        scale_to[channel] = (learned.map_or(1.0, |[scale, _]| f64::from(scale[channel])) * inverse) as f32;
    }
    Slopes { mean: mean_to, shift: shift_to, slope: slope_to, scale: scale_to }
}

/// `1 / sqrt(variance + epsilon)`.
fn inverse_deviation(variance: f32) -> f64 {
    (f64::from(variance) + BATCH_NORM_EPSILON).sqrt().recip()
}
