//! One training step of a stand-alone network, auxiliary head on and drop-path off, as a safetensors file: images, labels,
//! weights before the step, loss and gradients. `tests/peers/torch_recipe.py` repeats it.
//!
//!     cargo run -p cars-supernet --example recipe_step -- CARS_I 8 5 16 step.safetensors
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program that writes where it is told to"
)]

use std::collections::BTreeMap;
use std::error::Error;

use rand::RngExt;
use random::{Purpose, stream};
use safetensors::tensor::{Dtype, TensorView, serialize};
use space::{MacroPlan, named};
use supernet::{Cpu, Network, Sgd, StoredTensor};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, channels, cells, samples, file] = arguments.as_slice() else {
        return Err("expected NAME CHANNELS CELLS SAMPLES FILE".into());
    };
    let genotype = &named::find(name).ok_or("no published network has this name")?.genotype;
    let (frame, samples) = (MacroPlan::custom(channels.parse()?, cells.parse()?), samples.parse::<usize>()?);

    let mut rng = stream(1, Purpose::Test, 0, 0);
    let mut network = Network::new(Cpu::new(), genotype, &frame, 1)?;
    let mut before = network.state()?;
    for (name, tensor) in &mut before {
        // Fresh batch-norms are the identity, which would hide a mistake. These keep most ReLUs open: each unit that rounding
        // opens or closes is a jump of the gradient, and a deep network of shifts around 0 has many (tests/peers/README.md).
        match name.rsplit('.').next() {
            _ if name.starts_with("velocity.") => {}
            Some("scale") => tensor.values.fill_with(|| rng.random_range(0.3..0.5)),
            Some("shift") => tensor.values.fill_with(|| rng.random_range(0.5..1.5)),
            _ => {}
        }
    }
    network.load(&before)?;
    let shape = vec![samples, frame.height, frame.width, frame.input_channels];
    let images: Vec<f32> = (0..shape.iter().product()).map(|_| rng.random_range(-2.0..2.0)).collect();
    let labels: Vec<u32> = (0..samples as u32).map(|sample| sample % frame.classes as u32).collect();

    // Without weight decay and clipping, the first velocity of a weight is its gradient.
    let sgd = Sgd { learning_rate: 0.025, momentum: 0.9, weight_decay: 0.0, gradient_clip: f64::INFINITY };
    let report = network.train_step(&images, &labels, &sgd, None)?;

    let mut tensors: BTreeMap<String, StoredTensor> = BTreeMap::new();
    for (name, tensor) in before {
        if !name.starts_with("velocity.") {
            tensors.insert(format!("weight.{name}"), tensor);
        }
    }
    for (name, tensor) in network.state()? {
        if let Some(name) = name.strip_prefix("velocity.") {
            tensors.insert(format!("gradient.{name}"), tensor);
        }
    }
    let labels = labels.iter().map(|&label| label as f32).collect();
    for (name, shape, values) in [
        ("images", shape, images),
        ("labels", vec![samples], labels),
        ("loss", vec![1], vec![report.loss as f32]),
    ] {
        tensors.insert(name.to_owned(), StoredTensor { shape, values });
    }
    let bytes: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
        .into_iter()
        .map(|(name, tensor)| {
            let bytes = tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect();
            (name, tensor.shape, bytes)
        })
        .collect();
    let views: Result<Vec<_>, _> = bytes
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<_, safetensors::SafeTensorError>>();
    let facts =
        [("genotype", genotype.to_string()), ("channels", channels.clone()), ("cells", cells.clone())];
    let facts = facts.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    std::fs::write(file, serialize(views?, Some(facts))?)?;
    println!("loss {}, gradient norm {}", report.loss, report.gradient_norm);
    Ok(())
}
