//! The numerical suite, as rows of a table.

use kernel_suite::{agreement, classifier, deferred, errors, gallery, optimiser, promises};
use kernels::Backend;
use serde::Serialize;

/// One check and how it ended.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    name: &'static str,
    /// Largest relative error, where the check is about one.
    error: Option<f32>,
    /// What differs; nothing if it passed.
    pub(crate) failure: Option<String>,
}

/// Runs all checks and prints each as it ends.
pub(crate) fn run<B: Backend>(backend: &B) -> Vec<Check> {
    vec![
        check("blocks agree with the reference", || agreement::check(backend, 0, 1).map(Some)),
        check("deferred batch-norms agree, or are refused", || deferred::check(backend, 0, 7).map(Some)),
        check("classifiers agree", || classifier::check(backend).map(Some)),
        check("passes over buffers agree", || optimiser::check(backend).map(Some)),
        check("batches are made as drawn", || gallery::check(backend).map(|()| None)),
        check("impossible calls are refused", || errors::check(backend).map(|()| None)),
        check("NaN goes where it belongs", || promises::nan_is_kept(backend, 5).map(|()| None)),
        check("the same calls give the same bits", || promises::calls_repeat(backend, 7).map(|()| None)),
    ]
}

fn check(name: &'static str, run: impl FnOnce() -> Result<Option<f32>, String>) -> Check {
    let check = match run() {
        Ok(error) => Check { name, error, failure: None },
        Err(failure) => Check { name, error: None, failure: Some(failure) },
    };
    let verdict = if check.failure.is_none() { "passed" } else { "FAILED" };
    let detail = match &check {
        Check { failure: Some(failure), .. } => format!(": {failure}"),
        Check { error: Some(error), .. } => format!(", largest relative error {error:.1e}"),
        _ => String::new(),
    };
    println!("{verdict}  {name}{detail}");
    check
}
