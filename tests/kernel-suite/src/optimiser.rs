//! Passes over whole buffers of a backend against the reference: optimiser step, norm, blend, clear, copies.

use kernels::{Backend, Blend, Reference, SgdStep};

use crate::cases::Numbers;
use crate::compare::{TOLERANCE, largest_error_within};
use crate::run::{Results, buffer, values};

/// The settings of the CIFAR-10 search, with clipping at work.
pub const STEP: SgdStep = SgdStep { learning_rate: 0.025, momentum: 0.9, weight_decay: 3e-4, scale: 0.5 };

/// Compares the norm, and weights and velocities after two steps on buffers 0 and 2 of three; and looks at what the other
/// passes leave.
pub fn check<B: Backend>(backend: &B) -> Result<f32, String> {
    let got = steps(backend);
    let worst = largest_error_within(TOLERANCE, &got, &steps(&Reference), &STEP)?;
    let mut numbers = Numbers::new(3);
    numbers.vec(33, 1.0, 0.0);
    let untouched = numbers.vec(7, 1.0, 0.0);
    if got[1].1[..7] != untouched {
        return Err("a step changed a weight that it does not name".to_owned());
    }
    passes(backend)?;
    Ok(worst)
}

fn steps<B: Backend>(backend: &B) -> Results {
    let mut numbers = Numbers::new(3);
    let mut buffers = |len: usize| buffer(backend, &numbers.vec(len, 1.0, 0.0));
    let lens = [33, 7, 5000];
    let mut weights = lens.map(&mut buffers);
    let mut velocities = lens.map(&mut buffers);
    let gradients = lens.map(&mut buffers);
    let norm = backend.squared_norm(&gradients, &[0, 2]).unwrap();
    let none = backend.squared_norm(&gradients, &[]).unwrap();
    for _ in 0..2 {
        backend.sgd(STEP, &mut weights, &mut velocities, &gradients, &[0, 2]).unwrap();
    }
    let all = weights.iter().chain(&velocities).enumerate();
    let mut results: Results =
        all.map(|(at, buffer)| (format!("buffer {at}"), values(backend, buffer))).collect();
    results.push(("norms".to_owned(), vec![norm as f32, none as f32]));
    results
}

fn passes<B: Backend>(backend: &B) -> Result<(), String> {
    let expect = |what: &str, got: &[f32], expected: &[f32]| {
        let close = got.iter().zip(expected).all(|(got, expected)| (got - expected).abs() <= 1e-6);
        if close { Ok(()) } else { Err(format!("{what}: got {got:?}, expected {expected:?}")) }
    };
    let of = |content: &[f32]| {
        let mut buffer = backend.zeros(content.len()).unwrap();
        backend.upload(content, &mut buffer).unwrap();
        buffer
    };
    let (mut into, mut stale) = (of(&[1.0, 2.0]), of(&[f32::NAN]));
    let (longer, other) = (of(&[10.0, 20.0, 30.0]), of(&[4.0]));
    let blends = vec![
        Blend { into: &mut into, keep: 0.9, from: &longer, add: 0.1 },
        Blend { into: &mut stale, keep: 0.0, from: &other, add: 0.5 },
    ];
    backend.blend(blends).unwrap();
    expect("blend", &values(backend, &into), &[1.9, 3.8])?;
    expect("blend that keeps nothing", &values(backend, &stale), &[2.0])?;
    backend.clear(&mut into, 1).unwrap();
    expect("clear", &values(backend, &into), &[0.0, 3.8])?;
    backend.upload(&[7.0], &mut into).unwrap();
    expect("upload", &values(backend, &into), &[7.0, 3.8])
}
