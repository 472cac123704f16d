//! A backend against the naive double-precision reference, on every case.

use std::sync::OnceLock;

use kernels::{Backend, Precision, Reference};

use crate::cases::{Case, all};
use crate::compare::largest_error;
use crate::run::{Numbered, Results, run};

/// What a case's results are compared with.
struct Expected {
    numbers: Numbered,
    results: Results,
}

/// The reference's results of one case, computed once for all backends of a precision.
fn expected(precision: Precision, at: usize, case: &Case) -> &'static Expected {
    static EXPECTED: [OnceLock<Vec<OnceLock<Expected>>>; 2] = [const { OnceLock::new() }; 2];
    let every = EXPECTED[precision as usize].get_or_init(|| all().iter().map(|_| OnceLock::new()).collect());
    every[at].get_or_init(|| {
        let numbers = Numbered::new(case, at as u64).rounded(precision);
        let results = run(&Reference, case, &numbers);
        Expected { numbers, results }
    })
}

/// Runs cases number `first`, `first + step` and so on, and compares every result.
pub fn check<B: Backend>(backend: &B, first: usize, step: usize) -> Result<f32, String> {
    let mut worst = 0.0f32;
    for (at, case) in all().into_iter().enumerate().skip(first).step_by(step) {
        let Expected { numbers, results } = expected(backend.precision(), at, &case);
        worst = worst.max(largest_error(backend, &run(backend, &case, numbers), results, &case)?);
    }
    Ok(worst)
}
