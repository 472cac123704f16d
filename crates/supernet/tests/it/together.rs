//! Several paths scored together: to the bit as each scores alone, whatever they have in common.

use space::{Architecture, Genotype, NasBench201Cell};
use supernet::{Backend, BatchNormStatistics, Cpu, Reference, Score, Supernet};

use crate::common::{data, genotype, paper, tiny};
use crate::nas_bench_201;

/// Scores under running and under recalibrated statistics, of groups of so many paths at a time.
fn scores<B: Backend, A: Architecture>(
    supernet: &mut Supernet<B>,
    paths: &[&A],
    at_once: usize,
) -> Vec<[Score; 2]> {
    let batches = |supernet: &Supernet<B>, sizes: &[usize], from: u64| {
        let batch = |(index, &size): (u64, &usize)| {
            let (images, labels) = data(size, index);
            supernet.batch(&images, &labels).unwrap()
        };
        (from..).zip(sizes).map(batch).collect::<Vec<_>>()
    };
    let mut validation = batches(supernet, &[5, 5, 3], 20);
    let mut own = batches(supernet, &[8, 4], 30);
    let mut scores = Vec::new();
    for paths in paths.chunks(at_once) {
        let mut score = |statistics: BatchNormStatistics<'_, B>| {
            supernet.evaluate_all(paths, &mut validation, statistics).unwrap()
        };
        let running = score(BatchNormStatistics::Running);
        let recalibrated = score(BatchNormStatistics::Recalibrated(&mut own));
        scores.extend(running.into_iter().zip(recalibrated).map(|(running, own)| [running, own]));
    }
    scores
}

fn train<B: Backend, A: Architecture>(supernet: &mut Supernet<B>, paths: &[&A]) {
    for (step, path) in (0..).zip(paths) {
        let (images, labels) = data(8, step);
        supernet.train_step(&[*path], &images, &labels, &paper()).unwrap();
    }
}

fn check<B: Backend, A: Architecture>(mut supernet: Supernet<B>, paths: &[&A]) {
    train(&mut supernet, paths);
    let alone = scores(&mut supernet, paths, 1);
    for at_once in [2, 3, paths.len()] {
        assert_eq!(scores(&mut supernet, paths, at_once), alone, "{at_once} at once");
    }
    let backwards: Vec<&A> = paths.iter().rev().copied().collect();
    let mut scores = scores(&mut supernet, &backwards, paths.len());
    scores.reverse();
    assert_eq!(scores, alone, "in another order");
    assert!(alone.iter().all(|[running, recalibrated]| running != recalibrated));
    assert_ne!(alone[0], alone[1]);
}

/// Drawn ones, one of them twice, and children that have a cell of each parent.
fn genotypes() -> Vec<Genotype> {
    let mut all: Vec<Genotype> = [0, 1, 2, 3, 1].map(genotype).to_vec();
    all.push(Genotype { normal: all[0].normal.clone(), reduction: all[1].reduction.clone() });
    all.push(Genotype { normal: all[2].normal.clone(), reduction: all[1].reduction.clone() });
    all
}

#[test]
fn genotypes_score_together_as_they_do_alone() {
    let genotypes = genotypes();
    let paths: Vec<&Genotype> = genotypes.iter().collect();
    check(Supernet::new(Cpu::new(), &tiny(), 5).unwrap(), &paths);
    check(Supernet::new(Reference, &tiny(), 5).unwrap(), &paths);
}

#[test]
fn cells_of_nas_bench_201_score_together_as_they_do_alone() {
    let cells = [
        nas_bench_201::EVERYTHING,
        "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_3x3~1|+|nor_conv_1x1~0|nor_conv_3x3~1|nor_conv_3x3~2|",
        "|nor_conv_3x3~0|+|nor_conv_1x1~0|none~1|+|nor_conv_1x1~0|nor_conv_1x1~1|nor_conv_1x1~2|",
        nas_bench_201::NOTHING,
    ];
    let cells: Vec<NasBench201Cell> = cells.iter().map(|text| text.parse().unwrap()).collect();
    let paths: Vec<&NasBench201Cell> = cells.iter().collect();
    check(nas_bench_201::supernet(Cpu::new()), &paths);
    check(nas_bench_201::supernet(Reference), &paths);
}

#[test]
fn no_paths_have_no_scores() {
    let mut supernet = Supernet::new(Cpu::new(), &tiny(), 5).unwrap();
    let (images, labels) = data(4, 0);
    let batches = &mut [supernet.batch(&images, &labels).unwrap()];
    let none: &[&Genotype] = &[];
    assert_eq!(supernet.evaluate_all(none, batches, BatchNormStatistics::Running).unwrap(), []);
}
