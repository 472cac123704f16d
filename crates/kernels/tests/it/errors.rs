//! Calls that cannot be answered say which buffer is too short, and change nothing.

use kernels::{
    Activation, Backend, Backward, Block, BlockKind, Cpu, Forward, Gradients, KernelError, Norm, Normalise,
    Store,
};

fn block() -> Block {
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

fn forward(lens: &Lens) -> Result<(), KernelError> {
    let [mut mean, mut variance] = lens.statistics.map(|len| vec![0.0; len]);
    let call = Forward {
        values: &lens.inputs.map(|len| vec![1.0; len]),
        inputs: &[0, 1],
        weights: &lens.weights.map(|len| vec![1.0; len]),
        parameters: &[0, 1],
        normalise: Normalise::Batch { mean: &mut mean, variance: &mut variance, linear: &mut vec![0.0; 192] },
        sample_scale: Some(&vec![1.0; lens.sample_scale]),
        output: &mut vec![0.0; lens.output],
        store: Store::Write,
    };
    Cpu::new().forward(&block(), 2, call)
}

fn backward(lens: &Lens, inputs: &[usize]) -> (Result<(), KernelError>, Vec<Vec<f32>>) {
    let values = [64, 96].map(|len| vec![1.0; len]);
    let mut input_gradients: Vec<Vec<f32>> = lens.inputs.iter().map(|&len| vec![0.5; len]).collect();
    let mut weight_gradients = lens.weights.map(|len| vec![0.0; len]);
    let result = {
        let call = Backward {
            values: &values,
            inputs,
            weights: &[vec![1.0; 45], vec![1.0; 30]],
            parameters: &[0, 1],
            saved: Some([
                &vec![0.0; lens.statistics[0]],
                &vec![1.0; lens.statistics[1]],
                &vec![0.0; lens.output],
            ]),
            sample_scale: Some(&vec![1.0; lens.sample_scale]),
            output_gradient: &vec![1.0; 192],
            input_gradients: Some(Gradients { buffers: &mut input_gradients, stores: &[Store::Write; 2] }),
            weight_gradients: Gradients { buffers: &mut weight_gradients, stores: &[Store::Write; 2] },
        };
        Cpu::new().backward(&block(), 2, call)
    };
    (result, input_gradients)
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

#[test]
fn every_short_buffer_is_named() {
    forward(&RIGHT).unwrap();
    backward(&RIGHT, &[0, 1]).0.unwrap();
    for (lens, short) in shortened() {
        for error in [forward(&lens).unwrap_err(), backward(&lens, &[0, 1]).0.unwrap_err()] {
            assert!(
                matches!(error, KernelError::Length { expected, got, .. } if got == short && expected == short + 1),
                "{error}"
            );
        }
    }
}

#[test]
fn a_refused_call_keeps_the_gradient_buffers() {
    let mut lens = RIGHT.clone();
    lens.inputs[1] -= 1;
    let (result, gradients) = backward(&lens, &[0, 1]);
    assert!(result.is_err());
    assert_eq!(gradients, [vec![0.5; 64], vec![0.5; 95]]);
}

#[test]
fn an_input_named_twice_has_no_gradient() {
    let twice = Block { channels_in: vec![2, 2], ..block() };
    let mut gradients = vec![vec![0.0; 64]];
    let call = Backward {
        values: &[vec![1.0; 64]],
        inputs: &[0, 0],
        weights: &[vec![1.0; 36], vec![1.0; 24]],
        parameters: &[0, 1],
        saved: None,
        sample_scale: None,
        output_gradient: &vec![1.0; 192],
        input_gradients: Some(Gradients { buffers: &mut gradients, stores: &[Store::Write; 2] }),
        weight_gradients: Gradients {
            buffers: &mut [vec![0.0; 36], vec![0.0; 24]],
            stores: &[Store::Write; 2],
        },
    };
    let error = Cpu::new().backward(&twice, 2, call).unwrap_err();
    assert!(matches!(error, KernelError::Repeated { index: 0 }), "{error}");
}

#[test]
fn the_wrong_number_of_inputs_or_weights_is_an_error() {
    let run = |inputs: &[usize], parameters: &[usize]| {
        let call = Forward {
            values: &[vec![1.0; 64], vec![1.0; 96]],
            inputs,
            weights: &[vec![1.0; 45], vec![1.0; 30]],
            parameters,
            normalise: Normalise::None,
            sample_scale: None,
            output: &mut vec![0.0; 192],
            store: Store::Write,
        };
        Cpu::new().forward(&block(), 2, call)
    };
    run(&[0, 1], &[0, 1]).unwrap();
    for error in [run(&[0], &[0, 1]).unwrap_err(), run(&[0, 1], &[0]).unwrap_err()] {
        assert!(matches!(error, KernelError::Length { expected: 2, got: 1, .. }), "{error}");
    }
}

#[test]
fn impossible_blocks_are_refused() {
    let refused = |block: Block| {
        let error = block.check().unwrap_err();
        assert!(matches!(error, KernelError::Geometry { .. }), "{error}");
    };
    refused(Block { height: 0, ..block() });
    refused(Block { kind: BlockKind::DepthwisePointwise { kernel: 4, stride: 1, dilation: 1 }, ..block() });
    refused(Block { kind: BlockKind::FactorizedReduce, height: 5, ..block() });
    refused(Block { kind: BlockKind::MaxPool { stride: 1 }, ..block() });
    refused(Block {
        kind: BlockKind::AveragePool { kernel: 3, stride: 1, padding: 3 },
        channels_out: 5,
        ..block()
    });
    refused(Block { kind: BlockKind::Identity, ..block() });
    let convolution = BlockKind::Convolution { kernel: [5, 5], stride: [1, 1], padding: [0, 0] };
    refused(Block { kind: convolution, ..block() });
}
