//! Does a network learn in bf16 as in single precision? Trains random paths of a small supernet on the built-in images, in single
//! precision on the processor and in bf16 on the emulated device, and prints mean losses and a score as they go:
//! `cargo run --release -p cars-cuda-host --example learning -- STEPS SEED`.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "an example for a terminal")]

#[cfg(emulated)]
fn main() {
    let arguments: Vec<u64> = std::env::args().skip(1).map(|text| text.parse().unwrap()).collect();
    let [steps, seed] = arguments[..] else { panic!("expected STEPS SEED") };
    learning::run(steps as usize, seed);
}

#[cfg(not(emulated))]
fn main() {
    println!("there was no C++ compiler for the emulated device");
}

#[cfg(emulated)]
mod learning {
    use std::sync::Arc;

    use cuda_host::{Host, Order};
    use datasets::builtin::{Part, Settings, generate};
    use datasets::{ImageSet, LastBatch, Loader, LoaderConfig, Normalisation};
    use kernels::{Backend, Cpu, Cuda, Precision};
    use random::{Purpose, stream};
    use space::{DartsSpace, MacroPlan, SearchSpace};
    use supernet::{Batch, BatchNormStatistics, Sgd, Supernet};

    const SGD: Sgd = Sgd { learning_rate: 0.025, momentum: 0.9, weight_decay: 3e-4, gradient_clip: 5.0 };
    const BATCH: usize = 16;
    /// Images that train and that score.
    const IMAGES: [usize; 2] = [640, 200];
    /// Steps between two lines.
    const LINE: usize = 20;

    /// Both, step by step.
    pub(crate) fn run(steps: usize, seed: u64) {
        let images = IMAGES.iter().sum();
        let set = Arc::new(generate(&Settings { images, part: Part::Train, seed: 1 }));
        let mut single = Learner::new(Cpu::new(), &set, seed);
        let device = Host::new(Order::Upwards).in_precision(Precision::Bf16);
        let mut rounded = Learner::new(Cuda::on(device), &set, seed);
        println!("steps   f32: loss  scored   bf16: loss  scored");
        for at in (0..steps).step_by(LINE) {
            let [one, other] = [single.learn(at), rounded.learn(at)];
            println!("{:5}  {:10.4} {:5.1} %  {:11.4} {:5.1} %", at + LINE, one.0, one.1, other.0, other.1);
        }
    }

    struct Learner<B: Backend> {
        supernet: Supernet<B>,
        batches: Vec<(Vec<f32>, Vec<u32>)>,
        scored: [Batch<B>; 2],
        seed: u64,
    }

    /// All batches of an epoch.
    fn batches(
        set: &Arc<ImageSet>,
        images: std::ops::Range<usize>,
        config: LoaderConfig,
    ) -> Vec<(Vec<f32>, Vec<u32>)> {
        let mut loader = Loader::new(Arc::clone(set), images.collect(), config).unwrap();
        let mut epoch = loader.epoch(0, 0).unwrap();
        let mut all = Vec::new();
        while let Some(batch) = epoch.next_batch().unwrap() {
            all.push((batch.images.clone(), batch.labels.clone()));
        }
        all
    }

    impl<B: Backend> Learner<B> {
        fn new(backend: B, set: &Arc<ImageSet>, seed: u64) -> Self {
            let supernet = Supernet::new(backend, &MacroPlan::custom(4, 3), seed).unwrap();
            let [train, score] = IMAGES;
            let normalisation = Normalisation::cifar10;
            let training = LoaderConfig {
                last: LastBatch::Drop,
                ..LoaderConfig::training(BATCH, normalisation(), seed)
            };
            let scoring = LoaderConfig::evaluation(score, normalisation());
            let own = LoaderConfig::evaluation(4 * BATCH, normalisation());
            let whole = |images, config| {
                let (images, labels) = batches(set, images, config).swap_remove(0);
                supernet.batch(&images, &labels).unwrap()
            };
            let scored = [whole(train..train + score, scoring), whole(0..4 * BATCH, own)];
            Self { batches: batches(set, 0..train, training), scored, supernet, seed }
        }

        /// Mean loss of the next steps, and percent of images that a path classifies rightly after them.
        fn learn(&mut self, first: usize) -> (f64, f64) {
            let path = |at| DartsSpace::new().sample(&mut stream(self.seed, Purpose::Test, 1, at));
            let mut sum = 0.0;
            for at in first..first + LINE {
                let (images, labels) = &self.batches[at % self.batches.len()];
                let path = path(at as u64 % 8);
                sum += self.supernet.train_step(&[&path], images, labels, &SGD).unwrap().loss;
            }
            let [scored, own] = &mut self.scored;
            let statistics = BatchNormStatistics::Recalibrated(std::slice::from_mut(own));
            let score = self.supernet.evaluate(&path(0), std::slice::from_mut(scored), statistics).unwrap();
            (sum / LINE as f64, 100.0 * score.accuracy)
        }
    }
}
