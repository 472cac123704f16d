//! What a caller may rely on beside the values: NaN goes where it belongs, and earlier calls leave no trace.

use kernels::{Backend, Reference};

use crate::cases::all;
use crate::compare::bits;
use crate::run::{Numbered, Results, run};

/// One NaN among the inputs reaches exactly the elements that it reaches in the reference. Every `step`-th case.
pub fn nan_is_kept<B: Backend>(backend: &B, step: usize) -> Result<(), String> {
    let nan = |results: &Results| -> Vec<Vec<bool>> {
        results.iter().map(|(_, values)| values.iter().map(|value| value.is_nan()).collect()).collect()
    };
    for (at, case) in all().into_iter().enumerate().step_by(step) {
        let mut numbers = Numbered::new(&case, at as u64);
        let last = numbers.inputs.len() - 1;
        let middle = numbers.inputs[last].len() / 2;
        numbers.inputs[last][middle] = f32::NAN;
        let (got, expected) = (run(backend, &case, &numbers), run(&Reference, &case, &numbers));
        assert!(expected.iter().any(|(_, values)| values.iter().any(|value| value.is_nan())));
        for ((got, expected), (name, _)) in nan(&got).iter().zip(nan(&expected)).zip(&got) {
            if *got != expected {
                return Err(format!("{name} of {case:?}: NaN in other places than in the reference"));
            }
        }
    }
    Ok(())
}

/// Results of a backend that has done much are, bit for bit, those of a fresh one. Every `step`-th case.
pub fn calls_leave_no_trace<B: Backend>(mut fresh: impl FnMut() -> B, step: usize) -> Result<(), String> {
    let used = fresh();
    for (at, case) in all().iter().enumerate().step_by(step) {
        let numbers = Numbered::new(case, at as u64);
        let again = run(&used, case, &numbers);
        if bits(&run(&fresh(), case, &numbers)) != bits(&again) {
            return Err(format!("{case:?}: other bits after other calls"));
        }
    }
    Ok(())
}

/// Infinite inputs and gradients give results, whatever they are. Every `step`-th case.
pub fn infinities_do_not_panic<B: Backend>(backend: &B, step: usize) {
    for (at, case) in all().into_iter().enumerate().step_by(step) {
        let mut numbers = Numbered::new(&case, at as u64);
        numbers.inputs[0].fill(f32::NEG_INFINITY);
        numbers.output_gradient[0] = f32::INFINITY;
        run(backend, &case, &numbers);
    }
}

/// The same call twice gives the same bits, with other calls between. Every `step`-th case.
pub fn calls_repeat<B: Backend>(backend: &B, step: usize) -> Result<(), String> {
    let cases: Vec<_> = all().into_iter().enumerate().step_by(step).collect();
    let results = || -> Vec<_> {
        cases.iter().map(|(at, case)| bits(&run(backend, case, &Numbered::new(case, *at as u64)))).collect()
    };
    let (first, second) = (results(), results());
    match first.iter().zip(&second).position(|(first, second)| first != second) {
        Some(at) => Err(format!("{:?}: other bits the second time", cases[at].1)),
        None => Ok(()),
    }
}
