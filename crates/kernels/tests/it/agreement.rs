//! Every instruction set of the processor against the naive double-precision reference, on every case.

use kernel_suite::agreement::check;
use kernels::{Cpu, SimdLevel};

fn check_level(level: SimdLevel) {
    match Cpu::with_level(level) {
        Some(cpu) => eprintln!("{level:?}: largest relative error {:e}", check(&cpu, 0, 1).unwrap()),
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
