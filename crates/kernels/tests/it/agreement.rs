//! Every instruction set of the processor against the naive double-precision reference, on every case.

use kernel_suite::{agreement, deferred};
use kernels::{Cpu, Reference, SimdLevel};

fn check_level(level: SimdLevel) {
    match Cpu::with_level(level) {
        Some(cpu) => {
            let worst = agreement::check(&cpu, 0, 1).unwrap();
            let deferred = deferred::check(&cpu, 0, 1).unwrap();
            eprintln!(
                "{level:?}: largest relative error {worst:e}, where batch-norms are left to others {deferred:e}"
            );
        }
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

#[test]
fn the_reference_defers_as_if_it_did_not() {
    deferred::check(&Reference, 0, 1).unwrap();
}
