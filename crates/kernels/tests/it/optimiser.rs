//! Passes over whole buffers: optimiser step, norm, blend, clear, copies.

use kernels::{Backend, Blend, Cpu, CpuBuffer, KernelError};

use kernel_suite::optimiser::STEP;

#[test]
fn passes_agree_with_the_reference() {
    kernel_suite::optimiser::check(&Cpu::new()).unwrap();
}

#[test]
fn one_step_is_pytorchs() {
    let cpu = Cpu::new();
    let [mut weights, mut velocities, gradients] =
        [1.0, 0.5, 2.0].map(|value| [CpuBuffer::from(vec![value])]);
    cpu.sgd(STEP, &mut weights, &mut velocities, &gradients, &[0]).unwrap();
    // g = 0.5 * 2 + 3e-4 * 1; v = 0.9 * 0.5 + g; w = 1 - 0.025 * v
    assert!((velocities[0][0] - 1.4503).abs() < 1e-6);
    assert!((weights[0][0] - (1.0 - 0.025 * 1.4503)).abs() < 1e-6);
}

#[test]
fn the_squared_norm_sums_the_named_buffers() {
    let cpu = Cpu::new();
    let gradients = [vec![3.0; 20], vec![100.0; 5], vec![-2.0; 3]].map(CpuBuffer::from);
    assert_eq!(cpu.squared_norm(&gradients, &[0, 2]).unwrap(), 180.0 + 12.0);
    assert_eq!(cpu.squared_norm(&gradients, &[]).unwrap(), 0.0);
}

#[test]
fn short_buffers_are_errors() {
    let cpu = Cpu::new();
    let zeros = CpuBuffer::zeros;
    let mut short = zeros(2);
    let is_length = |result: Result<(), KernelError>, expected: usize| {
        let error = result.unwrap_err();
        assert!(matches!(error, KernelError::Length { expected: e, got: 2, .. } if e == expected), "{error}");
    };
    is_length(cpu.upload(&[0.0; 3], &mut short), 3);
    is_length(cpu.download(&short, &mut [0.0; 4]), 4);
    is_length(cpu.clear(&mut short, 5), 5);
    let [mut into, mut other, enough] = [6, 2, 2].map(zeros);
    let blends = vec![
        Blend { into: &mut other, keep: 1.0, from: &enough, add: 1.0 },
        Blend { into: &mut into, keep: 1.0, from: &short, add: 1.0 },
    ];
    is_length(cpu.blend(blends), 6);
    is_length(cpu.sgd(STEP, &mut [zeros(7)], &mut [zeros(7)], &[zeros(2)], &[0]), 7);
    is_length(cpu.sgd(STEP, &mut [zeros(8)], &mut [short], &[zeros(8)], &[0]), 8);
}
