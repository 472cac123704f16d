//! The classifier of the processor against the reference, and the reference against finite differences.

use kernels::{
    Activation, Backend, Classify, ClassifyBackward, Cpu, CpuBuffer, Gradients, Head, KernelError, Reference,
    SimdLevel, Store,
};

use kernel_suite::cases::Numbers;

#[test]
fn classifiers_agree_with_the_reference() {
    for cpu in SimdLevel::ALL.into_iter().filter_map(Cpu::with_level) {
        kernel_suite::classifier::check(&cpu).unwrap();
    }
}

/// How much of each target is spread over all classes.
const SMOOTHING: f64 = 0.1;

/// Mean loss of a head with one input to smoothed labels, in double precision: of the label, and of every class.
fn smoothed_loss(head: &Head, n: usize, input: &[f64], weights: &[Vec<f64>], labels: &[u32]) -> f64 {
    let of = |labels: &[u32]| loss(head, n, input, weights, labels);
    let all: f64 = (0..head.classes).map(|class| of(&vec![class as u32; n])).sum();
    (1.0 - SMOOTHING) * of(labels) + SMOOTHING / head.classes as f64 * all
}

/// Mean loss of a head with one input, in double precision.
fn loss(head: &Head, n: usize, input: &[f64], weights: &[Vec<f64>], labels: &[u32]) -> f64 {
    let mut features = vec![0.0; n * head.total_in()];
    let mut logits = vec![0.0; n * head.classes];
    let call = Classify {
        values: &[input.to_vec()],
        inputs: &[0],
        weights,
        parameters: [0, 1],
        labels,
        features: &mut features,
        logits: &mut logits,
    };
    Reference.classify(head, n, call).unwrap().loss_sum / n as f64
}

#[test]
fn the_reference_classifier_has_the_gradients_of_its_own_loss() {
    let (n, step) = (3, 1e-5);
    let head = Head { activation: Activation::Relu, height: 2, width: 2, channels_in: vec![4], classes: 5 };
    let mut numbers = Numbers::new(5);
    let mut wide = |len: usize| {
        let values = numbers.vec(len, 1.0, 0.0).into_iter();
        values.map(|value| f64::from(value) + 0.01 * f64::from(value.signum())).collect::<Vec<f64>>()
    };
    let mut all = [wide(n * 16), wide(20), wide(5)];
    let labels = [4, 0, 2];
    let [mut features, mut logits] = [vec![0.0; n * 4], vec![0.0; n * 5]];
    let mut gradients = [vec![vec![0.0; n * 16]], vec![vec![0.0; 20], vec![0.0; 5]]];
    let [input_gradients, weight_gradients] = &mut gradients;
    let values = [all[0].clone()];
    let call = Classify {
        values: &values,
        inputs: &[0],
        weights: &all[1..],
        parameters: [0, 1],
        labels: &labels,
        features: &mut features,
        logits: &mut logits,
    };
    Reference.classify(&head, n, call).unwrap();
    let call = ClassifyBackward {
        values: &values,
        inputs: &[0],
        weights: &all[1..],
        parameters: [0, 1],
        labels: &labels,
        features: &features,
        logits: &logits,
        loss_scale: 0.7,
        label_smoothing: SMOOTHING,
        input_gradients: Gradients { buffers: input_gradients, stores: &[Store::Write] },
        weight_gradients: Gradients { buffers: weight_gradients, stores: &[Store::Write; 2] },
    };
    Reference.classify_backward(&head, n, call).unwrap();
    let gradients: Vec<Vec<f64>> = gradients.into_iter().flatten().collect();
    for at in 0..3 {
        for element in 0..all[at].len() {
            let before = all[at][element];
            all[at][element] = before + step;
            let above = smoothed_loss(&head, n, &all[0], &all[1..], &labels);
            all[at][element] = before - step;
            let below = smoothed_loss(&head, n, &all[0], &all[1..], &labels);
            all[at][element] = before;
            let difference = 0.7 * (above - below) / (2.0 * step);
            let gradient = gradients[at][element];
            assert!((difference - gradient).abs() < 1e-8, "{at}[{element}]: {difference}, {gradient}");
        }
    }
}

#[test]
fn a_label_outside_the_classes_is_an_error() {
    let head = Head { activation: Activation::None, height: 1, width: 1, channels_in: vec![1], classes: 3 };
    let call = Classify {
        values: &[vec![1.0; 2].into()],
        inputs: &[0],
        weights: &[3, 3].map(CpuBuffer::zeros),
        parameters: [0, 1],
        labels: &[2, 3],
        features: &mut CpuBuffer::zeros(2),
        logits: &mut CpuBuffer::zeros(6),
    };
    let error = Cpu::new().classify(&head, 2, call).unwrap_err();
    assert!(matches!(error, KernelError::Label { sample: 1, label: 3, classes: 3 }), "{error}");
}
