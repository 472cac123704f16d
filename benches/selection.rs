//! Throughput of survivor selection, 2P to P, in points a second.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;
use std::time::Duration;

use cars_benches::{Distribution, points};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pareto::pnsga3::{Inputs, LastStage, Sorts, Variant};
use pareto::reference::{das_dennis, divisions};
use pareto::{Objectives, nsga2, nsga3, pnsga3, ranks, unsga3};
use random::{Purpose, stream};

fn selection(criterion: &mut Criterion) {
    for m in [2, 3, 5, 10] {
        let mut group = criterion.benchmark_group(format!("selection/m{m}"));
        for keep in [128, 1_000, 10_000] {
            let n = 2 * keep;
            group.throughput(Throughput::Elements(n as u64));
            let rows = points(Distribution::Evolving, n, m, 0);
            let objectives = Objectives::new(&rows, m).expect("no NaN");
            let references = das_dennis(m, divisions(m, keep));
            group.bench_function(BenchmarkId::new("nsga2", keep), |bencher| {
                bencher.iter(|| nsga2::select(black_box(&objectives), keep));
            });
            group.bench_function(BenchmarkId::new("nsga3", keep), |bencher| {
                let mut rng = stream(1, Purpose::Test, 0, 0);
                bencher.iter(|| nsga3::select(black_box(&objectives), keep, &references, &mut rng));
            });
            let ties = nsga3::associate(&objectives, &references);
            let fronts = ranks(&objectives);
            group.bench_function(BenchmarkId::new("associate", keep), |bencher| {
                bencher.iter(|| nsga3::associate(black_box(&objectives), &references));
            });
            group.bench_function(BenchmarkId::new("tournament", keep), |bencher| {
                let mut rng = stream(1, Purpose::Test, 0, 0);
                bencher.iter(|| unsga3::tournament(black_box(&fronts), &ties, n, &mut rng));
            });
            let column = |j: usize| rows.iter().skip(j).step_by(m).copied().collect::<Vec<f64>>();
            let columns: Vec<Vec<f64>> = (0..m).map(column).collect();
            let sizes: Vec<&[f64]> = columns[1..].iter().map(Vec::as_slice).collect();
            let inputs = Inputs { error: &columns[0], sizes: &sizes, speed: None };
            let sorts = Sorts::new(&inputs, Variant::Released).expect("equal columns");
            group.bench_function(BenchmarkId::new("pnsga3", keep), |bencher| {
                let mut rng = stream(1, Purpose::Test, 0, 0);
                bencher.iter(|| {
                    let last = LastStage::Niching(&references);
                    let primary = sorts.primary();
                    pnsga3::select(black_box(&primary), &sorts.objectives(), keep, last, &mut rng)
                });
            });
        }
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1));
    targets = selection
}
criterion_main!(benches);
