//! The oracle: every block computed naively in double precision, one obvious loop at a time, single-threaded. It exists
//! to be right and readable; nothing here is fast.

mod batch_norm;
mod buffers;
mod convolution;
mod deferred;
mod pool;

use crate::backend::{
    Backend, Backward, Blend, Classify, ClassifyBackward, Forward, Gradients, Normalise, Saved, SgdStep,
    Store,
};
use crate::{Addend, Block, BlockKind, Head, KernelError, Norm, Outcome};
use buffers::{gather, long_enough, scaled, scatter, store};
use convolution::stages;
use deferred::{block_input, measure, normalised};

/// The naive double-precision backend.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reference;

impl Backend for Reference {
    type Buffer = Vec<f64>;

    fn defers(&self) -> bool {
        true
    }

    fn zeros(&self, len: usize) -> Result<Vec<f64>, KernelError> {
        Ok(vec![0.0; len])
    }

    fn len(&self, buffer: &Vec<f64>) -> usize {
        buffer.len()
    }

    fn upload(&self, from: &[f32], to: &mut Vec<f64>) -> Result<(), KernelError> {
        long_enough("upload", to, from.len())?;
        for (to, from) in to.iter_mut().zip(from) {
            *to = f64::from(*from);
        }
        Ok(())
    }

    fn download(&self, from: &Vec<f64>, to: &mut [f32]) -> Result<(), KernelError> {
        long_enough("download", from, to.len())?;
        for (to, from) in to.iter_mut().zip(from) {
            *to = *from as f32;
        }
        Ok(())
    }

    fn forward(&self, block: &Block, n: usize, call: Forward<'_, Vec<f64>>) -> Result<(), KernelError> {
        let x = block_input(block, n, call.values, call.inputs, call.weights, call.deferred)?;
        let parameters = Parameters::of(block, call.weights, call.parameters)?;
        let z = linear(block, n, &x, &parameters);
        let [y_height, y_width] = block.output_size();
        let y = match call.normalise {
            Normalise::None => z,
            Normalise::Deferred { mean, variance } => {
                measure(&z, block.channels_out, mean, variance)?;
                return store(call.output, &z, Store::Write, "output");
            }
            Normalise::Batch { mean, variance, linear } => {
                let statistics = measure(&z, block.channels_out, mean, variance)?;
                store(linear, &z, Store::Write, "linear output")?;
                batch_norm::apply(&z, &statistics.mean, &statistics.variance, parameters.affine)
            }
            Normalise::Fixed { mean, variance } => {
                long_enough("running mean", mean, block.channels_out)?;
                long_enough("running variance", variance, block.channels_out)?;
                let (mean, variance) = (&mean[..block.channels_out], &variance[..block.channels_out]);
                batch_norm::apply(&z, mean, variance, parameters.affine)
            }
        };
        let y = scaled(y, call.sample_scale, y_height * y_width * block.channels_out);
        store(call.output, &y, call.store, "output")?;
        let Some(Addend { value, norm, sample_scale }) = call.addend else { return Ok(()) };
        long_enough("addend", &call.values[value], y.len())?;
        let addend =
            normalised(&call.values[value][..y.len()], block.channels_out, call.values, call.weights, &norm)?;
        store(call.output, &scaled(addend, sample_scale, block.output_len()), Store::Add, "output")
    }

    fn backward(&self, block: &Block, n: usize, call: Backward<'_, Vec<f64>>) -> Result<(), KernelError> {
        let x = block_input(block, n, call.values, call.inputs, call.weights, call.deferred)?;
        let parameters = Parameters::of(block, call.weights, call.parameters)?;
        let output_len = block.output_len();
        long_enough("output gradient", call.output_gradient, n * output_len)?;
        let dy = scaled(call.output_gradient[..n * output_len].to_vec(), call.sample_scale, output_len);
        let mut weight_gradients = Vec::new();
        let (dz, affine_gradients) = match call.saved {
            None => (dy, None),
            Some(Saved { mean, variance, linear, sums }) => {
                let channels = block.channels_out;
                let z = &linear[..n * output_len];
                let (mean, variance) = (&mean[..channels], &variance[..channels]);
                let sums = match sums {
                    Some(sums) => {
                        long_enough("gradient sums", sums, 2 * channels)?;
                        sums[..2 * channels].to_vec()
                    }
                    None => batch_norm::gradient_sums(&dy, z, mean),
                };
                let gradients = batch_norm::backward(z, mean, variance, parameters.affine, &dy, &sums);
                (gradients.input, parameters.affine.map(|_| [gradients.scale, gradients.shift]))
            }
        };
        let dx = linear_backward(block, n, &x, &parameters, &dz, &mut weight_gradients);
        weight_gradients.extend(affine_gradients.into_iter().flatten());
        let Gradients { buffers, stores } = call.weight_gradients;
        for ((gradient, &index), &how) in weight_gradients.iter().zip(call.parameters).zip(stores) {
            store(&mut buffers[index], gradient, how, "weight gradient")?;
        }
        match call.input_gradients {
            None => Ok(()),
            Some(Gradients { buffers, stores }) => {
                let gradients = Gradients { buffers: &mut *buffers, stores };
                scatter(&dx, &x, &block.channels_in, call.inputs, block.activation, gradients)?;
                for sums in call.sums {
                    let channels = block.channels_in[sums.input];
                    let len = n * block.height * block.width * channels;
                    let [mean, linear] = [sums.mean, sums.linear].map(|index| &call.values[index]);
                    long_enough("mean of gradient sums", mean, channels)?;
                    long_enough("linear output of gradient sums", linear, len)?;
                    let gradient = &buffers[call.inputs[sums.input]];
                    let made = batch_norm::gradient_sums(&gradient[..len], &linear[..len], &mean[..channels]);
                    store(&mut buffers[sums.to], &made, Store::Write, "gradient sums")?;
                }
                Ok(())
            }
        }
    }

    fn classify(&self, head: &Head, n: usize, call: Classify<'_, Vec<f64>>) -> Result<Outcome, KernelError> {
        let (channels, classes, pixels) = (head.total_in(), head.classes, head.height * head.width);
        let x = gather(&head.channels_in, pixels, n, call.values, call.inputs, head.activation)?;
        let [weight, bias] = call.parameters.map(|index| &call.weights[index]);
        let mut features = vec![0.0; n * channels];
        for (i, value) in x.iter().enumerate() {
            let (sample, channel) = (i / (pixels * channels), i % channels);
            features[sample * channels + channel] += value / pixels as f64;
        }
        let mut logits = vec![0.0; n * classes];
        for (i, logit) in logits.iter_mut().enumerate() {
            let (sample, class) = (i / classes, i % classes);
            *logit = bias[class];
            for channel in 0..channels {
                *logit += features[sample * channels + channel] * weight[channel * classes + class];
            }
        }
        let outcome = outcome(&logits, call.labels, classes, n)?;
        store(call.features, &features, Store::Write, "features")?;
        store(call.logits, &logits, Store::Write, "logits")?;
        Ok(outcome)
    }

    fn classify_backward(
        &self,
        head: &Head,
        n: usize,
        call: ClassifyBackward<'_, Vec<f64>>,
    ) -> Result<(), KernelError> {
        let (channels, classes, pixels) = (head.total_in(), head.classes, head.height * head.width);
        let x = gather(&head.channels_in, pixels, n, call.values, call.inputs, head.activation)?;
        let weight = &call.weights[call.parameters[0]];
        let mut d_weight = vec![0.0; channels * classes];
        let mut d_bias = vec![0.0; classes];
        let mut d_features = vec![0.0; n * channels];
        for sample in 0..n {
            let probabilities = softmax(&call.logits[sample * classes..][..classes]);
            for class in 0..classes {
                let is_label = f64::from(u8::from(call.labels[sample] as usize == class));
                let target = (1.0 - call.label_smoothing) * is_label + call.label_smoothing / classes as f64;
                let d_logit = (probabilities[class] - target) * call.loss_scale / n as f64;
                d_bias[class] += d_logit;
                for channel in 0..channels {
                    d_weight[channel * classes + class] +=
                        call.features[sample * channels + channel] * d_logit;
                    d_features[sample * channels + channel] += weight[channel * classes + class] * d_logit;
                }
            }
        }
        let Gradients { buffers, stores } = call.weight_gradients;
        for ((gradient, &index), &how) in [d_weight, d_bias].iter().zip(&call.parameters).zip(stores) {
            store(&mut buffers[index], gradient, how, "classifier gradient")?;
        }
        let dx: Vec<f64> = (0..x.len())
            .map(|i| d_features[i / (pixels * channels) * channels + i % channels] / pixels as f64)
            .collect();
        scatter(&dx, &x, &head.channels_in, call.inputs, head.activation, call.input_gradients)
    }

    fn clear(&self, buffer: &mut Vec<f64>, len: usize) -> Result<(), KernelError> {
        long_enough("clear", buffer, len)?;
        buffer[..len].fill(0.0);
        Ok(())
    }

    fn blend(&self, blends: Vec<Blend<'_, Vec<f64>>>) -> Result<(), KernelError> {
        for Blend { into, keep, from, add } in blends {
            long_enough("blend", from, into.len())?;
            for (into, from) in into.iter_mut().zip(from) {
                *into = if keep == 0.0 { add * from } else { keep * *into + add * from };
            }
        }
        Ok(())
    }

    fn squared_norm(&self, gradients: &[Vec<f64>], touched: &[usize]) -> Result<f64, KernelError> {
        Ok(touched.iter().flat_map(|&index| &gradients[index]).map(|g| g * g).sum())
    }

    fn sgd(
        &self,
        step: SgdStep,
        weights: &mut [Vec<f64>],
        velocities: &mut [Vec<f64>],
        gradients: &[Vec<f64>],
        touched: &[usize],
    ) -> Result<(), KernelError> {
        for &index in touched {
            let states = weights[index].iter_mut().zip(&mut velocities[index]);
            for ((w, v), g) in states.zip(&gradients[index]) {
                *v = step.momentum * *v + step.scale * g + step.weight_decay * *w;
                *w -= step.learning_rate * *v;
            }
        }
        Ok(())
    }
}

/// The weights of one block, apart: the linear stage's and the batch-norm's.
struct Parameters<'a> {
    linear: Vec<&'a [f64]>,
    affine: Option<[&'a [f64]; 2]>,
}

impl<'a> Parameters<'a> {
    fn of(block: &Block, weights: &'a [Vec<f64>], parameters: &[usize]) -> Result<Self, KernelError> {
        let lens = block.weight_lens();
        if parameters.len() != lens.len() {
            return Err(KernelError::Length {
                what: "weights of the block",
                expected: lens.len(),
                got: parameters.len(),
            });
        }
        let mut linear = Vec::new();
        for (&index, &len) in parameters.iter().zip(&lens) {
            long_enough("weight", &weights[index], len)?;
            linear.push(&weights[index][..len]);
        }
        let affine = (block.norm == Norm::Affine).then(|| {
            let shift = linear.pop().unwrap_or_default();
            [linear.pop().unwrap_or_default(), shift]
        });
        Ok(Self { linear, affine })
    }
}

fn linear(block: &Block, n: usize, x: &[f64], parameters: &Parameters<'_>) -> Vec<f64> {
    match block.kind {
        BlockKind::Identity => x.to_vec(),
        BlockKind::MaxPool { .. } | BlockKind::AveragePool { .. } => pool::forward(block, n, x),
        _ => {
            stages(block).iter().fold(x.to_vec(), |input, stage| stage.forward(n, &input, &parameters.linear))
        }
    }
}

/// Returns the gradient by the (activated) input and appends those by the linear stage's weights.
fn linear_backward(
    block: &Block,
    n: usize,
    x: &[f64],
    parameters: &Parameters<'_>,
    dz: &[f64],
    weight_gradients: &mut Vec<Vec<f64>>,
) -> Vec<f64> {
    match block.kind {
        BlockKind::Identity => dz.to_vec(),
        BlockKind::MaxPool { .. } | BlockKind::AveragePool { .. } => pool::backward(block, n, x, dz),
        _ => {
            weight_gradients.extend(parameters.linear.iter().map(|weight| vec![0.0; weight.len()]));
            let stages = stages(block);
            let mut inputs = vec![x.to_vec()];
            for stage in &stages[..stages.len() - 1] {
                inputs.push(stage.forward(n, inputs.last().map_or(x, |input| input), &parameters.linear));
            }
            stages.iter().zip(&inputs).rev().fold(dz.to_vec(), |dy, (stage, input)| {
                stage.backward(n, input, &parameters.linear, &dy, weight_gradients)
            })
        }
    }
}

fn softmax(logits: &[f64]) -> Vec<f64> {
    let max = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logits.iter().map(|logit| (logit - max).exp()).sum();
    logits.iter().map(|logit| (logit - max).exp() / sum).collect()
}

fn outcome(logits: &[f64], labels: &[u32], classes: usize, n: usize) -> Result<Outcome, KernelError> {
    if labels.len() < n {
        return Err(KernelError::Length { what: "labels", expected: n, got: labels.len() });
    }
    let mut outcome = Outcome { loss_sum: 0.0, correct: 0 };
    for (sample, &label) in labels[..n].iter().enumerate() {
        let class = label as usize;
        if class >= classes {
            return Err(KernelError::Label { sample, label, classes });
        }
        let row = &logits[sample * classes..][..classes];
        outcome.loss_sum -= softmax(row)[class].ln();
        let best = (0..classes).fold(0, |best, class| if row[class] > row[best] { class } else { best });
        outcome.correct += usize::from(best == class);
    }
    Ok(outcome)
}
