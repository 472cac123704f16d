//! Batch-norms where they are measured and where their outputs are read.

use super::batch_norm::{self, Statistics};
use super::buffers::{gather, long_enough, store};
use crate::{Block, Deferred, KernelError, Store};

/// A block's inputs side by side, normalised and activated.
pub(super) fn block_input(
    block: &Block,
    n: usize,
    values: &[Vec<f64>],
    inputs: &[usize],
    weights: &[Vec<f64>],
    deferred: &[Option<Deferred>],
) -> Result<Vec<f64>, KernelError> {
    let pixels = block.height * block.width;
    if !deferred.is_empty() && deferred.len() != inputs.len() {
        let (expected, got) = (inputs.len(), deferred.len());
        return Err(KernelError::Length { what: "batch-norms of the inputs", expected, got });
    }
    let mut all = Vec::new();
    for (at, (&index, &channels)) in inputs.iter().zip(&block.channels_in).enumerate() {
        let len = n * pixels * channels;
        long_enough("input", &values[index], len)?;
        let value = &values[index][..len];
        all.push(match deferred.get(at).copied().flatten() {
            Some(norm) => normalised(value, channels, values, weights, &norm)?,
            None => value.to_vec(),
        });
    }
    let indices: Vec<usize> = (0..all.len()).collect();
    gather(&block.channels_in, pixels, n, &all, &indices, block.activation)
}

/// A deferred value after its batch-norm.
pub(super) fn normalised(
    value: &[f64],
    channels: usize,
    values: &[Vec<f64>],
    weights: &[Vec<f64>],
    norm: &Deferred,
) -> Result<Vec<f64>, KernelError> {
    let learned = norm.learned.into_iter().flatten().map(|index| &weights[index]);
    for buffer in norm.statistics.iter().map(|&index| &values[index]).chain(learned) {
        long_enough("statistics or weight of a deferred batch-norm", buffer, channels)?;
    }
    let [mean, variance] = norm.statistics.map(|index| &values[index][..channels]);
    let learned = norm.learned.map(|learned| learned.map(|index| &weights[index][..channels]));
    Ok(batch_norm::apply(value, mean, variance, learned))
}

/// Statistics of linear outputs, which are written to a call's buffers as well.
pub(super) fn measure(
    z: &[f64],
    channels: usize,
    mean: &mut [f64],
    variance: &mut [f64],
) -> Result<Statistics, KernelError> {
    let statistics = batch_norm::statistics(z, channels);
    store(mean, &statistics.mean, Store::Write, "batch mean")?;
    store(variance, &statistics.variance, Store::Write, "batch variance")?;
    Ok(statistics)
}
