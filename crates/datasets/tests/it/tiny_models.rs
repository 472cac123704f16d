//! Two classifiers written by hand, to measure how hard a set of images is: a linear softmax and one 5x5
//! convolution with pooling. Gradients are summed image by image within fixed chunks, so threads change nothing.

use datasets::{Batch, Epoch};
use rand_core::Rng;
use random::{Purpose, stream};
use rayon::prelude::*;

const CLASSES: usize = 10;

/// A model that turns an image into logits and, given their gradient, adds to the gradient of its weights.
pub(crate) trait Model: Sync {
    /// All weights in one row.
    fn weights(&mut self) -> &mut Vec<f32>;
    /// Adds the gradient of the cross-entropy of one image to `gradient`.
    fn learn(&self, image: &[f32], label: usize, gradient: &mut [f32]);
    /// The guessed class.
    fn guess(&self, image: &[f32]) -> usize;
}

/// One epoch of SGD with momentum 0.9.
pub(crate) fn train(model: &mut impl Model, velocity: &mut Vec<f32>, mut epoch: Epoch<'_>, rate: f32) {
    velocity.resize(model.weights().len(), 0.0);
    while let Some(batch) = epoch.next_batch().unwrap() {
        let size = batch.images.len() / batch.n;
        let parts: Vec<Vec<f32>> = batch
            .images
            .par_chunks(8 * size)
            .zip(batch.labels.par_chunks(8))
            .map(|(images, labels)| {
                let mut gradient = vec![0.0; velocity.len()];
                for (image, &label) in images.chunks(size).zip(labels) {
                    model.learn(image, label as usize, &mut gradient);
                }
                gradient
            })
            .collect();
        let scale = 1.0 / batch.n as f32;
        for (at, (weight, velocity)) in model.weights().iter_mut().zip(&mut *velocity).enumerate() {
            let gradient: f32 = parts.iter().map(|part| part[at]).sum();
            *velocity = 0.9 * *velocity + scale * gradient;
            *weight -= rate * *velocity;
        }
    }
}

/// The share of right guesses.
pub(crate) fn accuracy(model: &impl Model, batches: &[Batch]) -> f64 {
    let right = |batch: &Batch| {
        let size = batch.images.len() / batch.n;
        let guesses = batch.images.chunks(size).zip(&batch.labels);
        guesses.filter(|&(image, &label)| model.guess(image) == label as usize).count()
    };
    let images: usize = batches.iter().map(|batch| batch.n).sum();
    batches.par_iter().map(right).sum::<usize>() as f64 / images as f64
}

/// Softmax regression on all values of an image.
pub(crate) struct Linear {
    /// `[input][class]`, then the bias.
    weights: Vec<f32>,
}

impl Linear {
    pub(crate) fn new(inputs: usize) -> Self {
        Self { weights: vec![0.0; (inputs + 1) * CLASSES] }
    }
}

impl Model for Linear {
    fn weights(&mut self) -> &mut Vec<f32> {
        &mut self.weights
    }

    fn learn(&self, image: &[f32], label: usize, gradient: &mut [f32]) {
        let error = softmax_error(head(&self.weights, image), label);
        head_gradient(image, error, gradient);
    }

    fn guess(&self, image: &[f32]) -> usize {
        largest(head(&self.weights, image))
    }
}

/// One 5x5 convolution of stride 2 without padding, ReLU, the mean and the maximum of each map, softmax.
pub(crate) struct Convolution {
    side: usize,
    /// The filters `[row][column][channel][filter]`, their biases, then the head as in [`Linear`].
    weights: Vec<f32>,
}

const FILTERS: usize = 16;
const WINDOW: usize = 5;
const STRIDE: usize = 2;
const TAPS: usize = WINDOW * WINDOW * 3;
const HEAD: usize = (TAPS + 1) * FILTERS;

/// What one image leaves behind for the gradient.
struct Trace {
    /// After the ReLU, `[place][filter]`.
    maps: Vec<[f32; FILTERS]>,
    /// The place of each filter's maximum.
    peaks: [usize; FILTERS],
    /// Means, then maxima.
    features: [f32; 2 * FILTERS],
}

impl Convolution {
    pub(crate) fn new(side: usize, seed: u64) -> Self {
        let mut rng = stream(seed, Purpose::Test, 0, 0);
        let mut weights = vec![0.0; HEAD + (2 * FILTERS + 1) * CLASSES];
        for weight in &mut weights[..TAPS * FILTERS] {
            // Uniform with the variance 2 / TAPS.
            let unit = (rng.next_u32() >> 8) as f32 / 8_388_608.0 - 1.0;
            *weight = unit * (6.0 / TAPS as f32).sqrt();
        }
        Self { side, weights }
    }

    fn places(&self) -> usize {
        (self.side - WINDOW) / STRIDE + 1
    }

    /// The 15 values (5 pixels) of each row of the window at `place`.
    fn window<'a>(&self, image: &'a [f32], place: usize) -> impl Iterator<Item = &'a [f32]> + use<'a> {
        let (row, column) = (place / self.places() * STRIDE, place % self.places() * STRIDE);
        let side = self.side;
        (0..WINDOW).map(move |down| &image[((row + down) * side + column) * 3..][..WINDOW * 3])
    }

    fn trace(&self, image: &[f32]) -> Trace {
        let (filters, biases) = self.weights[..HEAD].split_at(TAPS * FILTERS);
        let places = self.places() * self.places();
        let mut trace =
            Trace { maps: Vec::with_capacity(places), peaks: [0; FILTERS], features: [0.0; 2 * FILTERS] };
        for place in 0..places {
            let mut sums: [f32; FILTERS] = std::array::from_fn(|filter| biases[filter]);
            for (values, taps) in self.window(image, place).zip(filters.chunks_exact(WINDOW * 3 * FILTERS)) {
                for (value, taps) in values.iter().zip(taps.chunks_exact(FILTERS)) {
                    for (sum, tap) in sums.iter_mut().zip(taps) {
                        *sum += value * tap;
                    }
                }
            }
            for (filter, sum) in sums.iter_mut().enumerate() {
                *sum = sum.max(0.0);
                trace.features[filter] += *sum / places as f32;
                if *sum > trace.features[FILTERS + filter] {
                    trace.features[FILTERS + filter] = *sum;
                    trace.peaks[filter] = place;
                }
            }
            trace.maps.push(sums);
        }
        trace
    }
}

impl Model for Convolution {
    fn weights(&mut self) -> &mut Vec<f32> {
        &mut self.weights
    }

    fn learn(&self, image: &[f32], label: usize, gradient: &mut [f32]) {
        let trace = self.trace(image);
        let weights = &self.weights[HEAD..];
        let error = softmax_error(head(weights, &trace.features), label);
        let (gradient, head_part) = gradient.split_at_mut(HEAD);
        head_gradient(&trace.features, error, head_part);
        let pull: [f32; 2 * FILTERS] = std::array::from_fn(|feature| {
            weights[feature * CLASSES..].iter().zip(&error).map(|(weight, error)| weight * error).sum()
        });
        let (filters, biases) = gradient.split_at_mut(TAPS * FILTERS);
        let places = trace.maps.len() as f32;
        for (place, map) in trace.maps.iter().enumerate() {
            let pulls: [f32; FILTERS] = std::array::from_fn(|filter| {
                let peak = if trace.peaks[filter] == place { pull[FILTERS + filter] } else { 0.0 };
                if map[filter] > 0.0 { pull[filter] / places + peak } else { 0.0 }
            });
            biases.iter_mut().zip(&pulls).for_each(|(bias, pull)| *bias += pull);
            for (values, taps) in
                self.window(image, place).zip(filters.chunks_exact_mut(WINDOW * 3 * FILTERS))
            {
                for (value, taps) in values.iter().zip(taps.chunks_exact_mut(FILTERS)) {
                    for (tap, pull) in taps.iter_mut().zip(&pulls) {
                        *tap += value * pull;
                    }
                }
            }
        }
    }

    fn guess(&self, image: &[f32]) -> usize {
        largest(head(&self.weights[HEAD..], &self.trace(image).features))
    }
}

/// Inputs times weights plus bias.
fn head(weights: &[f32], inputs: &[f32]) -> [f32; CLASSES] {
    let (rows, bias) = weights.split_at(inputs.len() * CLASSES);
    let mut logits: [f32; CLASSES] = std::array::from_fn(|class| bias[class]);
    for (input, row) in inputs.iter().zip(rows.chunks_exact(CLASSES)) {
        for (logit, weight) in logits.iter_mut().zip(row) {
            *logit += input * weight;
        }
    }
    logits
}

fn head_gradient(inputs: &[f32], error: [f32; CLASSES], gradient: &mut [f32]) {
    for (input, row) in inputs.iter().chain(&[1.0]).zip(gradient.chunks_exact_mut(CLASSES)) {
        for (slot, error) in row.iter_mut().zip(error) {
            *slot += input * error;
        }
    }
}

/// Softmax minus one-hot: the gradient of the cross-entropy by the logits.
fn softmax_error(logits: [f32; CLASSES], label: usize) -> [f32; CLASSES] {
    let top = logits.iter().copied().fold(f32::MIN, f32::max);
    let powers = logits.map(|logit| (logit - top).exp());
    let sum: f32 = powers.iter().sum();
    std::array::from_fn(|class| powers[class] / sum - if class == label { 1.0 } else { 0.0 })
}

fn largest(logits: [f32; CLASSES]) -> usize {
    (1..CLASSES).fold(0, |best, class| if logits[class] > logits[best] { class } else { best })
}
