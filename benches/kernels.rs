//! Throughput of single blocks, forward and backward, in multiply-adds a second (elements a second where there are none).
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kernels::{
    Activation, Backend, Backward, Block, BlockKind, Cpu, CpuBuffer, Forward, Gradients, KernelError, Norm,
    Normalise, Saved, Store,
};
use rand::RngExt;
use random::{Purpose, stream};

const BATCH: usize = 64;

/// The buffers of one block.
struct Setup {
    block: Block,
    values: Vec<CpuBuffer>,
    weights: Vec<CpuBuffer>,
    input_gradients: Vec<CpuBuffer>,
    weight_gradients: Vec<CpuBuffer>,
    output: CpuBuffer,
    saved: [CpuBuffer; 3],
}

impl Setup {
    fn new(kind: BlockKind, channels: usize, side: usize) -> Self {
        let activation = match kind {
            BlockKind::MaxPool { .. } | BlockKind::AveragePool { .. } => Activation::None,
            _ => Activation::Relu,
        };
        let block = Block {
            kind,
            activation,
            norm: Norm::Plain,
            height: side,
            width: side,
            channels_in: vec![channels],
            channels_out: channels,
        };
        let mut rng = stream(1, Purpose::Test, channels as u64, side as u64);
        let mut noise = |len: usize| {
            let mut buffer = CpuBuffer::zeros(len);
            buffer.fill_with(|| rng.random_range(-1.0..1.0));
            buffer
        };
        let input = BATCH * side * side * channels;
        let output = BATCH * block.output_len();
        let weights: Vec<CpuBuffer> = block.weight_lens().into_iter().map(&mut noise).collect();
        Self {
            values: vec![noise(input)],
            input_gradients: vec![CpuBuffer::zeros(input)],
            weight_gradients: block.weight_lens().into_iter().map(CpuBuffer::zeros).collect(),
            output: noise(output),
            saved: [channels, channels, output].map(CpuBuffer::zeros),
            weights,
            block,
        }
    }

    fn forward(&mut self, cpu: &Cpu) -> Result<(), KernelError> {
        let [mean, variance, linear] = &mut self.saved;
        let parameters: Vec<usize> = (0..self.weights.len()).collect();
        let call = Forward {
            deferred: &[],
            addend: None,
            values: &self.values,
            inputs: &[0],
            weights: &self.weights,
            parameters: &parameters,
            normalise: Normalise::Batch { mean, variance, linear },
            sample_scale: None,
            output: &mut self.output,
            store: Store::Write,
        };
        cpu.forward(&self.block, BATCH, call)
    }

    fn evaluate(&mut self, cpu: &Cpu) -> Result<(), KernelError> {
        let [mean, variance, _] = &self.saved;
        let parameters: Vec<usize> = (0..self.weights.len()).collect();
        let call = Forward {
            deferred: &[],
            addend: None,
            values: &self.values,
            inputs: &[0],
            weights: &self.weights,
            parameters: &parameters,
            normalise: Normalise::Fixed { mean, variance },
            sample_scale: None,
            output: &mut self.output,
            store: Store::Write,
        };
        cpu.forward(&self.block, BATCH, call)
    }

    fn backward(&mut self, cpu: &Cpu) -> Result<(), KernelError> {
        let parameters: Vec<usize> = (0..self.weights.len()).collect();
        let [mean, variance, linear] = &self.saved;
        let call = Backward {
            deferred: &[],
            sums: &[],
            values: &self.values,
            inputs: &[0],
            weights: &self.weights,
            parameters: &parameters,
            saved: Some(Saved { mean, variance, linear, sums: None }),
            sample_scale: None,
            output_gradient: &self.output,
            input_gradients: Some(Gradients { buffers: &mut self.input_gradients, stores: &[Store::Write] }),
            weight_gradients: Gradients {
                buffers: &mut self.weight_gradients,
                stores: &[Store::Write; 2][..parameters.len()],
            },
        };
        cpu.backward(&self.block, BATCH, call)
    }

    /// Multiply-adds of a forward pass; output elements where the block has no weights.
    fn work(&self) -> u64 {
        let pixels = BATCH * self.block.output_len() / self.block.channels_out;
        let per_pixel = match self.block.kind {
            BlockKind::DepthwisePointwise { kernel, .. } => {
                (kernel * kernel + self.block.channels_out) * self.block.total_in()
            }
            BlockKind::Pointwise => self.block.total_in() * self.block.channels_out,
            _ => self.block.channels_out,
        };
        (pixels * per_pixel) as u64
    }
}

fn blocks(criterion: &mut Criterion) {
    let depthwise = |kernel, dilation| BlockKind::DepthwisePointwise { kernel, stride: 1, dilation };
    let kinds = [
        ("sep3", depthwise(3, 1)),
        ("sep5", depthwise(5, 1)),
        ("dil3", depthwise(3, 2)),
        ("dil5", depthwise(5, 2)),
        ("pointwise", BlockKind::Pointwise),
        ("max-pool", BlockKind::MaxPool { stride: 1 }),
        ("average-pool", BlockKind::AveragePool { kernel: 3, stride: 1, padding: 1 }),
    ];
    let cpu = Cpu::new();
    let mut group = criterion.benchmark_group("kernels");
    for (name, kind) in kinds {
        for (channels, side) in [(16, 32), (32, 16), (64, 8)] {
            let mut setup = Setup::new(kind, channels, side);
            group.throughput(Throughput::Elements(setup.work()));
            let id = |pass| BenchmarkId::new(format!("{name}/{pass}"), format!("{channels}x{side}x{side}"));
            group.bench_function(id("train-forward"), |bencher| {
                bencher.iter(|| setup.forward(&cpu).expect("buffers fit"));
            });
            group.bench_function(id("backward"), |bencher| {
                bencher.iter(|| setup.backward(&cpu).expect("buffers fit"));
            });
            group.bench_function(id("evaluate"), |bencher| {
                bencher.iter(|| setup.evaluate(&cpu).expect("buffers fit"));
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600));
    targets = blocks
}
criterion_main!(benches);
