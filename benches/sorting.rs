//! Throughput of non-dominated sorting in points a second, over sizes, numbers of objectives and distributions.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;
use std::time::Duration;

use cars_benches::{Distribution, points};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pareto::{Objectives, Sorter};

/// Small sets rotate over this many matrices, or the branch predictor learns them by heart.
const ROTATED_POINTS: usize = 65_536;

fn sorting(criterion: &mut Criterion) {
    for distribution in Distribution::ALL {
        let mut group = criterion.benchmark_group(format!("sorting/{}", distribution.name()));
        for n in [100, 256, 1_000, 10_000] {
            group.throughput(Throughput::Elements(n as u64));
            for m in [2, 3, 4, 5, 8, 10, 15] {
                let matrices: Vec<Vec<f64>> = (0..(ROTATED_POINTS / n).max(1))
                    .map(|index| points(distribution, n, m, index as u64))
                    .collect();
                let mut sorter = Sorter::default();
                let mut next = 0;
                group.bench_function(BenchmarkId::new(format!("m{m}"), n), |bencher| {
                    bencher.iter(|| {
                        next = (next + 1) % matrices.len();
                        let objectives = Objectives::new(black_box(&matrices[next]), m).expect("no NaN");
                        black_box(sorter.ranks(&objectives).len())
                    });
                });
            }
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600));
    targets = sorting
}
criterion_main!(benches);
