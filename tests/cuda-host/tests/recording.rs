//! Batches of an evaluation are the same calls again: recorded once and replayed, with the results of calls made one by one.
#![cfg(emulated)]
#![allow(missing_docs, clippy::unwrap_used)]

use cuda_host::{Host, Order};
use kernels::{Backend, Cuda, KernelError};
use random::{Purpose, stream};
use space::{DartsSpace, Genotype, MacroPlan, SearchSpace};
use supernet::{Batch, BatchNormStatistics, Supernet};

fn path(index: u64) -> Genotype {
    DartsSpace::new().sample(&mut stream(1, Purpose::Test, 0, index))
}

fn supernet() -> Supernet<Cuda<Host>> {
    let plan = MacroPlan { height: 8, width: 8, classes: 3, ..MacroPlan::custom(4, 3) };
    Supernet::new(Cuda::on(Host::new(Order::Upwards)), &plan, 1).unwrap()
}

/// Batches of these sizes, each with images of its own.
fn batches(supernet: &Supernet<Cuda<Host>>, sizes: &[usize]) -> Vec<Batch<Cuda<Host>>> {
    let make = |(number, &samples): (usize, &usize)| {
        let pixel = |at: usize| ((at + 1000 * number) * 7919 % 1000) as f32 / 500.0 - 1.0;
        let images: Vec<f32> = (0..samples * 192).map(pixel).collect();
        let labels: Vec<u32> = (0..samples).map(|sample| (sample + number) as u32 % 3).collect();
        supernet.batch(&images, &labels).unwrap()
    };
    sizes.iter().enumerate().map(make).collect()
}

/// Summed loss and launches.
fn evaluate(
    supernet: &mut Supernet<Cuda<Host>>,
    path: &Genotype,
    batches: &mut [Batch<Cuda<Host>>],
) -> (f64, u64) {
    let before = supernet.backend().launches();
    let samples: usize = batches.iter().map(Batch::samples).sum();
    let score = supernet.evaluate(path, batches, BatchNormStatistics::Running).unwrap();
    (score.loss * samples as f64, supernet.backend().launches() - before)
}

#[test]
fn replayed_batches_score_as_batches_of_their_own() {
    let mut supernet = supernet();
    let mut batches = batches(&supernet, &[2, 2, 2, 2, 1]);
    // Another path between: its calls are others, though the buffers are the same.
    for path in [path(0), path(1), path(0)] {
        let alone: Vec<(f64, u64)> =
            (0..5).map(|at| evaluate(&mut supernet, &path, &mut batches[at..=at])).collect();
        let (loss, launches) = evaluate(&mut supernet, &path, &mut batches);
        let expected: f64 = alone.iter().map(|(loss, _)| loss).sum();
        assert!((loss - expected).abs() < 1e-9, "{loss} for {expected}");
        // The first and the short last batch as they are; of each other one the stem, the replay and the classifier.
        assert_eq!(launches, alone[0].1 + 3 * 3 + alone[4].1);
    }
}

#[test]
fn what_cannot_be_recorded_is_made_each_time() {
    let cuda = Cuda::on(Host::new(Order::Upwards));
    let mut buffer = cuda.zeros(3).unwrap();
    for value in 1..=4u8 {
        let value = f32::from(value);
        cuda.repeated(7, || cuda.upload(&[value; 3], &mut buffer)).unwrap();
        let mut read = [0.0; 3];
        cuda.download(&buffer, &mut read).unwrap();
        assert_eq!(read, [value; 3]);
    }
}

#[test]
fn an_error_of_the_calls_is_theirs_each_time() {
    let cuda = Cuda::on(Host::new(Order::Upwards));
    let mut buffer = cuda.zeros(3).unwrap();
    for (len, is_right) in [(3, true), (4, false), (2, true)] {
        let result = cuda.repeated(7, || cuda.clear(&mut buffer, len));
        assert_eq!(result.is_ok(), is_right);
        assert!(is_right || matches!(result, Err(KernelError::Length { .. })));
    }
}
