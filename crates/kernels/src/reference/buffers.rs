//! Reading and writing the buffers of the reference: inputs side by side and activated, gradients taken back to them, results
//! written or added, lengths checked.

use crate::backend::{Gradients, Store};
use crate::{Activation, KernelError};

/// The inputs with their channels side by side, activated: `[n, pixels, sum of channels]`.
pub(super) fn gather(
    channels: &[usize],
    pixels: usize,
    n: usize,
    values: &[Vec<f64>],
    inputs: &[usize],
    activation: Activation,
) -> Result<Vec<f64>, KernelError> {
    for (&index, &c) in inputs.iter().zip(channels) {
        long_enough("input", &values[index], n * pixels * c)?;
    }
    let mut x = Vec::new();
    for pixel in 0..n * pixels {
        for (&index, &c) in inputs.iter().zip(channels) {
            x.extend(values[index][pixel * c..][..c].iter().map(|&value| activate(value, activation)));
        }
    }
    Ok(x)
}

/// Takes the gradient by the activated, gathered input back to the input buffers.
pub(super) fn scatter(
    dx: &[f64],
    x: &[f64],
    channels: &[usize],
    inputs: &[usize],
    activation: Activation,
    gradients: Gradients<'_, Vec<f64>>,
) -> Result<(), KernelError> {
    let Gradients { buffers, stores } = gradients;
    let total: usize = channels.iter().sum();
    let mut first = 0;
    for ((&index, &c), &how) in inputs.iter().zip(channels).zip(stores) {
        let part: Vec<f64> = (0..x.len())
            .filter(|i| (first..first + c).contains(&(i % total)))
            .map(|i| if activation == Activation::Relu && x[i] <= 0.0 { 0.0 } else { dx[i] })
            .collect();
        store(&mut buffers[index], &part, how, "input gradient")?;
        first += c;
    }
    Ok(())
}

/// Written so that NaN stays NaN, as in PyTorch.
fn activate(value: f64, activation: Activation) -> f64 {
    match activation {
        Activation::Relu if value < 0.0 => 0.0,
        Activation::Relu | Activation::None => value,
    }
}

pub(super) fn scaled(mut y: Vec<f64>, scale: Option<&Vec<f64>>, per_sample: usize) -> Vec<f64> {
    if let Some(scale) = scale {
        for (i, value) in y.iter_mut().enumerate() {
            *value *= scale[i / per_sample];
        }
    }
    y
}

pub(super) fn store(to: &mut [f64], from: &[f64], how: Store, what: &'static str) -> Result<(), KernelError> {
    long_enough(what, to, from.len())?;
    for (to, from) in to.iter_mut().zip(from) {
        match how {
            Store::Write => *to = *from,
            Store::Add => *to += *from,
        }
    }
    Ok(())
}

pub(super) fn long_enough(what: &'static str, buffer: &[f64], expected: usize) -> Result<(), KernelError> {
    if buffer.len() < expected {
        return Err(KernelError::Length { what, expected, got: buffer.len() });
    }
    Ok(())
}
