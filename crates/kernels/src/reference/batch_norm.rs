//! Batch normalisation (Ioffe and Szegedy 2015, arXiv 1502.03167) over the channels of NHWC rows.

use crate::BATCH_NORM_EPSILON;

/// Per-channel statistics of one batch.
pub(super) struct Statistics {
    pub(super) mean: Vec<f64>,
    /// Biased: divided by the number of elements.
    pub(super) variance: Vec<f64>,
}

/// Gradients by the linear output and the affine part.
pub(super) struct Backward {
    pub(super) input: Vec<f64>,
    pub(super) scale: Vec<f64>,
    pub(super) shift: Vec<f64>,
}

/// Mean and biased variance of each channel.
pub(super) fn statistics(z: &[f64], channels: usize) -> Statistics {
    let count = (z.len() / channels) as f64;
    let mut mean = vec![0.0; channels];
    for (i, value) in z.iter().enumerate() {
        mean[i % channels] += value / count;
    }
    let mut variance = vec![0.0; channels];
    for (i, value) in z.iter().enumerate() {
        variance[i % channels] += (value - mean[i % channels]).powi(2) / count;
    }
    Statistics { mean, variance }
}

/// `scale * (z - mean) / sqrt(variance + epsilon) + shift`.
pub(super) fn apply(z: &[f64], mean: &[f64], variance: &[f64], affine: Option<[&[f64]; 2]>) -> Vec<f64> {
    let channels = mean.len();
    z.iter()
        .enumerate()
        .map(|(i, value)| {
            let c = i % channels;
            let normalised = (value - mean[c]) / (variance[c] + BATCH_NORM_EPSILON).sqrt();
            affine.map_or(normalised, |[scale, shift]| scale[c] * normalised + shift[c])
        })
        .collect()
}

/// Sums of the gradient and of its product with the centred linear output: `[2, channels]`.
pub(super) fn gradient_sums(dy: &[f64], z: &[f64], mean: &[f64]) -> Vec<f64> {
    let channels = mean.len();
    let mut sums = vec![0.0; 2 * channels];
    for (i, (gradient, value)) in dy.iter().zip(z).enumerate() {
        let c = i % channels;
        sums[c] += gradient;
        sums[channels + c] += gradient * (value - mean[c]);
    }
    sums
}

/// The batch's own statistics depend on `z`, so the gradient has its mean and its part along `z` removed. `sums` are those of
/// [`gradient_sums`].
pub(super) fn backward(
    z: &[f64],
    mean: &[f64],
    variance: &[f64],
    affine: Option<[&[f64]; 2]>,
    dy: &[f64],
    sums: &[f64],
) -> Backward {
    let channels = mean.len();
    let count = (z.len() / channels) as f64;
    let normalised = apply(z, mean, variance, None);
    let (shift, along) = sums.split_at(channels);
    let deviation = |c: usize| (variance[c] + BATCH_NORM_EPSILON).sqrt();
    let scale: Vec<f64> = along.iter().enumerate().map(|(c, sum)| sum / deviation(c)).collect();
    let input = (0..z.len())
        .map(|i| {
            let c = i % channels;
            let slope = affine.map_or(1.0, |[scale, _]| scale[c]) / deviation(c);
            slope * (dy[i] - shift[c] / count - normalised[i] * scale[c] / count)
        })
        .collect();
    Backward { input, scale, shift: shift.to_vec() }
}
