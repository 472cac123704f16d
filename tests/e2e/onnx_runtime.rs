//! Exported networks computed by ONNX Runtime, beside our own evaluation. `CARS_PYTHON` names a Python with onnx, onnxruntime
//! and numpy (`cargo xtask verify-onnx` sets it); without it these tests say that they skip.

#![allow(clippy::print_stderr, reason = "a test that is skipped says so, and figures are for people")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cars::export::{Exported, Facts};
use rand::RngExt;
use random::{Purpose, stream};
use space::{Genotype, Layer, LayerKind, MacroPlan, NasBench201Cell, NasBench201Operation, Plan, named};
use supernet::{Cpu, Network};

/// Writes the scores, and the ONNX Runtime's version to standard output.
const RUN: &str = include_str!("../../crates/cli/src/export/run_onnx.py");

/// Checks the model by the rules of ONNX, and prints how many trainable numbers it has.
const COUNT: &str = r#"
import sys, math, onnx
model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
arrays = [array for array in model.graph.initializer if array.data_type == onnx.TensorProto.FLOAT]
print(sum(math.prod(array.dims) for array in arrays if not array.name.endswith((".mean", ".variance"))))
"#;

/// The largest difference allowed.
const LARGEST_DIFFERENCE: f32 = 1e-4;

fn python() -> Option<PathBuf> {
    let python = std::env::var_os("CARS_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("SKIPPED: CARS_PYTHON names no Python with onnx, onnxruntime and numpy");
    }
    python
}

fn output(python: &Path, script: &str, arguments: &[&Path]) -> String {
    let output = Command::new(python).args(["-c", script]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A network whose batch-norms have scales, shifts and statistics of their own, the last those of random images. Shifts lie
/// around 1 because a deep network of random weights is chaotic where they lie around 0: each batch-norm behind a ReLU multiplies
/// a difference by 1.21 (Yang et al. 2019, arXiv 1902.08129), which makes 1e-3 of rounding in any program (docs/export.md).
fn seasoned(name: &str, plan: Plan) -> Exported {
    let mut rng = stream(3, Purpose::Test, 0, 0);
    let mut network = Network::of_plan(Cpu::new(), &plan, 3).unwrap();
    let mut state = network.state().unwrap();
    for (name, tensor) in &mut state {
        match name.rsplit('.').next() {
            Some("scale") => tensor.values.fill_with(|| rng.random_range(0.8..1.2)),
            Some("shift") => tensor.values.fill_with(|| rng.random_range(0.5..1.5)),
            _ => {}
        }
    }
    network.load(&state).unwrap();
    let pixels = 32 * plan.values[0].elements();
    let images: Vec<f32> = (0..pixels).map(|_| rng.random_range(-2.0..2.0)).collect();
    let mut batches = [network.batch(&images, &[0; 32]).unwrap()];
    let state = network.recalibrated_state(&mut batches).unwrap();
    Exported::stand_alone(plan, state, Facts::new(&name, "random".to_owned()))
}

/// The largest difference of two images' scores of one class.
fn spread(scores: &[f32], classes: usize) -> f32 {
    let of_class = |class: usize| scores.iter().skip(class).step_by(classes);
    let range = |class| {
        of_class(class).copied().fold(f32::MIN, f32::max) - of_class(class).copied().fold(f32::MAX, f32::min)
    };
    (0..classes).map(range).fold(0.0, f32::max)
}

/// The largest difference of the scores and the largest score, batch-norms as they are and folded, after a look at the files
/// themselves.
fn differences(
    python: &Path,
    folder: &Path,
    exported: &Exported,
    samples: usize,
    least_spread: f32,
) -> [(f32, f32); 2] {
    let [model, images, scores] = ["model.onnx", "images", "scores"].map(|name| folder.join(name));
    let expected = exported.expected(samples).unwrap();
    let bytes: Vec<u8> = expected.images.iter().flat_map(|value| value.to_le_bytes()).collect();
    fs::write(&images, bytes).unwrap();
    [false, true].map(|fold| {
        fs::write(&model, exported.onnx(fold).unwrap()).unwrap();
        let plan = exported.plan();
        // Folding turns scale and shift of a channel into one bias, if a convolution comes before.
        let alone = |layer: &&Layer| layer.kind != LayerKind::BnRelu;
        let norms = plan.layers.iter().filter(alone).flat_map(Layer::batch_norms);
        let folded: u64 = if fold { norms.map(|norm| norm.channels as u64).sum() } else { 0 };
        let count = output(python, COUNT, &[&model]);
        assert_eq!(count, (plan.parameters() - folded).to_string());
        output(python, RUN, &[&model, &images, &scores]);
        let found = fs::read(&scores).unwrap();
        let (found, _) = found.as_chunks::<4>();
        let found: Vec<f32> = found.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        let (difference, largest) = expected.difference(&found);
        assert!(largest > 0.1, "scores of nothing");
        let spread = spread(&found, plan.macro_plan.classes);
        assert!(spread >= least_spread, "scores that hardly depend on the image: {spread}");
        (difference, largest)
    })
}

fn published(frame: &MacroPlan) -> Vec<(String, Plan)> {
    let plan = |genotype: &Genotype| Plan::stand_alone(genotype, frame).unwrap();
    named::all().iter().map(|network| (network.name.to_owned(), plan(&network.genotype))).collect()
}

fn check(what: &str, networks: Vec<(String, Plan)>, samples: usize, least_spread: f32) {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    eprintln!(
        "{what}, {samples} inputs: parameters, largest difference, largest difference when folded, largest score"
    );
    let mut worst = [0.0_f32; 2];
    for (name, plan) in networks {
        let exported = seasoned(&name, plan);
        let found = differences(&python, folder.path(), &exported, samples, least_spread);
        let parameters = exported.plan().parameters();
        eprintln!("{name:16} {parameters:>8} {:8.1e} {:8.1e} {:8.2}", found[0].0, found[1].0, found[0].1);
        worst = [0, 1].map(|which| worst[which].max(found[which].0));
    }
    eprintln!("{what}, kept and folded: worst {:.1e} {:.1e}", worst[0], worst[1]);
    assert!(worst.iter().all(|&worst| worst <= LARGEST_DIFFERENCE), "{worst:?}");
}

#[test]
fn cifar_networks_compute_the_same() {
    check("cifar", published(&MacroPlan::cifar()), 256, 0.1);
}

#[test]
fn imagenet_networks_compute_the_same() {
    check("imagenet", published(&MacroPlan::imagenet()), 64, 0.1);
}

#[test]
fn nas_bench_201_cells_compute_the_same() {
    // Each operation on all edges, and cells from all over the space.
    let all: Vec<NasBench201Cell> = NasBench201Cell::all().collect();
    let mut cells: Vec<NasBench201Cell> =
        NasBench201Operation::ALL.map(|operation| NasBench201Cell { operations: [operation; 6] }).to_vec();
    cells.extend(all.iter().step_by(1_117));
    let networks = cells
        .iter()
        .map(|cell| (cell.to_string(), Plan::nas_bench_201(cell, &MacroPlan::custom(16, 17)).unwrap()));
    // Where all operations are `none`, no image matters.
    check("nas_bench_201", networks.collect(), 256, 0.0);
}
