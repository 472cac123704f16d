//! Sums that a backward call makes for other batch-norms, of input gradients that it completes.

use super::CpuBuffer;
use super::batch_norm::gradient_sums;
use super::call::slice;
use super::scratch::filled;
use super::simd::Simd;
use super::statistics::{keep_sums, width};
use crate::{Block, GradientSums, KernelError};

/// Pixels that are summed in single precision.
const SUM_PIXELS: usize = 256;

/// The sums of one input's gradient for one batch-norm.
pub(super) struct WantedSums<'a> {
    input: usize,
    channels: usize,
    /// Linear output of the batch-norm, and its mean, padded.
    linear: &'a [f32],
    mean: &'a [f32],
}

impl<'a> WantedSums<'a> {
    /// What a call on `n` samples is asked to sum; all buffers are checked, also those in `gradients` that the sums go to.
    pub(super) fn all(
        block: &Block,
        n: usize,
        values: &'a [CpuBuffer],
        gradients: &[CpuBuffer],
        sums: &[GradientSums],
        memory: &'a mut Vec<f32>,
    ) -> Result<Vec<Self>, KernelError> {
        let lens = sums.iter().map(|sums| width(block.channels_in[sums.input]));
        let mut memory = filled(memory, lens.sum(), 0.0);
        let mut all = Vec::new();
        for sums in sums {
            let channels = block.channels_in[sums.input];
            slice(&gradients[sums.to], 2 * channels, "gradient sums")?;
            let (mean, rest) = std::mem::take(&mut memory).split_at_mut(width(channels));
            memory = rest;
            mean[..channels].copy_from_slice(slice(&values[sums.mean], channels, "mean of gradient sums")?);
            let len = n * block.height * block.width * channels;
            let linear = slice(&values[sums.linear], len, "linear output of gradient sums")?;
            all.push(Self { input: sums.input, channels, linear, mean });
        }
        Ok(all)
    }

    /// Both sums, each padded.
    pub(super) fn sums_len(&self) -> usize {
        2 * width(self.channels)
    }
}

/// Adds what one image gives to all the sums, which lie one after another. Its gradients have just been stored: it is number
/// `image` of the batch and number `within` of `slices`, which hold the gradients of some images, input by input.
pub(super) fn add_sums(
    wanted: &[WantedSums<'_>],
    simd: Simd,
    pixels: usize,
    [image, within]: [usize; 2],
    slices: &[&mut [f32]],
    sums: &mut [f64],
) {
    let mut rest = sums;
    for wanted in wanted {
        let (sums, behind) = rest.split_at_mut(wanted.sums_len());
        rest = behind;
        let channels = wanted.channels;
        let len = pixels * channels;
        let gradient = &slices[wanted.input][within * len..][..len];
        let linear = &wanted.linear[image * len..][..len];
        let rows_len = SUM_PIXELS * channels;
        for (gradient, linear) in gradient.chunks(rows_len).zip(linear.chunks(rows_len)) {
            gradient_sums(simd, gradient, linear, channels, wanted.mean, 1.0, sums);
        }
    }
}

/// Takes the merged sums, one after another, to their buffers.
pub(super) fn keep(
    wanted: &[WantedSums<'_>],
    sums: &[f64],
    named: &[GradientSums],
    buffers: &mut [CpuBuffer],
) {
    let mut rest = sums;
    for (wanted, named) in wanted.iter().zip(named) {
        let (sums, behind) = rest.split_at(wanted.sums_len());
        rest = behind;
        keep_sums(sums, wanted.channels, &mut buffers[named.to]);
    }
}
