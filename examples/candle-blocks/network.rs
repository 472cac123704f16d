//! The network: five blocks, a mean over all pixels, and a linear layer that is candle's own.

use anyhow::Result;
use candle_core::{Device, Tensor, Var};
use kernels::candle::{Statistics, block_with_statistics, evaluate};
use kernels::{Activation, Block, BlockKind, Norm};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// How much of the last batch's statistics goes into the running ones.
const MOMENTUM: f64 = 0.1;

/// A block with its weights and, if it normalises, running statistics.
struct Layer {
    block: Block,
    weights: Vec<Var>,
    running: Option<Statistics>,
}

/// A chain of blocks and a classifier.
pub(crate) struct Network {
    layers: Vec<Layer>,
    classifier: Var,
}

impl Network {
    /// For 32 x 32 colour images of so many classes, with weights drawn from a seed (candle's own draws on the CPU cannot be
    /// repeated).
    pub(crate) fn new(classes: usize, seed: u64) -> Result<Self> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let stem = BlockKind::Convolution { kernel: [3, 3], stride: [1, 1], padding: [1, 1] };
        let separable = |kernel, stride| BlockKind::DepthwisePointwise { kernel, stride, dilation: 1 };
        let blocks = [
            block(stem, Activation::None, 32, [3, 16]),
            block(separable(3, 2), Activation::Relu, 32, [16, 32]),
            block(separable(5, 1), Activation::Relu, 16, [32, 32]),
            Block {
                norm: Norm::None,
                ..block(BlockKind::MaxPool { stride: 2 }, Activation::None, 16, [32, 32])
            },
            block(separable(3, 1), Activation::Relu, 8, [32, 64]),
        ];
        let layers = blocks.into_iter().map(|block| Layer::new(block, &mut rng)).collect::<Result<_>>()?;
        let classifier = Var::from_tensor(&draw(&mut rng, 64 * classes, 0.1)?.reshape((64, classes))?)?;
        Ok(Self { layers, classifier })
    }

    /// What an optimiser trains.
    pub(crate) fn weights(&self) -> Vec<Var> {
        let blocks = self.layers.iter().flat_map(|layer| &layer.weights);
        blocks.chain([&self.classifier]).cloned().collect()
    }

    /// Class scores, normalised by the batch's own statistics, which the running ones follow.
    pub(crate) fn train(&mut self, images: &Tensor) -> Result<Tensor> {
        let mut values = images.clone();
        for layer in &mut self.layers {
            values = layer.train(&values)?;
        }
        self.classify(&values)
    }

    /// Class scores with the running statistics.
    pub(crate) fn evaluate(&self, images: &Tensor) -> Result<Tensor> {
        let mut values = images.clone();
        for layer in &self.layers {
            values = layer.evaluate(&values)?;
        }
        self.classify(&values)
    }

    fn classify(&self, values: &Tensor) -> Result<Tensor> {
        Ok(values.relu()?.mean((1, 2))?.matmul(&self.classifier)?)
    }
}

impl Layer {
    fn new(block: Block, rng: &mut ChaCha8Rng) -> Result<Self> {
        let lens = block.weight_lens();
        let n_linear = lens.len() - if block.norm == Norm::Affine { 2 } else { 0 };
        let mut weights = Vec::new();
        for (at, &len) in lens.iter().enumerate() {
            // He initialisation; the scale of a batch-norm begins at 1, its shift at 0.
            let tensor = if at < n_linear {
                let inputs =
                    if at + 1 == n_linear { len / block.channels_out } else { len / block.total_in() };
                draw(rng, len, (2.0 / inputs as f32).sqrt())?
            } else {
                Tensor::full(if at == n_linear { 1.0_f32 } else { 0.0 }, len, &Device::Cpu)?
            };
            weights.push(Var::from_tensor(&tensor)?);
        }
        Ok(Self { block, weights, running: None })
    }

    fn tensors(&self) -> Vec<Tensor> {
        self.weights.iter().map(|weight| weight.as_tensor().clone()).collect()
    }

    fn train(&mut self, values: &Tensor) -> Result<Tensor> {
        let (output, batch) = block_with_statistics(&self.block, values, &self.tensors())?;
        if let Some(batch) = batch {
            self.running = Some(match self.running.take() {
                None => batch,
                Some(running) => Statistics {
                    mean: follow(&running.mean, &batch.mean)?,
                    variance: follow(&running.variance, &batch.variance)?,
                },
            });
        }
        Ok(output)
    }

    fn evaluate(&self, values: &Tensor) -> Result<Tensor> {
        match &self.running {
            Some(running) => Ok(evaluate(&self.block, values, &self.tensors(), running)?),
            None => Ok(kernels::candle::block(&self.block, values, &self.tensors())?),
        }
    }
}

fn block(kind: BlockKind, activation: Activation, side: usize, [inputs, outputs]: [usize; 2]) -> Block {
    Block {
        kind,
        activation,
        norm: Norm::Affine,
        height: side,
        width: side,
        channels_in: vec![inputs],
        channels_out: outputs,
    }
}

fn follow(running: &Tensor, batch: &Tensor) -> Result<Tensor> {
    Ok(((running * (1.0 - MOMENTUM))? + (batch * MOMENTUM)?)?)
}

/// Values of about this standard deviation: sums of four uniform ones.
fn draw(rng: &mut ChaCha8Rng, len: usize, deviation: f32) -> Result<Tensor> {
    let uniform = |rng: &mut ChaCha8Rng| rng.next_u32() as f32 / u32::MAX as f32 - 0.5;
    let values: Vec<f32> =
        (0..len).map(|_| (0..4).map(|_| uniform(rng)).sum::<f32>() * deviation * 3_f32.sqrt()).collect();
    Ok(Tensor::from_vec(values, len, &Device::Cpu)?)
}
