//! Every backend against the naive double-precision reference, on every case.

use std::sync::OnceLock;

use kernels::{Backend, Cpu, Reference, SimdLevel};

use crate::cases::{Case, all};
use crate::run::{Numbered, Results, run};

/// Largest difference, relative to the largest element of a result (and to 1 where that is smaller). Single precision
/// carries 6e-8; sums over some thousand terms, and a batch-norm over few elements, lose one to two digits of it.
const TOLERANCE: f32 = 1e-5;

/// The reference's results, computed once for all backends.
fn expected() -> &'static [(Case, Numbered, Results)] {
    static EXPECTED: OnceLock<Vec<(Case, Numbered, Results)>> = OnceLock::new();
    EXPECTED.get_or_init(|| {
        let numbered = |(at, case)| {
            let numbers = Numbered::new(&case, at as u64);
            let results = run(&Reference, &case, &numbers);
            (case, numbers, results)
        };
        all().into_iter().enumerate().map(numbered).collect()
    })
}

/// Runs every case on the backend and compares every result.
fn check(backend: &impl Backend) {
    let mut worst = 0.0f32;
    for (case, numbers, expected) in expected() {
        let got = run(backend, case, numbers);
        assert_eq!(got.len(), expected.len());
        for ((name, got), (_, expected)) in got.iter().zip(expected) {
            assert_eq!(got.len(), expected.len(), "{name} of {case:?}");
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
    eprintln!("{} cases, largest relative error {worst:e}", expected().len());
}

fn check_level(level: SimdLevel) {
    match Cpu::with_level(level) {
        Some(cpu) => check(&cpu),
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
