//! Runs one case on any backend: uploads the same numbers, calls forward and backward, downloads every result.

use kernels::{Backend, Backward, Forward, Gradients, Norm, Normalise, Precision, Saved, Store};

use crate::cases::{Case, Numbers};

/// A result by name.
pub type Results = Vec<(String, Vec<f32>)>;

/// Inputs, weights and gradients of a case, in single precision.
#[derive(Debug, Clone)]
pub struct Numbered {
    /// Per input buffer.
    pub inputs: Vec<Vec<f32>>,
    /// Per weight of the block.
    pub weights: Vec<Vec<f32>>,
    /// Gradient by the output.
    pub output_gradient: Vec<f32>,
    /// What results are added to.
    pub before: f32,
    /// Drop-path factors.
    pub sample_scale: Vec<f32>,
    /// Fixed mean and variance.
    pub statistics: [Vec<f32>; 2],
}

impl Numbered {
    /// Numbers for the case, from this stream.
    pub fn new(case: &Case, seed: u64) -> Self {
        let mut numbers = Numbers::new(seed);
        let Case { block, n, .. } = case;
        let pixels = block.height * block.width;
        let inputs = block.channels_in.iter().map(|&c| numbers.vec(n * pixels * c, 1.0, 0.1)).collect();
        let lens = block.weight_lens();
        let affine = if block.norm == Norm::Affine { 2 } else { 0 };
        let weights = lens
            .iter()
            .enumerate()
            .map(|(at, &len)| {
                if at + affine == lens.len() && affine == 2 {
                    numbers.vec(len, 0.5, 1.0)
                } else {
                    numbers.vec(len, 0.4, 0.0)
                }
            })
            .collect();
        Self {
            inputs,
            weights,
            output_gradient: numbers.vec(n * block.output_len(), 1.0, 0.05),
            before: 0.25,
            sample_scale: (0..*n).map(|sample| [1.25, 0.0, 2.0][sample % 3]).collect(),
            statistics: [
                numbers.vec(block.channels_out, 0.3, 0.0),
                numbers.vec(block.channels_out, 0.5, 1.0),
            ],
        }
    }
}

impl Numbered {
    /// What this precision makes of inputs, weights and gradients: so rounded, they are no source of errors.
    #[must_use]
    pub fn rounded(mut self, precision: Precision) -> Self {
        for values in self.inputs.iter_mut().chain(&mut self.weights).chain([&mut self.output_gradient]) {
            round(values, precision);
        }
        self
    }
}

/// What this precision makes of numbers.
pub(crate) fn round(values: &mut [f32], precision: Precision) {
    for value in values {
        *value = precision.round(*value);
    }
}

/// Elements that buffers have more than calls need.
pub(crate) const SPARE: usize = 3;

/// A buffer of these values; longer than needed, as the trait allows.
pub fn buffer<B: Backend>(backend: &B, values: &[f32]) -> B::Buffer {
    let mut buffer = backend.zeros(values.len() + SPARE).unwrap();
    backend.upload(values, &mut buffer).unwrap();
    buffer
}

/// The same for a feature map.
pub fn feature_map<B: Backend>(backend: &B, values: &[f32]) -> B::Buffer {
    let mut buffer = backend.feature_map(values.len() + SPARE).unwrap();
    backend.upload(values, &mut buffer).unwrap();
    buffer
}

/// All of a buffer, also what no call may touch.
pub fn values<B: Backend>(backend: &B, buffer: &B::Buffer) -> Vec<f32> {
    let mut values = vec![0.0; backend.len(buffer)];
    backend.download(buffer, &mut values).unwrap();
    values
}

/// Forward with batch statistics (or none) and backward, then forward with fixed statistics.
pub fn run<B: Backend>(backend: &B, case: &Case, numbers: &Numbered) -> Results {
    let Case { block, n, store, scaled } = case;
    let n = *n;
    block.check().unwrap();
    // Unused buffers stand in front, so that indices matter.
    let mut values_in = vec![B::Buffer::default()];
    values_in.extend(numbers.inputs.iter().map(|input| feature_map(backend, input)));
    let mut weights = vec![B::Buffer::default(), B::Buffer::default()];
    weights.extend(numbers.weights.iter().map(|weight| buffer(backend, weight)));
    let inputs: Vec<usize> = (1..values_in.len()).collect();
    let parameters: Vec<usize> = (2..weights.len()).collect();
    let scale = buffer(backend, &numbers.sample_scale);
    let sample_scale = scaled.then_some(&scale);
    let filled = |len: usize| buffer(backend, &vec![numbers.before; len]);
    let filled_map = |len: usize| feature_map(backend, &vec![numbers.before; len]);

    let mut output = filled_map(n * block.output_len());
    let mut mean = filled(block.channels_out);
    let mut variance = filled(block.channels_out);
    let mut linear = filled_map(n * block.output_len());
    let normalise = match block.norm {
        Norm::None => Normalise::None,
        Norm::Plain | Norm::Affine => {
            Normalise::Batch { mean: &mut mean, variance: &mut variance, linear: &mut linear }
        }
    };
    let call = Forward {
        values: &values_in,
        inputs: &inputs,
        deferred: &[],
        weights: &weights,
        parameters: &parameters,
        normalise,
        sample_scale,
        output: &mut output,
        store: *store,
        addend: None,
    };
    backend.forward(block, n, call).unwrap();

    let saved = || {
        let saved = Saved { mean: &mean, variance: &variance, linear: &linear, sums: None };
        (block.norm != Norm::None).then_some(saved)
    };
    let output_gradient = feature_map(backend, &numbers.output_gradient);
    let mut input_gradients = vec![B::Buffer::default()];
    input_gradients.extend(numbers.inputs.iter().map(|input| filled_map(input.len())));
    let mut weight_gradients = vec![B::Buffer::default(), B::Buffer::default()];
    weight_gradients.extend(numbers.weights.iter().map(|weight| filled(weight.len())));
    // Neighbouring buffers are stored in all pairs of ways.
    let stores = |len: usize, first: Store| -> Vec<Store> {
        let second = if first == Store::Write { Store::Add } else { Store::Write };
        [first, second, second, second].into_iter().cycle().take(len).collect()
    };
    let call = Backward {
        values: &values_in,
        inputs: &inputs,
        deferred: &[],
        weights: &weights,
        parameters: &parameters,
        saved: saved(),
        sample_scale,
        output_gradient: &output_gradient,
        input_gradients: Some(Gradients {
            buffers: &mut input_gradients,
            stores: &stores(inputs.len(), *store),
        }),
        sums: &[],
        weight_gradients: Gradients {
            buffers: &mut weight_gradients,
            stores: &stores(parameters.len(), *store),
        },
    };
    backend.backward(block, n, call).unwrap();

    let mut weights_only = vec![B::Buffer::default(), B::Buffer::default()];
    weights_only.extend(numbers.weights.iter().map(|weight| filled(weight.len())));
    let call = Backward {
        values: &values_in,
        inputs: &inputs,
        deferred: &[],
        weights: &weights,
        parameters: &parameters,
        saved: saved(),
        sample_scale,
        output_gradient: &output_gradient,
        input_gradients: None,
        sums: &[],
        weight_gradients: Gradients { buffers: &mut weights_only, stores: &stores(parameters.len(), *store) },
    };
    backend.backward(block, n, call).unwrap();

    let mut results = vec![("output".to_owned(), values(backend, &output))];
    if block.norm != Norm::None {
        results.push(("mean".to_owned(), values(backend, &mean)));
        results.push(("variance".to_owned(), values(backend, &variance)));
        results.push(("linear".to_owned(), values(backend, &linear)));
        results.push(("evaluated".to_owned(), evaluate(backend, case, numbers)));
    }
    for (at, gradient) in input_gradients[1..].iter().enumerate() {
        results.push((format!("gradient of input {at}"), values(backend, gradient)));
    }
    for (at, gradient) in weight_gradients[2..].iter().enumerate() {
        results.push((format!("gradient of weight {at}"), values(backend, gradient)));
    }
    for (at, gradient) in weights_only[2..].iter().enumerate() {
        results.push((format!("gradient of weight {at} alone"), values(backend, gradient)));
    }
    results
}

/// Output with fixed statistics.
fn evaluate<B: Backend>(backend: &B, case: &Case, numbers: &Numbered) -> Vec<f32> {
    let Case { block, n, store, scaled } = case;
    let inputs: Vec<B::Buffer> = numbers.inputs.iter().map(|input| feature_map(backend, input)).collect();
    let weights: Vec<B::Buffer> = numbers.weights.iter().map(|weight| buffer(backend, weight)).collect();
    let [mean, variance] = numbers.statistics.each_ref().map(|values| buffer(backend, values));
    let scale = buffer(backend, &numbers.sample_scale);
    let mut output = feature_map(backend, &vec![numbers.before; n * block.output_len()]);
    let call = Forward {
        values: &inputs,
        inputs: &(0..inputs.len()).collect::<Vec<_>>(),
        deferred: &[],
        weights: &weights,
        parameters: &(0..weights.len()).collect::<Vec<_>>(),
        normalise: Normalise::Fixed { mean: &mean, variance: &variance },
        sample_scale: scaled.then_some(&scale),
        output: &mut output,
        store: *store,
        addend: None,
    };
    backend.forward(block, *n, call).unwrap();
    values(backend, &output)
}
