//! Batch-norms left to readers, addends, and sums made for others, against the same backend applying each batch-norm where it is
//! measured (which [`crate::agreement`] compares with the reference): a chain of blocks with one batch-norm in front of every
//! input of a case and one beside its output.

use kernels::{
    Activation, Addend, Backend, Backward, Block, BlockKind, Deferred, Forward, GradientSums, Gradients,
    KernelError, Norm, Normalise, Saved, Store,
};

use crate::cases::{Case, Numbers, all};
use crate::compare::{TOLERANCE, largest_error_within};
use crate::deferral_errors;
use crate::run::{Numbered, Results, buffer, values};

/// What each element adds to the tolerance: where one batch-norm's gradient goes through another, sums of many elements cancel,
/// and of what is left their order shows.
const PER_ELEMENT: f32 = 1e-6;

/// Runs cases number `first`, `first + step` and so on. A backend that does not defer must say so.
pub fn check<B: Backend>(backend: &B, first: usize, step: usize) -> Result<f32, String> {
    if !backend.defers() {
        return deferral_errors::refusals(backend).map(|()| 0.0);
    }
    let mut worst = 0.0f32;
    for (at, case) in all().into_iter().enumerate().skip(first).step_by(step) {
        let numbers = apart(&case, at as u64);
        let expected = chain(backend, &case, &numbers, false).map_err(|error| error.to_string())?;
        let got = chain(backend, &case, &numbers, true).map_err(|error| error.to_string())?;
        let elements = case.n * case.block.height * case.block.width;
        let tolerance = TOLERANCE + PER_ELEMENT * elements as f32;
        worst = worst.max(largest_error_within(tolerance, &got, &expected, &case)?);
    }
    Ok(worst)
}

/// Numbers whose normalised inputs are far from zero, where a rounding error would switch a rectifier, and either equal or far
/// from each other, where it would change which of them is largest.
fn apart(case: &Case, seed: u64) -> Numbered {
    let mut numbers = Numbered::new(case, seed);
    for value in numbers.inputs.iter_mut().flatten() {
        *value = value.signum() * (0.5 + (value.abs() * 512.0).floor() / 1024.0);
    }
    numbers
}

/// A batch-norm by itself, and where its buffers are.
struct Front {
    block: Block,
    /// Whether it is left to others; its linear output is its output then.
    defers: bool,
    /// Among the values: what it reads, its statistics, its linear output and its output.
    raw: usize,
    statistics: [usize; 2],
    linear: usize,
    output: usize,
    /// Among the weights.
    parameters: Vec<usize>,
}

impl Front {
    fn norm(&self) -> Deferred {
        let learned = match self.parameters.as_slice() {
            &[scale, shift] => Some([scale, shift]),
            _ => None,
        };
        Deferred { statistics: self.statistics, learned }
    }
}

/// All buffers of a chain.
struct Chain<'a, B: Backend> {
    backend: &'a B,
    n: usize,
    values: Vec<B::Buffer>,
    weights: Vec<B::Buffer>,
    draws: Numbers,
}

impl<B: Backend> Chain<'_, B> {
    fn value(&mut self, numbers: &[f32]) -> usize {
        self.values.push(buffer(self.backend, numbers));
        self.values.len() - 1
    }

    /// A batch-norm of these numbers, not run yet.
    fn front(
        &mut self,
        raw: &[f32],
        [height, width, channels]: [usize; 3],
        norm: Norm,
        defers: bool,
    ) -> Front {
        let block = Block {
            kind: BlockKind::Identity,
            activation: Activation::None,
            norm,
            height,
            width,
            channels_in: vec![channels],
            channels_out: channels,
        };
        let zeros = vec![0.0; raw.len()];
        let [raw, output] = [raw, &zeros].map(|numbers| self.value(numbers));
        let linear = if defers { output } else { self.value(&zeros) };
        let statistics = [0, 1].map(|_| self.value(&zeros[..channels]));
        let first = self.weights.len();
        if norm == Norm::Affine {
            for (spread, around) in [(0.2, 1.0), (0.1, 0.0)] {
                let numbers = self.draws.vec(channels, spread, around);
                self.weights.push(buffer(self.backend, &numbers));
            }
        }
        let parameters = (first..self.weights.len()).collect();
        Front { block, defers, raw, statistics, linear, output, parameters }
    }

    /// Runs a batch-norm, into `output` instead of its own buffer if there is one.
    fn run(
        &mut self,
        front: &Front,
        output: Option<(&mut B::Buffer, Option<&B::Buffer>)>,
    ) -> Result<(), KernelError> {
        let mut own = std::mem::take(&mut self.values[front.output]);
        let [mut mean, mut variance] = front.statistics.map(|at| std::mem::take(&mut self.values[at]));
        let mut linear = std::mem::take(&mut self.values[front.linear]);
        let normalise = if front.defers {
            Normalise::Deferred { mean: &mut mean, variance: &mut variance }
        } else {
            Normalise::Batch { mean: &mut mean, variance: &mut variance, linear: &mut linear }
        };
        let store = if output.is_some() { Store::Add } else { Store::Write };
        let (output, sample_scale) = output.unwrap_or((&mut own, None));
        let call = Forward {
            values: &self.values,
            inputs: &[front.raw],
            deferred: &[],
            weights: &self.weights,
            parameters: &front.parameters,
            normalise,
            sample_scale,
            output,
            store,
            addend: None,
        };
        self.backend.forward(&front.block, self.n, call)?;
        self.values[front.linear] = linear;
        self.values[front.output] = own;
        for (at, buffer) in front.statistics.into_iter().zip([mean, variance]) {
            self.values[at] = buffer;
        }
        Ok(())
    }
}

/// Batch-norms in front of a case's inputs and one beside its output, the case itself, and all of it backwards.
fn chain<B: Backend>(
    backend: &B,
    case: &Case,
    numbers: &Numbered,
    defers: bool,
) -> Result<Results, KernelError> {
    let Case { block, n, store, scaled } = case;
    let n = *n;
    let mut chain = Chain {
        backend,
        n,
        values: vec![B::Buffer::default()],
        weights: vec![B::Buffer::default()],
        draws: Numbers::new(7),
    };
    let mut fronts = Vec::new();
    for (at, (input, &channels)) in numbers.inputs.iter().zip(&block.channels_in).enumerate() {
        let norm = [Norm::Affine, Norm::Plain][at % 2];
        // Some inputs of a block need nothing more where others do.
        let defers = defers && (at + n) % 3 != 2;
        let front = chain.front(input, [block.height, block.width, channels], norm, defers);
        chain.run(&front, None)?;
        fronts.push(front);
    }
    let raw = chain.draws.vec(n * block.output_len(), 1.0, 0.3);
    let [height, width] = block.output_size();
    let beside = chain.front(&raw, [height, width, block.channels_out], Norm::Affine, defers);
    if defers {
        chain.run(&beside, None)?;
    }

    let first = chain.weights.len();
    chain.weights.extend(numbers.weights.iter().map(|weight| buffer(backend, weight)));
    let parameters: Vec<usize> = (first..chain.weights.len()).collect();
    let inputs: Vec<usize> = fronts.iter().map(|front| front.output).collect();
    let deferred: Vec<_> = fronts.iter().map(|front| front.defers.then(|| front.norm())).collect();
    let deferred = if defers { deferred.as_slice() } else { &[] };
    let scale = buffer(backend, &numbers.sample_scale);
    let sample_scale = scaled.then_some(&scale);
    let filled = |len: usize| buffer(backend, &vec![numbers.before; len]);
    let [mut output, mut linear] = [0, 1].map(|_| filled(n * block.output_len()));
    let [mut mean, mut variance] = [0, 1].map(|_| filled(block.channels_out));
    let forward = |chain: &Chain<'_, B>, normalise, output: &mut B::Buffer, addend| {
        let call = Forward {
            values: &chain.values,
            inputs: &inputs,
            deferred,
            weights: &chain.weights,
            parameters: &parameters,
            normalise,
            sample_scale,
            output,
            store: *store,
            addend,
        };
        backend.forward(block, n, call)
    };
    let normalise = match block.norm {
        Norm::None => Normalise::None,
        Norm::Plain | Norm::Affine => {
            Normalise::Batch { mean: &mut mean, variance: &mut variance, linear: &mut linear }
        }
    };
    let addend = defers.then(|| Addend { value: beside.output, norm: beside.norm(), sample_scale });
    forward(&chain, normalise, &mut output, addend)?;
    if !defers {
        chain.run(&beside, Some((&mut output, sample_scale)))?;
    }
    let mut results = vec![("output".to_owned(), values(backend, &output))];
    if block.norm != Norm::None {
        let [mut mean, mut variance] = [0, 1].map(|_| filled(block.channels_out));
        let mut left = filled(n * block.output_len());
        if defers {
            let normalise = Normalise::Deferred { mean: &mut mean, variance: &mut variance };
            forward(&chain, normalise, &mut left, None)?;
        }
        results
            .push(("output left linear".to_owned(), values(backend, if defers { &left } else { &linear })));
    }

    let Chain { values: values_in, weights, .. } = &chain;
    let mut gradients: Vec<B::Buffer> = values_in.iter().map(|_| B::Buffer::default()).collect();
    let mut sums = Vec::new();
    for (input, front) in fronts.iter().enumerate() {
        gradients[front.output] = filled(numbers.inputs[input].len());
        gradients.push(backend.zeros(2 * front.block.channels_out)?);
        let (linear, mean) = (front.linear, front.statistics[0]);
        sums.push(GradientSums { input, linear, mean, to: gradients.len() - 1 });
    }
    // A sum of two outputs asks twice of the same gradient.
    gradients.push(backend.zeros(2 * fronts[0].block.channels_out)?);
    sums.push(GradientSums { linear: fronts[0].raw, to: gradients.len() - 1, ..sums[0] });
    let mut weight_gradients: Vec<B::Buffer> =
        weights.iter().map(|weight| filled(backend.len(weight).saturating_sub(3))).collect();
    let stores: Vec<Store> =
        [Store::Add, Store::Write, Store::Write, Store::Write].into_iter().cycle().take(8).collect();
    let saved = Saved { mean: &mean, variance: &variance, linear: &linear, sums: None };
    let call = Backward {
        values: values_in,
        inputs: &inputs,
        deferred,
        weights,
        parameters: &parameters,
        saved: (block.norm != Norm::None).then_some(saved),
        sample_scale,
        output_gradient: &buffer(backend, &numbers.output_gradient),
        input_gradients: Some(Gradients { buffers: &mut gradients, stores: &stores[..inputs.len()] }),
        sums: if defers { &sums } else { &[] },
        weight_gradients: Gradients { buffers: &mut weight_gradients, stores: &stores[..parameters.len()] },
    };
    backend.backward(block, n, call)?;
    for (at, (front, sums)) in fronts.iter().zip(&sums).enumerate() {
        let [mean, variance] = front.statistics.map(|at| &values_in[at]);
        let mut raw_gradients: Vec<B::Buffer> = values_in.iter().map(|_| B::Buffer::default()).collect();
        raw_gradients[front.raw] = filled(numbers.inputs[at].len());
        let call = Backward {
            values: values_in,
            inputs: &[front.raw],
            deferred: &[],
            weights,
            parameters: &front.parameters,
            saved: Some(Saved {
                mean,
                variance,
                linear: &values_in[front.linear],
                sums: defers.then(|| &gradients[sums.to]),
            }),
            sample_scale: None,
            output_gradient: &gradients[front.output],
            input_gradients: Some(Gradients { buffers: &mut raw_gradients, stores: &[Store::Write] }),
            sums: &[],
            weight_gradients: Gradients {
                buffers: &mut weight_gradients,
                stores: &stores[..front.parameters.len()],
            },
        };
        backend.backward(&front.block, n, call)?;
        results.push((format!("gradient of input {at}"), values(backend, &gradients[front.output])));
        results
            .push((format!("gradient through batch-norm {at}"), values(backend, &raw_gradients[front.raw])));
    }
    for (at, asked) in sums.iter().enumerate() {
        let made = if defers {
            values(backend, &gradients[asked.to])
        } else {
            sum(backend, &gradients[inputs[asked.input]], [asked.linear, asked.mean].map(|at| &values_in[at]))
        };
        results.push((format!("gradient sums {at}"), made));
    }
    for (at, gradient) in weight_gradients.iter().enumerate().skip(1) {
        results.push((format!("gradient of weight {at}"), values(backend, gradient)));
    }
    Ok(results)
}

/// The two sums of a gradient, given the linear output and its mean; each buffer is three elements longer than its contents.
fn sum<B: Backend>(backend: &B, gradient: &B::Buffer, [linear, mean]: [&B::Buffer; 2]) -> Vec<f32> {
    let [gradient, linear, mean] = [gradient, linear, mean].map(|buffer| {
        let mut values = values(backend, buffer);
        values.truncate(values.len() - 3);
        values
    });
    let channels = mean.len();
    let mut sums = vec![0.0; 2 * channels];
    for (at, (gradient, linear)) in gradient.iter().zip(&linear).enumerate() {
        sums[at % channels] += f64::from(*gradient);
        sums[channels + at % channels] +=
            f64::from(*gradient) * (f64::from(*linear) - f64::from(mean[at % channels]));
    }
    sums.into_iter().map(|sum| sum as f32).collect()
}
