//! Gradients of whole paths against finite differences of the reference, and the fast backend against the reference.

use supernet::{Cpu, Reference, State, Supernet};

use crate::common::{data, genotype, is_weight, plain, tiny};

/// Loss of a path with the given weights; a step with rate 0 moves nothing.
fn loss(supernet: &mut Supernet<Reference>, path: u64, weights: &State) -> f64 {
    let (images, labels) = data(6, 0);
    supernet.load(weights).unwrap();
    supernet.train_step(&[&genotype(path)], &images, &labels, &plain(0.0)).unwrap().loss
}

/// `weights + step * direction`, and the step really taken after rounding to single precision.
fn moved(weights: &State, direction: &State, step: f32) -> State {
    let mut moved = weights.clone();
    for (name, tensor) in &mut moved {
        if is_weight(name) {
            for (value, along) in tensor.values.iter_mut().zip(&direction[name].values) {
                *value += step * along;
            }
        }
    }
    moved
}

#[test]
fn whole_path_gradients_match_finite_differences() {
    for path in 0..6 {
        let (images, labels) = data(6, 0);
        let mut supernet = Supernet::new(Reference, &tiny(), 7).unwrap();
        let start = supernet.state().unwrap();
        supernet.train_step(&[&genotype(path)], &images, &labels, &plain(1.0)).unwrap();
        let after = supernet.state().unwrap();
        let mut gradient = start.clone();
        let mut squared = 0.0;
        for (name, tensor) in &mut gradient {
            for (value, after) in tensor.values.iter_mut().zip(&after[name].values) {
                *value -= after;
                squared += if is_weight(name) { f64::from(*value).powi(2) } else { 0.0 };
            }
        }
        // Central differences of two step sizes, extrapolated to step 0 (Richardson); single-precision weights bound the
        // step from below, the kinks of rectifiers and maxima from above.
        let slope = |supernet: &mut Supernet<Reference>, step: f32| {
            let up = loss(supernet, path, &moved(&start, &gradient, step));
            let down = loss(supernet, path, &moved(&start, &gradient, -step));
            (up - down) / (2.0 * f64::from(step))
        };
        let step = 0.5_f32.powi(15);
        let (coarse, fine) = (slope(&mut supernet, step), slope(&mut supernet, step / 2.0));
        let slope = (4.0 * fine - coarse) / 3.0;
        assert!(
            (slope / squared - 1.0).abs() < 5e-3,
            "path {path}: slope {slope}, squared gradient {squared}"
        );
    }
}

#[test]
fn the_fast_backend_takes_the_reference_step() {
    for path in 0..8 {
        let (images, labels) = data(9, path);
        let mut slow = Supernet::new(Reference, &tiny(), 3).unwrap();
        let mut fast = Supernet::new(Cpu::new(), &tiny(), 3).unwrap();
        let path = genotype(path);
        let expected = slow.train_step(&[&path], &images, &labels, &plain(1.0)).unwrap();
        let got = fast.train_step(&[&path], &images, &labels, &plain(1.0)).unwrap();
        assert!((expected.loss - got.loss).abs() < 1e-4, "{expected:?} {got:?}");
        let (expected, got) = (slow.state().unwrap(), fast.state().unwrap());
        let (mut dot, mut norms) = (0.0, [0.0, 0.0]);
        let start = Supernet::new(Reference, &tiny(), 3).unwrap().state().unwrap();
        for (name, start) in start.iter().filter(|(name, _)| is_weight(name)) {
            for (i, start) in start.values.iter().enumerate() {
                let a = f64::from(expected[name].values[i] - start);
                let b = f64::from(got[name].values[i] - start);
                dot += a * b;
                norms = [norms[0] + a * a, norms[1] + b * b];
            }
        }
        let cosine = dot / (norms[0] * norms[1]).sqrt();
        assert!(cosine > 0.9999, "cosine {cosine} on {path}");
    }
}
