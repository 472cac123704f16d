//! A backend against the naive double-precision reference, on every case.

use std::sync::OnceLock;

use kernels::{Backend, Reference};

use crate::cases::{Case, all};
use crate::compare::largest_error;
use crate::run::{Numbered, Results, run};

/// The reference's results, computed once for all backends.
fn expected(at: usize) -> &'static (Case, Numbered, Results) {
    static EXPECTED: OnceLock<Vec<(Case, OnceLock<(Case, Numbered, Results)>)>> = OnceLock::new();
    let all = EXPECTED.get_or_init(|| all().into_iter().map(|case| (case, OnceLock::new())).collect());
    let (case, results) = &all[at];
    results.get_or_init(|| {
        let numbers = Numbered::new(case, at as u64);
        let results = run(&Reference, case, &numbers);
        (case.clone(), numbers, results)
    })
}

/// Runs cases number `first`, `first + step` and so on, and compares every result.
pub fn check<B: Backend>(backend: &B, first: usize, step: usize) -> Result<f32, String> {
    let mut worst = 0.0f32;
    for at in (first..all().len()).step_by(step) {
        let (case, numbers, expected) = expected(at);
        worst = worst.max(largest_error(&run(backend, case, numbers), expected, case)?);
    }
    Ok(worst)
}
