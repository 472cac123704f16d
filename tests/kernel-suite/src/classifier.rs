//! The classifier of a backend against the reference.

use kernels::{
    Activation, Backend, Classify, ClassifyBackward, Gradients, Head, Precision, Reference, Store,
};

use crate::cases::Numbers;
use crate::compare::largest_error;
use crate::run::{Results, buffer, feature_map, round, values};

/// Classifiers and batch sizes.
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

/// Runs every classifier in both directions and compares every result.
pub fn check<B: Backend>(backend: &B) -> Result<f32, String> {
    let mut worst = 0.0f32;
    for (head, n) in heads() {
        for (store, smoothing) in [(Store::Write, 0.0), (Store::Add, 0.0), (Store::Write, 0.1)] {
            let numbers = Numbered::new(&head, n, backend.precision());
            let expected = run(&Reference, &head, &numbers, store, smoothing);
            let got = run(backend, &head, &numbers, store, smoothing);
            worst = worst.max(largest_error(backend, &got, &expected, &head)?);
        }
    }
    first_of_equals(backend)?;
    Ok(worst)
}

/// Inputs, as a precision keeps them, and weights.
struct Numbered {
    n: usize,
    inputs: Vec<Vec<f32>>,
    weights: [Vec<f32>; 2],
}

impl Numbered {
    fn new(head: &Head, n: usize, precision: Precision) -> Self {
        let mut numbers = Numbers::new(n as u64);
        let pixels = head.height * head.width;
        let mut inputs: Vec<Vec<f32>> =
            head.channels_in.iter().map(|&c| numbers.vec(n * pixels * c, 1.0, 0.1)).collect();
        for values in &mut inputs {
            round(values, precision);
        }
        let lens = [head.total_in() * head.classes, head.classes];
        Self { n, inputs, weights: lens.map(|len| numbers.vec(len, 1.0, 0.0)) }
    }
}

/// Outcome, features, logits and all gradients.
fn run<B: Backend>(
    backend: &B,
    head: &Head,
    Numbered { n, inputs, weights }: &Numbered,
    store: Store,
    label_smoothing: f64,
) -> Results {
    let n = *n;
    let labels: Vec<u32> = (0..n).map(|sample| (sample * 3 % head.classes) as u32).collect();
    let values_in: Vec<_> = inputs.iter().map(|values| feature_map(backend, values)).collect();
    let weights_in: Vec<_> = weights.iter().map(|values| buffer(backend, values)).collect();
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
    let one = |values: &Vec<f32>| vec![1.0; values.len()];
    let mut input_gradients: Vec<_> =
        inputs.iter().map(|values| feature_map(backend, &one(values))).collect();
    let mut weight_gradients: Vec<_> = weights.iter().map(|values| buffer(backend, &one(values))).collect();
    let call = ClassifyBackward {
        values: &values_in,
        inputs: &indices,
        weights: &weights_in,
        parameters: [0, 1],
        labels: &labels,
        features: &features,
        logits: &logits,
        loss_scale: 0.4,
        label_smoothing,
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

/// The first of equal logits is the answer.
fn first_of_equals<B: Backend>(backend: &B) -> Result<(), String> {
    let head = Head { activation: Activation::None, height: 1, width: 1, channels_in: vec![1], classes: 3 };
    for (labels, expected) in [([0, 0], 2), ([1, 0], 1)] {
        let call = Classify {
            values: &[feature_map(backend, &[1.0; 2])],
            inputs: &[0],
            weights: &[buffer(backend, &[2.0, 2.0, 1.0]), buffer(backend, &[0.0; 3])],
            parameters: [0, 1],
            labels: &labels,
            features: &mut backend.zeros(2).unwrap(),
            logits: &mut backend.zeros(6).unwrap(),
        };
        let correct = backend.classify(&head, 2, call).unwrap().correct;
        if correct != expected {
            return Err(format!("equal logits, labels {labels:?}: {correct} correct, expected {expected}"));
        }
    }
    Ok(())
}
