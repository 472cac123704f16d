//! The reference's gradients against central finite differences of its own forward pass, in double precision.

use kernels::{
    Activation, Backend, Backward, Block, BlockKind, Forward, Gradients, Norm, Normalise, Reference, Saved,
    Store,
};

use kernel_suite::cases::{Numbers, keeps_channels, kinds};

const STEP: f64 = 1e-5;

/// A central difference is off by a third derivative times the step squared, and by rounding over the step.
const TOLERANCE: f64 = 1e-6;

/// Elements tried per buffer.
const TRIED: usize = 12;

struct Problem {
    block: Block,
    n: usize,
    inputs: Vec<Vec<f64>>,
    weights: Vec<Vec<f64>>,
    sample_scale: Vec<f64>,
    /// The loss is the sum of the outputs times these.
    projection: Vec<f64>,
}

/// Distinct values in random order, all away from zero and from each other: no step crosses a kink.
fn apart(numbers: &mut Numbers, len: usize) -> Vec<f64> {
    let mut order: Vec<(f32, usize)> = (0..len).map(|at| (numbers.draw(), at)).collect();
    order.sort_by(|a, b| a.partial_cmp(b).unwrap());
    order.iter().map(|&(_, rank)| (rank as f64 + 0.3) / len as f64 * 2.0 - 1.0).collect()
}

fn wide(numbers: &mut Numbers, len: usize, scale: f32, shift: f32) -> Vec<f64> {
    numbers.vec(len, scale, shift).into_iter().map(f64::from).collect()
}

impl Problem {
    fn new(block: Block, n: usize, seed: u64) -> Self {
        let mut numbers = Numbers::new(seed);
        let pixels = block.height * block.width;
        let inputs = block.channels_in.iter().map(|&c| apart(&mut numbers, n * pixels * c)).collect();
        let weights = block.weight_lens().iter().map(|&len| wide(&mut numbers, len, 0.5, 0.2)).collect();
        let sample_scale = wide(&mut numbers, n, 0.5, 1.0);
        let projection = wide(&mut numbers, n * block.output_len(), 1.0, 0.0);
        Self { block, n, inputs, weights, sample_scale, projection }
    }

    /// Saved statistics, linear output, and the loss.
    fn forward(&self) -> ([Vec<f64>; 3], f64) {
        let len = self.n * self.block.output_len();
        let channels = self.block.channels_out;
        let [mut mean, mut variance, mut linear] = [vec![0.0; channels], vec![0.0; channels], vec![0.0; len]];
        let mut output = vec![0.0; len];
        let normalise = match self.block.norm {
            Norm::None => Normalise::None,
            Norm::Plain | Norm::Affine => {
                Normalise::Batch { mean: &mut mean, variance: &mut variance, linear: &mut linear }
            }
        };
        let call = Forward {
            values: &self.inputs,
            inputs: &(0..self.inputs.len()).collect::<Vec<_>>(),
            deferred: &[],
            weights: &self.weights,
            parameters: &(0..self.weights.len()).collect::<Vec<_>>(),
            normalise,
            sample_scale: Some(&self.sample_scale),
            output: &mut output,
            store: Store::Write,
            addend: None,
        };
        Reference.forward(&self.block, self.n, call).unwrap();
        let loss = output.iter().zip(&self.projection).map(|(value, factor)| value * factor).sum();
        ([mean, variance, linear], loss)
    }

    /// Gradients by the inputs, then by the weights.
    fn backward(&self, [mean, variance, linear]: &[Vec<f64>; 3]) -> [Vec<Vec<f64>>; 2] {
        let zeros = |like: &[Vec<f64>]| like.iter().map(|buffer| vec![0.0; buffer.len()]).collect::<Vec<_>>();
        let [mut input_gradients, mut weight_gradients] = [zeros(&self.inputs), zeros(&self.weights)];
        let call = Backward {
            values: &self.inputs,
            inputs: &(0..self.inputs.len()).collect::<Vec<_>>(),
            deferred: &[],
            weights: &self.weights,
            parameters: &(0..self.weights.len()).collect::<Vec<_>>(),
            saved: (self.block.norm != Norm::None).then_some(Saved { mean, variance, linear, sums: None }),
            sample_scale: Some(&self.sample_scale),
            output_gradient: &self.projection,
            input_gradients: Some(Gradients {
                buffers: &mut input_gradients,
                stores: &vec![Store::Write; self.inputs.len()],
            }),
            sums: &[],
            weight_gradients: Gradients {
                buffers: &mut weight_gradients,
                stores: &vec![Store::Write; self.weights.len()],
            },
        };
        Reference.backward(&self.block, self.n, call).unwrap();
        [input_gradients, weight_gradients]
    }

    fn buffer(&mut self, group: usize, at: usize) -> &mut Vec<f64> {
        if group == 0 { &mut self.inputs[at] } else { &mut self.weights[at] }
    }

    fn check(&mut self) {
        let (saved, _) = self.forward();
        let gradients = self.backward(&saved);
        let mut numbers = Numbers::new(7);
        for (group, buffers) in gradients.iter().enumerate() {
            for (at, gradient) in buffers.iter().enumerate() {
                let size = gradient.iter().fold(1.0f64, |size, value| size.max(value.abs()));
                for _ in 0..TRIED {
                    let element = (numbers.draw().abs() * gradient.len() as f32) as usize % gradient.len();
                    let before = self.buffer(group, at)[element];
                    self.buffer(group, at)[element] = before + STEP;
                    let (_, above) = self.forward();
                    self.buffer(group, at)[element] = before - STEP;
                    let (_, below) = self.forward();
                    self.buffer(group, at)[element] = before;
                    let difference = (above - below) / (2.0 * STEP);
                    let error = (difference - gradient[element]).abs() / size;
                    let name = ["input", "weight"][group];
                    assert!(
                        error <= TOLERANCE,
                        "{name} {at}[{element}] of {:?}: difference {difference}, gradient {}",
                        self.block,
                        gradient[element],
                    );
                }
            }
        }
    }
}

#[test]
fn the_reference_has_the_gradients_of_its_own_forward_pass() {
    let mut seed = 0;
    for (kind, [height, width]) in kinds() {
        // The two large sizes exercise tiling, which the reference does not have.
        let (height, width) = if height >= 16 { (4, 6) } else { (height, width) };
        for norm in [Norm::None, Norm::Plain, Norm::Affine] {
            for activation in [Activation::None, Activation::Relu] {
                seed += 1;
                let channels_out = if keeps_channels(kind) { 5 } else { 4 };
                let channels_in = vec![3, 2];
                let block = Block { kind, activation, norm, height, width, channels_in, channels_out };
                block.check().unwrap();
                Problem::new(block, 2, seed).check();
            }
        }
    }
}

#[test]
fn a_wrong_gradient_would_be_noticed() {
    let block = Block {
        kind: BlockKind::Pointwise,
        activation: Activation::None,
        norm: Norm::None,
        height: 2,
        width: 2,
        channels_in: vec![2],
        channels_out: 2,
    };
    let mut problem = Problem::new(block, 1, 1);
    let (saved, _) = problem.forward();
    let [inputs, _] = problem.backward(&saved);
    problem.weights[0][0] += 0.01;
    let [changed, _] = problem.backward(&saved);
    let largest = inputs[0].iter().zip(&changed[0]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(largest > 100.0 * TOLERANCE, "{largest}");
}
