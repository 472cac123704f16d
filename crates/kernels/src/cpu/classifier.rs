//! Global average pool, linear layer and cross-entropy, and their gradients. The matrices are tiny: the pool and its
//! gradient run in parallel over chunks of samples, the rest in one thread and double precision.

use rayon::prelude::*;

use super::CpuBuffer;
use super::call::{chunk_images, input_buffers, is_relu, listed, slice, slice_mut, with_buffers};
use super::scratch::{Workspace, filled};
use crate::{Classify, ClassifyBackward, Gradients, Head, KernelError, Outcome, Store};

/// `Backend::classify`.
pub(super) fn classify(head: &Head, n: usize, call: Classify<'_, CpuBuffer>) -> Result<Outcome, KernelError> {
    let Classify { values, inputs, weights, parameters, labels, features, logits } = call;
    let (channels, classes, pixels) = (head.total_in(), head.classes, head.height * head.width);
    let buffers = input_buffers(&head.channels_in, pixels, n, values, inputs)?;
    let [weight, bias] = parameters.map(|index| &weights[index]);
    let weight = slice(weight, channels * classes, "classifier weight")?;
    let bias = slice(bias, classes, "classifier bias")?;
    check_labels(labels, n, classes)?;
    let features = slice_mut(features, n * channels, "features")?;
    let logits = slice_mut(logits, n * classes, "logits")?;
    let relu = is_relu(head.activation);
    features.par_chunks_exact_mut(channels).enumerate().for_each(|(sample, features)| {
        let mut first = 0;
        for (buffer, &width) in buffers.iter().zip(&head.channels_in) {
            let features = &mut features[first..first + width];
            features.fill(0.0);
            for pixel in buffer[sample * pixels * width..][..pixels * width].chunks_exact(width) {
                for (sum, &value) in features.iter_mut().zip(pixel) {
                    *sum += if relu && value < 0.0 { 0.0 } else { value };
                }
            }
            for sum in features {
                *sum /= pixels as f32;
            }
            first += width;
        }
    });
    for (features, logits) in features.chunks_exact(channels).zip(logits.chunks_exact_mut(classes)) {
        logits.copy_from_slice(bias);
        for (&feature, weight) in features.iter().zip(weight.chunks_exact(classes)) {
            for (logit, &weight) in logits.iter_mut().zip(weight) {
                *logit += feature * weight;
            }
        }
    }
    let mut outcome = Outcome { loss_sum: 0.0, correct: 0 };
    for (logits, &label) in logits.chunks_exact(classes).zip(labels) {
        let label = label as usize;
        outcome.loss_sum += log_sum(logits) - f64::from(logits[label]);
        let best =
            (0..classes).fold(0, |best, class| if logits[class] > logits[best] { class } else { best });
        outcome.correct += usize::from(best == label);
    }
    Ok(outcome)
}

/// `Backend::classify_backward`.
pub(super) fn classify_backward(
    workspace: &mut Workspace,
    head: &Head,
    n: usize,
    call: ClassifyBackward<'_, CpuBuffer>,
) -> Result<(), KernelError> {
    let (channels, classes, pixels) = (head.total_in(), head.classes, head.height * head.width);
    let buffers = input_buffers(&head.channels_in, pixels, n, call.values, call.inputs)?;
    let weight = slice(&call.weights[call.parameters[0]], channels * classes, "classifier weight")?;
    check_labels(call.labels, n, classes)?;
    let features = slice(call.features, n * channels, "features")?;
    let logits = slice(call.logits, n * classes, "logits")?;
    let Workspace { packed: d_features, sums, partial: d_logits, .. } = workspace;
    let d_features = filled(d_features, n * channels, 0.0);
    let d_logits = filled(d_logits, n * classes, 0.0);
    let spread = call.label_smoothing / classes as f64;
    for (sample, (d_logits, logits)) in
        d_logits.chunks_exact_mut(classes).zip(logits.chunks_exact(classes)).enumerate()
    {
        let log_sum = log_sum(logits);
        for (class, (d_logit, &logit)) in d_logits.iter_mut().zip(logits).enumerate() {
            let is_label = call.labels[sample] as usize == class;
            let target = if is_label { 1.0 - call.label_smoothing + spread } else { spread };
            *d_logit = (((f64::from(logit) - log_sum).exp() - target) * call.loss_scale / n as f64) as f32;
        }
    }
    let Gradients { buffers: weight_gradients, stores } = call.weight_gradients;
    listed(stores.len(), 2, "stores of the classifier gradients")?;
    let sums = filled(sums, (channels + 1) * classes, 0.0);
    let (weight_sums, bias_sums) = sums.split_at_mut(channels * classes);
    for (features, d_logits) in features.chunks_exact(channels).zip(d_logits.chunks_exact(classes)) {
        for (&feature, sums) in features.iter().zip(weight_sums.chunks_exact_mut(classes)) {
            add_products(sums, d_logits, feature);
        }
        add_products(bias_sums, d_logits, 1.0);
    }
    for ((sums, &index), &store) in [weight_sums, bias_sums].iter().zip(&call.parameters).zip(stores) {
        let to = slice_mut(&mut weight_gradients[index], sums.len(), "classifier gradient")?;
        for (to, &sum) in to.iter_mut().zip(sums.iter()) {
            match store {
                Store::Write => *to = sum as f32,
                Store::Add => *to += sum as f32,
            }
        }
    }
    for (d_features, d_logits) in d_features.chunks_exact_mut(channels).zip(d_logits.chunks_exact(classes)) {
        for (d_feature, weight) in d_features.iter_mut().zip(weight.chunks_exact(classes)) {
            let sum: f32 = weight.iter().zip(d_logits).map(|(weight, d_logit)| weight * d_logit).sum();
            *d_feature = sum / pixels as f32;
        }
    }
    let d_features = &*d_features;
    let relu = is_relu(head.activation);
    let Gradients { buffers: input_gradients, stores } = call.input_gradients;
    listed(stores.len(), call.inputs.len(), "stores of the input gradients")?;
    with_buffers(input_gradients, call.inputs, |gradients| {
        let mut first = 0;
        for (input, (gradient, &width)) in gradients.iter_mut().zip(&head.channels_in).enumerate() {
            let gradient = slice_mut(gradient, n * pixels * width, "input gradient")?;
            let store = stores[input];
            gradient
                .par_chunks_mut(pixels * width)
                .with_min_len(chunk_images(n))
                .zip(buffers[input].par_chunks(pixels * width))
                .enumerate()
                .for_each(|(sample, (to, values))| {
                    let share = &d_features[sample * channels + first..][..width];
                    for (to, values) in to.chunks_exact_mut(width).zip(values.chunks_exact(width)) {
                        for ((to, &value), &share) in to.iter_mut().zip(values).zip(share) {
                            let share = if relu && value <= 0.0 { 0.0 } else { share };
                            match store {
                                Store::Write => *to = share,
                                Store::Add => *to += share,
                            }
                        }
                    }
                });
            first += width;
        }
        Ok(())
    })
}

/// `sums += values * factor`.
fn add_products(sums: &mut [f64], values: &[f32], factor: f32) {
    for (sum, &value) in sums.iter_mut().zip(values) {
        *sum += f64::from(value * factor);
    }
}

/// `ln(sum(exp(logits)))`; NaN where a logit is.
fn log_sum(logits: &[f32]) -> f64 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let largest = f64::from(largest);
    largest + logits.iter().map(|&logit| (f64::from(logit) - largest).exp()).sum::<f64>().ln()
}

fn check_labels(labels: &[u32], n: usize, classes: usize) -> Result<(), KernelError> {
    listed_at_least(labels.len(), n)?;
    match labels[..n].iter().position(|&label| label as usize >= classes) {
        Some(sample) => Err(KernelError::Label { sample, label: labels[sample], classes }),
        None => Ok(()),
    }
}

fn listed_at_least(got: usize, n: usize) -> Result<(), KernelError> {
    if got < n { Err(KernelError::Length { what: "labels", expected: n, got }) } else { Ok(()) }
}
