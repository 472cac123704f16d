//! Passes over whole buffers: optimiser step, norm, blend, clear, copies.

use kernels::{Backend, Cpu, KernelError, Reference, SgdStep};

use crate::cases::Numbers;
use crate::run::{buffer, values};

const STEP: SgdStep = SgdStep { learning_rate: 0.025, momentum: 0.9, weight_decay: 3e-4, scale: 0.5 };

/// Weights and velocities after two steps on buffers 0 and 2 of three.
fn two_steps<B: Backend>(backend: &B) -> Vec<Vec<f32>> {
    let mut numbers = Numbers::new(3);
    let mut buffers = |len: usize| buffer(backend, &numbers.vec(len, 1.0, 0.0));
    let lens = [33, 7, 100];
    let mut weights = lens.map(&mut buffers);
    let mut velocities = lens.map(&mut buffers);
    let gradients = lens.map(&mut buffers);
    for _ in 0..2 {
        backend.sgd(STEP, &mut weights, &mut velocities, &gradients, &[0, 2]).unwrap();
    }
    weights.iter().chain(&velocities).map(|buffer| values(backend, buffer)).collect()
}

#[test]
fn sgd_agrees_with_the_reference_and_leaves_other_weights_alone() {
    let expected = two_steps(&Reference);
    let got = two_steps(&Cpu::new());
    for (got, expected) in got.iter().zip(&expected) {
        for (got, expected) in got.iter().zip(expected) {
            assert!((got - expected).abs() < 1e-6, "{got} for {expected}");
        }
    }
    let mut numbers = Numbers::new(3);
    numbers.vec(33, 1.0, 0.0);
    assert_eq!(got[1][..7], numbers.vec(7, 1.0, 0.0));
}

#[test]
fn one_step_is_pytorchs() {
    let cpu = Cpu::new();
    let (mut weights, mut velocities) = ([vec![1.0f32]], [vec![0.5f32]]);
    cpu.sgd(STEP, &mut weights, &mut velocities, &[vec![2.0]], &[0]).unwrap();
    // g = 0.5 * 2 + 3e-4 * 1; v = 0.9 * 0.5 + g; w = 1 - 0.025 * v
    assert!((velocities[0][0] - 1.4503).abs() < 1e-6);
    assert!((weights[0][0] - (1.0 - 0.025 * 1.4503)).abs() < 1e-6);
}

#[test]
fn the_squared_norm_sums_the_named_buffers() {
    let cpu = Cpu::new();
    let gradients = [vec![3.0f32; 20], vec![100.0; 5], vec![-2.0; 3]];
    assert_eq!(cpu.squared_norm(&gradients, &[0, 2]).unwrap(), 180.0 + 12.0);
    assert_eq!(cpu.squared_norm(&gradients, &[]).unwrap(), 0.0);
}

#[test]
fn blend_clear_and_copies_do_what_they_say() {
    let cpu = Cpu::new();
    let mut into = vec![1.0f32, 2.0];
    cpu.blend(&mut into, 0.9, &vec![10.0, 20.0, 30.0], 0.1).unwrap();
    assert!((into[0] - 1.9).abs() < 1e-6 && (into[1] - 3.8).abs() < 1e-6);
    cpu.clear(&mut into, 1).unwrap();
    assert_eq!(into[0], 0.0);
    assert!(into[1] > 3.0);
    cpu.upload(&[7.0], &mut into).unwrap();
    let mut out = [0.0];
    cpu.download(&into, &mut out).unwrap();
    assert_eq!(out, [7.0]);
}

#[test]
fn short_buffers_are_errors() {
    let cpu = Cpu::new();
    let mut short = vec![0.0f32; 2];
    let is_length = |result: Result<(), KernelError>, expected: usize| {
        let error = result.unwrap_err();
        assert!(matches!(error, KernelError::Length { expected: e, got: 2, .. } if e == expected), "{error}");
    };
    is_length(cpu.upload(&[0.0; 3], &mut short), 3);
    is_length(cpu.download(&short, &mut [0.0; 4]), 4);
    is_length(cpu.clear(&mut short, 5), 5);
    is_length(cpu.blend(&mut vec![0.0; 6], 1.0, &short, 1.0), 6);
    is_length(cpu.sgd(STEP, &mut [vec![0.0; 7]], &mut [vec![0.0; 7]], &[short.clone()], &[0]), 7);
    is_length(cpu.sgd(STEP, &mut [vec![0.0; 8]], &mut [short], &[vec![0.0; 8]], &[0]), 8);
}
