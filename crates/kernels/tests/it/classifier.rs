//! The classifier of every backend against the reference, and the reference against finite differences.

use kernels::{
    Activation, Backend, Classify, ClassifyBackward, Cpu, Gradients, Head, KernelError, Reference, SimdLevel,
    Store,
};

use crate::cases::Numbers;
use crate::run::{Results, buffer, values};

const TOLERANCE: f32 = 1e-5;

fn heads() -> Vec<(Head, usize)> {
    let head = |activation, [height, width]: [usize; 2], channels_in: &[usize], classes| Head {
        activation,
        height,
        width,
        channels_in: channels_in.to_vec(),
        classes,
    };
    vec![
        (head(Activation::None, [8, 8], &[64, 64, 64, 64], 10), 17),
        (head(Activation::Relu, [2, 3], &[5], 7), 1),
        (head(Activation::Relu, [1, 1], &[20, 3], 10), 3),
        (head(Activation::None, [7, 7], &[16], 100), 2),
    ]
}

/// Outcome, features, logits and all gradients.
fn run<B: Backend>(backend: &B, head: &Head, n: usize, store: Store) -> Results {
    let mut numbers = Numbers::new(n as u64);
    let pixels = head.height * head.width;
    let inputs: Vec<Vec<f32>> =
        head.channels_in.iter().map(|&c| numbers.vec(n * pixels * c, 1.0, 0.1)).collect();
    let weights =
        [numbers.vec(head.total_in() * head.classes, 1.0, 0.0), numbers.vec(head.classes, 1.0, 0.0)];
    let labels: Vec<u32> = (0..n).map(|sample| (sample * 3 % head.classes) as u32).collect();
    let buffers = |all: &[Vec<f32>]| all.iter().map(|values| buffer(backend, values)).collect::<Vec<_>>();
    let ones = |all: &[Vec<f32>]| {
        all.iter().map(|values| buffer(backend, &vec![1.0; values.len()])).collect::<Vec<_>>()
    };
    let (values_in, weights_in) = (buffers(&inputs), buffers(&weights));
    let indices: Vec<usize> = (0..inputs.len()).collect();
    let mut features = backend.zeros(n * head.total_in()).unwrap();
    let mut logits = backend.zeros(n * head.classes).unwrap();
    let call = Classify {
        values: &values_in,
        inputs: &indices,
        weights: &weights_in,
        parameters: [0, 1],
        labels: &labels,
        features: &mut features,
        logits: &mut logits,
    };
    let outcome = backend.classify(head, n, call).unwrap();
    let (mut input_gradients, mut weight_gradients) = (ones(&inputs), ones(&weights));
    let call = ClassifyBackward {
        values: &values_in,
        inputs: &indices,
        weights: &weights_in,
        parameters: [0, 1],
        labels: &labels,
        features: &features,
        logits: &logits,
        loss_scale: 0.4,
        input_gradients: Gradients { buffers: &mut input_gradients, stores: &vec![store; inputs.len()] },
        weight_gradients: Gradients { buffers: &mut weight_gradients, stores: &[store; 2] },
    };
    backend.classify_backward(head, n, call).unwrap();
    let mut results = vec![
        ("outcome".to_owned(), vec![outcome.loss_sum as f32, outcome.correct as f32]),
        ("features".to_owned(), values(backend, &features)),
        ("logits".to_owned(), values(backend, &logits)),
    ];
    for gradient in input_gradients.iter().chain(&weight_gradients) {
        results.push(("gradient".to_owned(), values(backend, gradient)));
    }
    results
}

#[test]
fn classifiers_agree_with_the_reference() {
    for (head, n) in heads() {
        for store in [Store::Write, Store::Add] {
            let expected = run(&Reference, &head, n, store);
            for level in SimdLevel::ALL {
                let Some(cpu) = Cpu::with_level(level) else { continue };
                for ((name, got), (_, expected)) in run(&cpu, &head, n, store).iter().zip(&expected) {
                    let size = expected.iter().fold(1.0f32, |size, value| size.max(value.abs()));
                    for (got, expected) in got.iter().zip(expected) {
                        let error = (got - expected).abs() / size;
                        assert!(error <= TOLERANCE, "{name} of {head:?}: {got} for {expected}");
                    }
                }
            }
        }
    }
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
        input_gradients: Gradients { buffers: input_gradients, stores: &[Store::Write] },
        weight_gradients: Gradients { buffers: weight_gradients, stores: &[Store::Write; 2] },
    };
    Reference.classify_backward(&head, n, call).unwrap();
    let gradients: Vec<Vec<f64>> = gradients.into_iter().flatten().collect();
    for at in 0..3 {
        for element in 0..all[at].len() {
            let before = all[at][element];
            all[at][element] = before + step;
            let above = loss(&head, n, &all[0], &all[1..], &labels);
            all[at][element] = before - step;
            let below = loss(&head, n, &all[0], &all[1..], &labels);
            all[at][element] = before;
            let difference = 0.7 * (above - below) / (2.0 * step);
            let gradient = gradients[at][element];
            assert!((difference - gradient).abs() < 1e-8, "{at}[{element}]: {difference}, {gradient}");
        }
    }
}

#[test]
fn the_first_of_equal_logits_is_the_answer() {
    let head = Head { activation: Activation::None, height: 1, width: 1, channels_in: vec![1], classes: 3 };
    let correct = |labels: &[u32]| {
        let call = Classify {
            values: &[vec![1.0; 2]],
            inputs: &[0],
            weights: &[vec![2.0, 2.0, 1.0], vec![0.0; 3]],
            parameters: [0, 1],
            labels,
            features: &mut vec![0.0; 2],
            logits: &mut vec![0.0; 6],
        };
        Cpu::new().classify(&head, 2, call).unwrap().correct
    };
    assert_eq!(correct(&[0, 0]), 2);
    assert_eq!(correct(&[1, 0]), 1);
}

#[test]
fn a_label_outside_the_classes_is_an_error() {
    let head = Head { activation: Activation::None, height: 1, width: 1, channels_in: vec![1], classes: 3 };
    let call = Classify {
        values: &[vec![1.0; 2]],
        inputs: &[0],
        weights: &[vec![0.0; 3], vec![0.0; 3]],
        parameters: [0, 1],
        labels: &[2, 3],
        features: &mut vec![0.0; 2],
        logits: &mut vec![0.0; 6],
    };
    let error = Cpu::new().classify(&head, 2, call).unwrap_err();
    assert!(matches!(error, KernelError::Label { sample: 1, label: 3, classes: 3 }), "{error}");
}
