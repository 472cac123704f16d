//! A device whose memory is full.
#![cfg(emulated)]
#![allow(missing_docs, clippy::unwrap_used)]

use cuda_host::{Host, Order};
use kernels::{Backend, Cuda, CudaError, Images, KernelError, Precision};
use random::{Purpose, stream};
use space::{DartsSpace, MacroPlan, SearchSpace};
use supernet::{Sgd, Supernet, SupernetError};

const SGD: Sgd = Sgd { learning_rate: 0.025, momentum: 0.9, weight_decay: 3e-4, gradient_clip: 5.0 };
const MEMORY: usize = 2 << 20;

fn cuda() -> Cuda<Host> {
    in_precision(Precision::F32)
}

fn in_precision(precision: Precision) -> Cuda<Host> {
    Cuda::on(Host::with_memory(Order::Upwards, MEMORY).in_precision(precision))
}

/// A step on this many images.
fn step(samples: usize) -> Result<(), SupernetError> {
    step_on(cuda(), samples)
}

fn step_on(cuda: Cuda<Host>, samples: usize) -> Result<(), SupernetError> {
    let plan = MacroPlan { height: 8, width: 8, classes: 3, ..MacroPlan::custom(4, 3) };
    let path = DartsSpace::new().sample(&mut stream(1, Purpose::Test, 0, 0));
    let mut supernet = Supernet::new(cuda, &plan, 1)?;
    let images = vec![0.5_f32; samples * 192];
    supernet.train_step(&[&path], &images, &vec![0; samples], &SGD).map(|_| ())
}

#[test]
fn a_batch_that_does_not_fit_is_an_error_that_says_what_would_help() {
    step(2).unwrap();
    let error = step(200).unwrap_err();
    let SupernetError::Kernel(KernelError::Cuda(CudaError::OutOfMemory { wanted, free, total })) = error
    else {
        panic!("{error}");
    };
    assert!(wanted > free && free < total && total == MEMORY, "{wanted} of {free} of {total}");
    let text = error.to_string();
    assert!(text.contains(&format!("{wanted} bytes wanted, {free} of {MEMORY} free")), "{text}");
    assert!(text.contains("lower the batch size"), "{text}");
}

#[test]
fn what_is_dropped_is_free_again() {
    let cuda = cuda();
    for _ in 0..3 {
        cuda.zeros(MEMORY / 4).unwrap();
    }
    assert!(cuda.zeros(MEMORY / 4 + 1).is_err());
}

#[test]
fn a_set_that_does_not_fit_stays_with_the_host() {
    let (cuda, table) = (cuda(), [0.0; 256]);
    let gallery = |pixels: &[u8]| {
        let set = Images { pixels, height: 32, width: 32, channels: 1, table: &table };
        cuda.gallery(&set).unwrap().is_some()
    };
    assert!(gallery(&vec![0; MEMORY / 2]));
    assert!(!gallery(&vec![0; MEMORY]));
}

#[test]
fn in_bf16_a_larger_batch_fits() {
    assert!(step(24).is_err());
    step_on(in_precision(Precision::Bf16), 24).unwrap();
}
