//! Every backend against the naive double-precision reference, on every case.

use kernels::{Backend, Cpu, Reference, SimdLevel};

use crate::cases::{Case, all};
use crate::run::{Numbered, run};

/// Largest difference, relative to the largest element of a result (and to 1 where that is smaller): single precision
/// carries 6e-8, sums over up to some thousand terms and a batch-norm over few elements lose two to three digits more.
const TOLERANCE: f32 = 1e-4;

/// Runs every case on the backend and compares every result.
fn check(backend: &impl Backend, cases: &[Case]) {
    let mut worst = 0.0f32;
    for (at, case) in cases.iter().enumerate() {
        let numbers = Numbered::new(case, at as u64);
        let expected = run(&Reference, case, &numbers);
        let got = run(backend, case, &numbers);
        assert_eq!(got.len(), expected.len());
        for ((name, got), (_, expected)) in got.iter().zip(&expected) {
            let size = expected.iter().fold(1.0f32, |size, value| size.max(value.abs()));
            for (element, (&got, &expected)) in got.iter().zip(expected).enumerate() {
                let error = (got - expected).abs() / size;
                assert!(
                    error <= TOLERANCE,
                    "{name}[{element}] of {case:?}: expected {expected}, got {got} (relative error {error:e})",
                );
                worst = worst.max(error);
            }
        }
    }
    eprintln!("{} cases, largest relative error {worst:e}", cases.len());
}

fn check_level(level: SimdLevel) {
    match Cpu::with_level(level) {
        Some(cpu) => check(&cpu, &all()),
        None => eprintln!("skipped: this machine has no {level:?}"),
    }
}

#[test]
fn portable_code_agrees_with_the_reference() {
    check_level(SimdLevel::Portable);
}

#[test]
fn avx2_code_agrees_with_the_reference() {
    check_level(SimdLevel::Avx2);
}

#[test]
fn avx512_code_agrees_with_the_reference() {
    check_level(SimdLevel::Avx512);
}
