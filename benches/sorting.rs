//! Throughput of non-dominated sorting in points a second, over sizes, numbers of objectives and distributions; then of the
//! first front alone, and of the fronts that hold half of the points. All of it takes some ten minutes.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;
use std::time::Duration;

use cars_benches::{Distribution, points};
use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use pareto::{Objectives, Sorter, non_dominated, ranks_until};

/// Small sets rotate over this many points in all, or the branch predictor learns them by heart.
const ROTATED_POINTS: usize = 65_536;

fn sorting(criterion: &mut Criterion) {
    for distribution in Distribution::ALL {
        let mut sorter = Sorter::default();
        let sort = |objectives: &Objectives<'_>| sorter.ranks(objectives).len();
        let sizes = [100, 256, 1_000, 10_000, 100_000];
        measure(criterion, "sorting", distribution, &sizes, &[2, 3, 4, 5, 8, 10, 15], sort);
    }
}

fn first_front(criterion: &mut Criterion) {
    for distribution in [Distribution::Uniform, Distribution::Evolving] {
        let sort = |objectives: &Objectives<'_>| non_dominated(objectives).len();
        measure(criterion, "non-dominated", distribution, &[1_000, 10_000, 100_000], &[2, 3, 5, 10], sort);
    }
}

fn half(criterion: &mut Criterion) {
    for distribution in [Distribution::Uniform, Distribution::Evolving] {
        let sort = |objectives: &Objectives<'_>| ranks_until(objectives, objectives.n() / 2).len();
        measure(criterion, "ranks-until-half", distribution, &[1_000, 10_000, 100_000], &[2, 3, 5, 10], sort);
    }
}

/// One criterion group: `sort`, with the check for NaN, over sizes and numbers of objectives.
fn measure(
    criterion: &mut Criterion,
    name: &str,
    distribution: Distribution,
    sizes: &[usize],
    objectives: &[usize],
    mut sort: impl FnMut(&Objectives<'_>) -> usize,
) {
    let mut group = criterion.benchmark_group(format!("{name}/{}", distribution.name()));
    for &n in sizes {
        group.throughput(Throughput::Elements(n as u64));
        if n >= 100_000 {
            // Calls of milliseconds need no growing number of calls a sample.
            group.sampling_mode(SamplingMode::Flat);
        }
        for &m in objectives {
            let mut matrices = Vec::new();
            let mut next = 0;
            group.bench_function(BenchmarkId::new(format!("m{m}"), n), |bencher| {
                // Made here, so that a filter that leaves the case out does not pay for its points.
                if matrices.is_empty() {
                    let copies = (ROTATED_POINTS / n).max(1) as u64;
                    matrices.extend((0..copies).map(|copy| points(distribution, n, m, copy)));
                }
                bencher.iter(|| {
                    next = (next + 1) % matrices.len();
                    let objectives = Objectives::new(black_box(&matrices[next]), m).expect("no NaN");
                    black_box(sort(&objectives))
                });
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(400));
    targets = sorting, first_front, half
}
criterion_main!(benches);
