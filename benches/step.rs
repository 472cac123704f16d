//! Training steps and evaluations of whole sampled paths, in images a second: 16 channels, 8 cells, CIFAR-sized images.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::time::Duration;

use cars_benches::images;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use random::{Purpose, stream};
use space::{DartsSpace, Genotype, MacroPlan, SearchSpace};
use supernet::{BatchNormStatistics, Cpu, Sgd, Supernet};

const BATCH: usize = 128;
const PATHS: u64 = 4;

fn path(index: u64) -> Genotype {
    DartsSpace::new().sample(&mut stream(1, Purpose::Test, 1, index))
}

fn step(criterion: &mut Criterion) {
    let (pixels, labels) = images(BATCH, 32);
    let sgd = Sgd { learning_rate: 0.025, momentum: 0.9, weight_decay: 3e-4, gradient_clip: 5.0 };
    let mut supernet = Supernet::new(Cpu::new(), &MacroPlan::search(), 1).expect("a valid plan");
    let mut group = criterion.benchmark_group("step");
    group.throughput(Throughput::Elements(BATCH as u64));
    for index in 0..PATHS {
        let path = path(index);
        group.bench_function(BenchmarkId::new("train", index), |bencher| {
            bencher.iter(|| supernet.train_step(&[&path], &pixels, &labels, &sgd).expect("no divergence"));
        });
        // As a search evaluates: in batches as the backend likes them.
        let samples = supernet.evaluation_samples(BATCH);
        let chunks = pixels.chunks(pixels.len() / BATCH * samples).zip(labels.chunks(samples));
        let batch = |(pixels, labels)| supernet.batch(pixels, labels).expect("images fit");
        let mut batches: Vec<_> = chunks.map(batch).collect();
        group.bench_function(BenchmarkId::new("evaluate", index), |bencher| {
            bencher.iter(|| {
                supernet.evaluate(&path, &mut batches, BatchNormStatistics::Running).expect("images fit")
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(4));
    targets = step
}
criterion_main!(benches);
