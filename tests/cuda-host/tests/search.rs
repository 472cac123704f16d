//! What a search does with a backend, on the emulated device beside the processor: training steps, evaluation with measured
//! statistics, and a state that moves from one to the other.
#![cfg(emulated)]
#![allow(missing_docs, clippy::unwrap_used)]

use cuda_host::{Host, Order};
use kernels::{Backend, Cpu, Cuda, Precision};
use random::{Purpose, stream};
use space::{DartsSpace, Genotype, MacroPlan, SearchSpace};
use supernet::{BatchNormStatistics, Sgd, State, Supernet};

const SAMPLES: usize = 6;
const SGD: Sgd = Sgd { learning_rate: 0.025, momentum: 0.9, weight_decay: 3e-4, gradient_clip: 5.0 };

fn plan() -> MacroPlan {
    MacroPlan { height: 8, width: 8, classes: 3, ..MacroPlan::custom(4, 3) }
}

fn path(index: u64) -> Genotype {
    DartsSpace::new().sample(&mut stream(1, Purpose::Test, 0, index))
}

/// Images of three plain brightnesses, each with a slope of its own.
fn images() -> (Vec<f32>, Vec<u32>) {
    let labels: Vec<u32> = (0..SAMPLES).map(|sample| sample as u32 % 3).collect();
    let pixel = |at: usize| ((at * 7919 % 1000) as f32 / 500.0 - 1.0) + 0.5 * labels[at / 192] as f32;
    ((0..SAMPLES * 192).map(pixel).collect(), labels)
}

/// Losses and gradient norms of three steps, and the state after them.
fn train<B: Backend>(supernet: &mut Supernet<B>) -> Vec<f64> {
    let (images, labels) = images();
    let mut seen = Vec::new();
    for step in 0..3 {
        let report = supernet.train_step(&[&path(step), &path(step + 1)], &images, &labels, &SGD).unwrap();
        seen.extend([report.loss, report.gradient_norm]);
    }
    seen
}

fn evaluate<B: Backend>(supernet: &mut Supernet<B>) -> f64 {
    let (images, labels) = images();
    let mut batches = [supernet.batch(&images, &labels).unwrap()];
    let mut own = [supernet.batch(&images, &labels).unwrap()];
    supernet.evaluate(&path(0), &mut batches, BatchNormStatistics::Recalibrated(&mut own)).unwrap().loss
}

fn close(got: f64, expected: f64) {
    // A deep network with batch-norms over few elements magnifies rounding.
    assert!((got - expected).abs() < 2e-3 * expected.abs().max(1.0), "{got} for {expected}");
}

#[test]
fn a_supernet_trains_as_on_the_processor_and_its_state_moves() {
    let mut cpu = Supernet::new(Cpu::new(), &plan(), 1).unwrap();
    let mut cuda = Supernet::new(Cuda::on(Host::new(Order::Upwards)), &plan(), 1).unwrap();
    for (got, expected) in train(&mut cuda).into_iter().zip(train(&mut cpu)) {
        close(got, expected);
    }
    let state: State = cuda.state().unwrap();
    cpu.load(&state).unwrap();
    assert!(cpu.state().unwrap() == state, "the state changed on its way");
    close(evaluate(&mut cuda), evaluate(&mut cpu));
    assert!(cuda.backend().launches() > 100);
}

#[test]
fn paths_score_together_as_they_do_alone() {
    let mut cuda = Supernet::new(Cuda::on(Host::new(Order::Upwards)), &plan(), 1).unwrap();
    train(&mut cuda);
    let (images, labels) = images();
    let mut batches = [0, 1].map(|_| cuda.batch(&images, &labels).unwrap());
    let mut own = [cuda.batch(&images, &labels).unwrap()];
    let paths = [0, 1, 2].map(path);
    let alone = paths.each_ref().map(|path| {
        let statistics = BatchNormStatistics::Recalibrated(&mut own);
        cuda.evaluate(path, &mut batches, statistics).unwrap()
    });
    let statistics = BatchNormStatistics::Recalibrated(&mut own);
    assert_eq!(cuda.evaluate_all(&paths.each_ref(), &mut batches, statistics).unwrap(), alone);
}

/// Rounding shows in the third digit at first, then as much as a network with batch-norms over few elements magnifies it.
#[test]
fn in_bf16_a_supernet_trains_much_as_in_single_precision() {
    let in_bf16 = Cuda::on(Host::new(Order::Upwards).in_precision(Precision::Bf16));
    let mut rounded = Supernet::new(in_bf16, &plan(), 1).unwrap();
    let mut single = Supernet::new(Cuda::on(Host::new(Order::Upwards)), &plan(), 1).unwrap();
    let (got, expected) = (train(&mut rounded), train(&mut single));
    for (at, (got, expected)) in got.into_iter().zip(expected).enumerate() {
        let share = if at < 2 { 0.01 } else { 0.1 };
        assert!((got - expected).abs() < share * expected, "number {at}: {got} for {expected}");
    }
    let state = rounded.state().unwrap();
    single.load(&state).unwrap();
    assert!(single.state().unwrap() == state, "the state changed on its way");
    let (got, expected) = (evaluate(&mut rounded), evaluate(&mut single));
    assert!((got - expected).abs() < 0.05 * expected, "{got} for {expected}");
}
