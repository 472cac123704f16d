//! A small convolutional network for candle, made of this project's blocks, trained on the built-in images with candle's
//! own autograd and optimiser: `cargo run --release -p cars-candle-example`. A quarter of a minute on two
//! cores.
#![allow(clippy::print_stdout, reason = "a program that shows something")]

mod network;

use anyhow::Result;
use candle_core::{Device, Tensor};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, loss};
use datasets::ImageSet;
use datasets::builtin::{Part, Settings, generate};

use network::Network;

const BATCH: usize = 64;
const EPOCHS: usize = 8;

fn main() -> Result<()> {
    let (train, train_labels) = tensors(&generate(&Settings { images: 2_560, part: Part::Train, seed: 1 }))?;
    let (test, test_labels) = tensors(&generate(&Settings { images: 512, part: Part::Test, seed: 1 }))?;
    let mut network = Network::new(10, 1)?;
    let parameters = ParamsAdamW { lr: 3e-3, weight_decay: 1e-2, ..ParamsAdamW::default() };
    let mut optimiser = AdamW::new(network.weights(), parameters)?;
    for epoch in 1..=EPOCHS {
        let mut sum = 0.0;
        for first in (0..train.dim(0)?).step_by(BATCH) {
            let logits = network.train(&train.narrow(0, first, BATCH)?)?;
            let loss = loss::cross_entropy(&logits, &train_labels.narrow(0, first, BATCH)?)?;
            optimiser.backward_step(&loss)?;
            sum += loss.to_scalar::<f32>()?;
        }
        let mean = sum * BATCH as f32 / train.dim(0)? as f32;
        let logits = network.evaluate(&test)?;
        println!(
            "epoch {epoch}/{EPOCHS}: loss {mean:.3}, accuracy {:.1} %",
            accuracy(&logits, &test_labels)?
        );
    }
    Ok(())
}

/// Images as `[n, height, width, channels]` around 0, and their classes.
fn tensors(set: &ImageSet) -> Result<(Tensor, Tensor)> {
    let values: Vec<f32> = set.pixels.iter().map(|&pixel| f32::from(pixel) / 64.0 - 2.0).collect();
    let labels: Vec<u32> = set.labels.iter().map(|&label| u32::from(label)).collect();
    let images = Tensor::from_vec(values, (set.len(), set.height, set.width, set.channels), &Device::Cpu)?;
    Ok((images, Tensor::from_vec(labels, set.len(), &Device::Cpu)?))
}

/// Percent of rows whose largest value is that of their class.
fn accuracy(logits: &Tensor, labels: &Tensor) -> Result<f32> {
    let right = logits.argmax(1)?.eq(labels)?.to_dtype(candle_core::DType::F32)?;
    Ok(100.0 * right.mean_all()?.to_scalar::<f32>()?)
}
