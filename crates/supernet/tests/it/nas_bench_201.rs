//! The second space on the same code: both backends agree, paths leave other weights alone, and the zero network runs.

use space::{Layer, MacroPlan, NasBench201Cell, Plan};
use supernet::{Backend, BatchNormStatistics, Cpu, Network, Reference, Supernet};

use crate::common::{SIDE, changed, data, is_weight, paper, tiny};

pub(crate) const EVERYTHING: &str =
    "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|+|avg_pool_3x3~0|none~1|nor_conv_3x3~2|";
pub(crate) const NOTHING: &str = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|";

fn cell(text: &str) -> NasBench201Cell {
    text.parse().unwrap()
}

/// Five cells of four channels: the first, third and last are cells, the others residual blocks.
fn frame() -> MacroPlan {
    MacroPlan { height: SIDE, width: SIDE, ..MacroPlan { reductions: vec![1, 3], cells: 5, ..tiny() } }
}

pub(crate) fn supernet<B: Backend>(backend: B) -> Supernet<B> {
    Supernet::of(backend, &Plan::nas_bench_201_supernet(&frame()).unwrap(), 5).unwrap()
}

#[test]
fn backends_agree_after_steps() {
    fn losses<B: Backend>(backend: B) -> (Vec<f64>, f64) {
        let mut supernet = supernet(backend);
        let paths = [
            cell(EVERYTHING),
            cell("|nor_conv_1x1~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|none~2|"),
        ];
        let steps = (0..3).map(|step| {
            let (images, labels) = data(8, step);
            supernet.train_step(&[&paths[0], &paths[1]], &images, &labels, &paper()).unwrap().loss
        });
        let losses = steps.collect();
        let (images, labels) = data(16, 9);
        let mut batches = [supernet.batch(&images, &labels).unwrap()];
        let mut again = [supernet.batch(&images, &labels).unwrap()];
        let statistics = BatchNormStatistics::Recalibrated(&mut again);
        (losses, supernet.evaluate(&paths[0], &mut batches, statistics).unwrap().loss)
    }
    let ((cpu, cpu_score), (reference, reference_score)) = (losses(Cpu::new()), losses(Reference));
    for (cpu, reference) in cpu.iter().zip(&reference) {
        assert!((cpu - reference).abs() < 1e-4, "{cpu} {reference}");
    }
    assert!((cpu_score - reference_score).abs() < 1e-3, "{cpu_score} {reference_score}");
}

#[test]
fn only_the_sampled_path_moves() {
    let (images, labels) = data(8, 0);
    let mut supernet = supernet(Cpu::new());
    let layers = Plan::nas_bench_201_path(&cell(EVERYTHING), &frame()).unwrap().layers;
    let own: Vec<String> = layers.iter().flat_map(Layer::weights).map(|weight| weight.name).collect();
    let before = supernet.state().unwrap();
    supernet.train_step(&[&cell(EVERYTHING)], &images, &labels, &paper()).unwrap();
    let moved = changed(&before, &supernet.state().unwrap());
    let weights: Vec<&String> = moved.iter().filter(|name| is_weight(name)).collect();
    assert!(weights.iter().all(|name| own.contains(name)), "{weights:?}");
    assert!(weights.len() > 2 * own.len() / 3, "{} of {} moved", weights.len(), own.len());
}

#[test]
fn a_network_of_nothing_learns_the_classes_shares() {
    let (images, labels) = data(8, 0);
    let mut supernet = supernet(Cpu::new());
    let before = supernet.state().unwrap();
    let report = supernet.train_step(&[&cell(NOTHING)], &images, &labels, &paper()).unwrap();
    assert!(report.loss.is_finite());
    let moved = changed(&before, &supernet.state().unwrap());
    assert!(
        moved
            .iter()
            .filter(|name| is_weight(name))
            .all(|name| name.starts_with("classifier") || name.starts_with("last"))
    );
}

#[test]
fn a_network_of_its_own_learns() {
    let mut network = Network::new(Cpu::new(), &cell(EVERYTHING), &frame(), 1).unwrap();
    assert_eq!(network.parameters(), Plan::nas_bench_201(&cell(EVERYTHING), &frame()).unwrap().parameters());
    let mut losses = Vec::new();
    for step in 0..60 {
        let (images, labels) = data(16, step);
        losses.push(network.train_step(&images, &labels, &paper(), None).unwrap().loss);
    }
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    assert!(mean(&losses[50..]) < 0.7 * mean(&losses[..5]), "{losses:?}");
}
