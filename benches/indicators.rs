//! Hypervolume, what each row contributes to it, and the archive of a search, on fronts of the positive unit sphere below
//! a reference point of 1.1.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;
use std::time::Duration;

use cars_benches::sphere;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pareto::{Archive, Objectives, contributions, hypervolume};

/// Rotated sets, or the branch predictor learns them by heart.
const SETS: u64 = 64;

fn indicators(criterion: &mut Criterion) {
    let mut bench = |name: &str, cases: &[(usize, usize)], measure: fn(&Objectives<'_>, &[f64]) -> f64| {
        let mut group = criterion.benchmark_group(format!("indicators/{name}"));
        for &(m, n) in cases {
            group.throughput(Throughput::Elements(n as u64));
            let sets: Vec<Vec<f64>> = (0..SETS).map(|index| sphere(n, m, index)).collect();
            let reference = vec![1.1; m];
            let mut next = 0;
            group.bench_function(BenchmarkId::new(format!("m{m}"), n), |bencher| {
                bencher.iter(|| {
                    next = (next + 1) % sets.len();
                    let objectives = Objectives::new(black_box(&sets[next]), m).expect("no NaN");
                    black_box(measure(&objectives, &reference))
                });
            });
        }
        group.finish();
    };
    let small = [(2, 100), (2, 1_000), (3, 100), (3, 1_000)];
    let all = [small.as_slice(), &[(4, 100), (4, 1_000), (5, 100), (5, 1_000)]].concat();
    bench("hypervolume", &all, hypervolume);
    bench("contributions", &small, |objectives, reference| contributions(objectives, reference).iter().sum());
    bench("archive", &small, |objectives, reference| {
        let mut archive = Archive::new(reference);
        archive.extend(objectives);
        archive.hypervolume()
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600));
    targets = indicators
}
criterion_main!(benches);
