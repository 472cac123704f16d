//! Calls that cannot be answered say which buffer is too short, and change nothing.

use kernels::{
    Activation, Backend, Backward, Blend, Block, BlockKind, CudaError, Forward, Gradients, KernelError, Norm,
    Normalise, Precision, Saved, Store,
};

use crate::run::values;

/// A block with every kind of buffer.
pub fn block() -> Block {
    Block {
        kind: BlockKind::DepthwisePointwise { kernel: 3, stride: 1, dilation: 1 },
        activation: Activation::Relu,
        norm: Norm::Plain,
        height: 4,
        width: 4,
        channels_in: vec![2, 3],
        channels_out: 6,
    }
}

/// Buffer lengths of a forward and backward call on two samples, as the block needs them.
#[derive(Clone)]
struct Lens {
    inputs: [usize; 2],
    weights: [usize; 2],
    statistics: [usize; 2],
    output: usize,
    sample_scale: usize,
}

const RIGHT: Lens =
    Lens { inputs: [64, 96], weights: [45, 30], statistics: [6, 6], output: 192, sample_scale: 2 };

/// Refusals of short buffers, of an input named twice, of lists of the wrong length, and of buffers in another precision.
pub fn check<B: Backend>(backend: &B) -> Result<(), String> {
    every_short_buffer_is_named(backend)?;
    an_input_named_twice_has_no_gradient(backend)?;
    the_wrong_number_of_inputs_or_weights_is_an_error(backend)?;
    a_buffer_of_another_precision_is_refused(backend)
}

/// A feature map of exactly this length.
fn map_of<B: Backend>(backend: &B, value: f32, len: usize) -> B::Buffer {
    let mut map = backend.feature_map(len).unwrap();
    backend.upload(&vec![value; len], &mut map).unwrap();
    map
}

/// A buffer of exactly this length.
fn of<B: Backend>(backend: &B, value: f32, len: usize) -> B::Buffer {
    let mut buffer = backend.zeros(len).unwrap();
    backend.upload(&vec![value; len], &mut buffer).unwrap();
    buffer
}

fn forward<B: Backend>(backend: &B, lens: &Lens) -> Result<(), KernelError> {
    let zeros = |len| of(backend, 0.0, len);
    let ones = |len| of(backend, 1.0, len);
    let map = |value, len| map_of(backend, value, len);
    let [mut mean, mut variance] = lens.statistics.map(zeros);
    let call = Forward {
        values: &lens.inputs.map(|len| map(1.0, len)),
        inputs: &[0, 1],
        deferred: &[],
        weights: &lens.weights.map(ones),
        parameters: &[0, 1],
        normalise: Normalise::Batch { mean: &mut mean, variance: &mut variance, linear: &mut map(0.0, 192) },
        sample_scale: Some(&ones(lens.sample_scale)),
        output: &mut map(0.0, lens.output),
        store: Store::Write,
        addend: None,
    };
    backend.forward(&block(), 2, call)
}

/// The answer, and the gradients by the inputs afterwards.
fn backward<B: Backend>(backend: &B, lens: &Lens) -> (Result<(), KernelError>, Vec<Vec<f32>>) {
    let of = |value, len| of(backend, value, len);
    let map = |value, len| map_of(backend, value, len);
    let mut input_gradients = lens.inputs.map(|len| map(0.5, len));
    let call = Backward {
        values: &[map(1.0, 64), map(1.0, 96)],
        inputs: &[0, 1],
        deferred: &[],
        weights: &[of(1.0, 45), of(1.0, 30)],
        parameters: &[0, 1],
        saved: Some(Saved {
            mean: &of(0.0, lens.statistics[0]),
            variance: &of(1.0, lens.statistics[1]),
            linear: &map(0.0, lens.output),
            sums: None,
        }),
        sample_scale: Some(&of(1.0, lens.sample_scale)),
        output_gradient: &map(1.0, 192),
        input_gradients: Some(Gradients { buffers: &mut input_gradients, stores: &[Store::Write; 2] }),
        sums: &[],
        weight_gradients: Gradients {
            buffers: &mut lens.weights.map(|len| of(0.0, len)),
            stores: &[Store::Write; 2],
        },
    };
    let result = backend.backward(&block(), 2, call);
    (result, input_gradients.iter().map(|gradient| values(backend, gradient)).collect())
}

/// Each buffer in turn is one element too short.
fn shortened() -> Vec<(Lens, usize)> {
    let mut all = Vec::new();
    let mut change = |edit: &dyn Fn(&mut Lens) -> &mut usize| {
        let mut lens = RIGHT.clone();
        let len = edit(&mut lens);
        *len -= 1;
        let got = *len;
        all.push((lens, got));
    };
    for at in 0..2 {
        change(&|lens| &mut lens.inputs[at]);
        change(&|lens| &mut lens.weights[at]);
        change(&|lens| &mut lens.statistics[at]);
    }
    change(&|lens| &mut lens.output);
    change(&|lens| &mut lens.sample_scale);
    all
}

fn every_short_buffer_is_named<B: Backend>(backend: &B) -> Result<(), String> {
    forward(backend, &RIGHT).map_err(|error| error.to_string())?;
    backward(backend, &RIGHT).0.map_err(|error| error.to_string())?;
    for (lens, short) in shortened() {
        let (result, gradients) = backward(backend, &lens);
        for result in [forward(backend, &lens), result] {
            match result {
                Err(KernelError::Length { expected, got, .. }) if got == short && expected == short + 1 => {}
                other => return Err(format!("a buffer of {short} elements, one too few, gave {other:?}")),
            }
        }
        if gradients.iter().flatten().any(|&value| value != 0.5) {
            return Err("a refused call changed a gradient".to_owned());
        }
    }
    Ok(())
}

fn an_input_named_twice_has_no_gradient<B: Backend>(backend: &B) -> Result<(), String> {
    let of = |value, len| of(backend, value, len);
    let map = |value, len| map_of(backend, value, len);
    let twice = Block { channels_in: vec![2, 2], norm: Norm::None, ..block() };
    let call = Backward {
        values: &[map(1.0, 64)],
        inputs: &[0, 0],
        deferred: &[],
        weights: &[of(1.0, 36), of(1.0, 24)],
        parameters: &[0, 1],
        saved: None,
        sample_scale: None,
        output_gradient: &map(1.0, 192),
        input_gradients: Some(Gradients { buffers: &mut [map(0.0, 64)], stores: &[Store::Write; 2] }),
        sums: &[],
        weight_gradients: Gradients { buffers: &mut [of(0.0, 36), of(0.0, 24)], stores: &[Store::Write; 2] },
    };
    match backend.backward(&twice, 2, call) {
        Err(KernelError::Repeated { index: 0 }) => Ok(()),
        other => Err(format!("an input named twice gave {other:?}")),
    }
}

fn the_wrong_number_of_inputs_or_weights_is_an_error<B: Backend>(backend: &B) -> Result<(), String> {
    let of = |value, len| of(backend, value, len);
    let map = |value, len| map_of(backend, value, len);
    let run = |inputs: &[usize], parameters: &[usize]| {
        let call = Forward {
            values: &[map(1.0, 64), map(1.0, 96)],
            inputs,
            deferred: &[],
            weights: &[of(1.0, 45), of(1.0, 30)],
            parameters,
            normalise: Normalise::None,
            sample_scale: None,
            output: &mut map(0.0, 192),
            store: Store::Write,
            addend: None,
        };
        backend.forward(&block(), 2, call)
    };
    run(&[0, 1], &[0, 1]).map_err(|error| error.to_string())?;
    for result in [run(&[0], &[0, 1]), run(&[0, 1], &[0])] {
        if !matches!(result, Err(KernelError::Length { expected: 2, got: 1, .. })) {
            return Err(format!("a list that is one too short gave {result:?}"));
        }
    }
    Ok(())
}

/// Where feature maps are not in single precision, numbers cannot stand for them, nor they for numbers.
fn a_buffer_of_another_precision_is_refused<B: Backend>(backend: &B) -> Result<(), String> {
    if backend.precision() == Precision::F32 {
        return Ok(());
    }
    let of = |value, len| of(backend, value, len);
    let map = |value, len| map_of(backend, value, len);
    let call = Forward {
        values: &[map(1.0, 64), of(1.0, 96)],
        inputs: &[0, 1],
        deferred: &[],
        weights: &[of(1.0, 45), of(1.0, 30)],
        parameters: &[0, 1],
        normalise: Normalise::None,
        sample_scale: None,
        output: &mut map(0.0, 192),
        store: Store::Write,
        addend: None,
    };
    let forward = backend.forward(&block(), 2, call);
    let norm = backend.squared_norm(&[of(1.0, 4), map(1.0, 4)], &[0, 1]).map(|_| ());
    let (mut numbers, maps) = (of(1.0, 4), map(1.0, 4));
    let blend = backend.blend(vec![Blend { into: &mut numbers, keep: 1.0, from: &maps, add: 1.0 }]);
    for (result, expected) in [(forward, "input"), (norm, "gradient"), (blend, "blend")] {
        match result {
            Err(KernelError::Cuda(CudaError::Precision { what, .. })) if what == expected => {}
            other => return Err(format!("{expected} in another precision: {other:?}")),
        }
    }
    Ok(())
}
