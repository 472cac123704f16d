//! The candle operations give the values and gradients of the backend's own calls, also through candle's graph.

use candle_core::{Device, Tensor, Var};
use kernels::candle::{Statistics, block, block_with_statistics, evaluate};
use kernels::{Activation, Block, BlockKind, Cpu, Norm, Store};

use kernel_suite::cases::{Case, Numbers, keeps_channels, kinds};
use kernel_suite::run::{Numbered, Results, run};

/// The element count comes first: buffers of the tests are longer than their contents.
fn same(results: &Results, name: &str, got: &Tensor) {
    let got: Vec<f32> = got.flatten_all().unwrap().to_vec1().unwrap();
    let (_, expected) = results.iter().find(|(n, _)| n == name).unwrap();
    assert_eq!(got, expected[..got.len()], "{name}");
}

/// One case per kind and norm, with one input and plain stores.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (kind, [height, width]) in kinds() {
        for norm in [Norm::None, Norm::Plain, Norm::Affine] {
            let channels_out = if keeps_channels(kind) { 20 } else { 12 };
            let activation = [Activation::None, Activation::Relu][cases.len() % 2];
            let channels_in = vec![20];
            let block = Block { kind, activation, norm, height, width, channels_in, channels_out };
            cases.push(Case { block, n: 3, store: Store::Write, scaled: false });
        }
    }
    cases
}

#[test]
fn values_and_gradients_are_the_backends_own() {
    let cpu = Cpu::new();
    for (at, case) in cases().into_iter().enumerate() {
        let Case { block: description, n, .. } = &case;
        let mut numbers = Numbered::new(&case, at as u64);
        // The runner adds to every second gradient; start those from nothing.
        numbers.before = 0.0;
        let expected = run(&cpu, &case, &numbers);
        let tensor =
            |values: &[f32], shape: &[usize]| Tensor::from_slice(values, shape, &Device::Cpu).unwrap();
        let [height, width] = description.output_size();
        let input =
            Var::from_tensor(&tensor(&numbers.inputs[0], &[*n, description.height, description.width, 20]))
                .unwrap();
        let weights: Vec<Var> = numbers
            .weights
            .iter()
            .map(|weight| Var::from_tensor(&tensor(weight, &[weight.len()])).unwrap())
            .collect();
        let weight_tensors: Vec<Tensor> = weights.iter().map(|weight| weight.as_tensor().clone()).collect();
        let (output, statistics) = block_with_statistics(description, &input, &weight_tensors).unwrap();
        assert_eq!(output.dims(), [*n, height, width, description.channels_out]);
        same(&expected, "output", &output);
        assert_eq!(statistics.is_some(), description.norm != Norm::None);
        if let Some(statistics) = statistics {
            same(&expected, "mean", &statistics.mean);
            same(&expected, "variance", &statistics.variance);
            let fixed = numbers.statistics.each_ref().map(|values| tensor(values, &[values.len()]));
            let [mean, variance] = fixed;
            let evaluated =
                evaluate(description, &input, &weight_tensors, &Statistics { mean, variance }).unwrap();
            same(&expected, "evaluated", &evaluated);
            assert!(evaluated.sum_all().unwrap().backward().is_err());
        }
        // The gradient of the sum of output * dy by the output is dy.
        let dy = tensor(&numbers.output_gradient, output.dims());
        let gradients = (output * dy).unwrap().sum_all().unwrap().backward().unwrap();
        same(&expected, "gradient of input 0", gradients.get(&input).unwrap());
        for (at, weight) in weights.iter().enumerate() {
            same(&expected, &format!("gradient of weight {at}"), gradients.get(weight).unwrap());
        }
    }
}

fn pointwise() -> Block {
    Block {
        kind: BlockKind::Pointwise,
        activation: Activation::Relu,
        norm: Norm::Plain,
        height: 4,
        width: 3,
        channels_in: vec![6],
        channels_out: 6,
    }
}

/// Two blocks and candle's own operations between and around them, against finite differences.
#[test]
fn gradients_flow_through_a_candle_graph() {
    let mut numbers = Numbers::new(9);
    let image = numbers.vec(2 * 6 * 12, 1.0, 0.0);
    let values = numbers.vec(36, 0.5, 0.0);
    let pool = Block { kind: BlockKind::MaxPool { stride: 1 }, norm: Norm::None, ..pointwise() };
    let loss = |weight: &Tensor| -> candle_core::Result<Tensor> {
        // NCHW seen as NHWC: not contiguous.
        let input = Tensor::from_slice(&image, (2, 6, 4, 3), &Device::Cpu)?.permute((0, 2, 3, 1))?;
        let weight = weight.sqr()?.affine(1.0, -0.1)?.reshape((6, 6))?;
        let middle = block(&pointwise(), &input, std::slice::from_ref(&weight))?;
        let output = block(&pool, &(middle * 1.5)?, &[])?;
        output.sqr()?.narrow(1, 0, 2)?.sum_all()
    };
    let weight = Var::from_slice(&values, 36, &Device::Cpu).unwrap();
    let gradients = loss(&weight).unwrap().backward().unwrap();
    let gradient: Vec<f32> = gradients.get(&weight).unwrap().to_vec1().unwrap();
    let size = gradient.iter().fold(0.0f32, |size, value| size.max(value.abs()));
    assert!(size > 0.1);
    let step = 1e-2;
    for element in [0, 7, 20, 35] {
        let at = |delta: f32| {
            let mut values = values.clone();
            values[element] += delta;
            let weight = Tensor::from_slice(&values, 36, &Device::Cpu).unwrap();
            loss(&weight).unwrap().to_scalar::<f32>().unwrap()
        };
        let difference = (at(step) - at(-step)) / (2.0 * step);
        // Single precision, and kinks within the step.
        let error = (difference - gradient[element]).abs() / size;
        assert!(error < 0.03, "{element}: {difference} for {}", gradient[element]);
    }
}

#[test]
fn wrong_shapes_are_errors_that_name_them() {
    let image = |shape: &[usize]| Tensor::zeros(shape, candle_core::DType::F32, &Device::Cpu).unwrap();
    let message =
        |input: &Tensor, weights: &[Tensor]| block(&pointwise(), input, weights).unwrap_err().to_string();
    let narrow = message(&image(&[2, 4, 3, 5]), &[image(&[36])]);
    assert!(narrow.contains("expected [n, 4, 3, 6]"), "{narrow}");
    let missing = message(&image(&[2, 4, 3, 6]), &[]);
    assert!(missing.contains("expected [36] elements, got []"), "{missing}");
    let double = Tensor::zeros((2, 4, 3, 6), candle_core::DType::F64, &Device::Cpu).unwrap();
    assert!(message(&double, &[image(&[36])]).contains("F32"));
    let impossible = Block { height: 0, ..pointwise() };
    assert!(block(&impossible, &image(&[2, 4, 3, 6]), &[image(&[36])]).is_err());
}
