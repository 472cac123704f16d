//! What a caller may rely on beside the values: NaN goes where it belongs, the first of equal maxima gets the gradient, and
//! earlier calls leave no trace.

use kernels::{Activation, Backend, Block, BlockKind, Norm, Reference, Store};

use crate::cases::{Case, all};
use crate::compare::{bits, largest_error};
use crate::run::{Numbered, Results, run};

/// One NaN among the inputs reaches exactly the elements that it reaches in the reference. Every `step`-th case.
pub fn nan_is_kept<B: Backend>(backend: &B, step: usize) -> Result<(), String> {
    let nan = |results: &Results| -> Vec<Vec<bool>> {
        results.iter().map(|(_, values)| values.iter().map(|value| value.is_nan()).collect()).collect()
    };
    for (at, case) in all().into_iter().enumerate().step_by(step) {
        let mut numbers = Numbered::new(&case, at as u64).rounded(backend.precision());
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

/// Max pools give what they give in the reference: of equal maxima, and of NaN, the first in row-major order gets the gradient;
/// among minus infinities the first that is a pixel.
pub fn equal_maxima_share_nothing<B: Backend>(backend: &B) -> Result<(), String> {
    for stride in [1, 2, 3] {
        for [height, width] in [[1, 1], [1, 4], [3, 1], [2, 2], [6, 9]] {
            for channels in [1, 8, 20] {
                let block = Block {
                    kind: BlockKind::MaxPool { stride },
                    activation: Activation::None,
                    norm: Norm::None,
                    height,
                    width,
                    channels_in: vec![channels],
                    channels_out: channels,
                };
                equal_maxima(backend, &Case { block, n: 2, store: Store::Write, scaled: false })?;
            }
        }
    }
    Ok(())
}

/// One pool, on few different values and on minus infinities alone.
fn equal_maxima<B: Backend>(backend: &B, case: &Case) -> Result<(), String> {
    const VALUES: [f32; 4] = [0.5, -0.5, f32::NEG_INFINITY, f32::NAN];
    let mut numbers = Numbered::new(case, case.block.channels_out as u64);
    for value in &mut numbers.inputs[0] {
        *value = VALUES[((*value + 2.0) * 100.0) as usize % VALUES.len()];
    }
    let mut lowest = numbers.clone();
    lowest.inputs[0].fill(f32::NEG_INFINITY);
    for numbers in [numbers, lowest] {
        let (mut got, mut expected) = (run(backend, case, &numbers), run(&Reference, case, &numbers));
        // Infinite outputs have no distance.
        let (output, expected_output) = (got.remove(0).1, expected.remove(0).1);
        let same = |(a, b): (&f32, &f32)| a == b || (a.is_nan() && b.is_nan());
        if !output.iter().zip(&expected_output).all(same) {
            return Err(format!("{case:?}: another maximum than in the reference"));
        }
        assert_eq!(expected[0].0, "gradient of input 0");
        largest_error(backend, &got, &expected, case)?;
    }
    Ok(())
}

/// Results of a backend that has done much are, bit for bit, those of a fresh one. Every `step`-th case.
pub fn calls_leave_no_trace<B: Backend>(mut fresh: impl FnMut() -> B, step: usize) -> Result<(), String> {
    let used = fresh();
    for (at, case) in all().iter().enumerate().step_by(step) {
        let numbers = Numbered::new(case, at as u64);
        let clean = run(&fresh(), case, &numbers);
        // Memory full of what cannot be overlooked.
        let mut none = numbers.clone();
        none.inputs.iter_mut().chain([&mut none.output_gradient]).for_each(|values| values.fill(f32::NAN));
        run(&used, case, &none);
        let again = run(&used, case, &numbers);
        let sound = again.iter().all(|(_, values)| !values.iter().any(|value| value.is_nan()));
        if bits(&clean) != bits(&again) || !sound {
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
