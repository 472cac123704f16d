//! What the supernet and stand-alone networks share: weights, running statistics and working memory on one backend, and
//! the training and evaluation steps over compiled tapes.

mod scoring;
mod shared;

use kernels::{Backend, Draw, Gallery, Images, KernelError, Outcome};
use space::{BatchNorm, Layer, Weight};

use crate::arena::Arena;
use crate::compile::{Use, compile};
use crate::error::SupernetError;
use crate::execute::{Mode, Sgd, backward, classify, forward, optimise};
use crate::lane::run_on;
use crate::lower::Program;
use crate::parameters::Parameters;
use crate::state::State;
use crate::statistics::Statistics;
use crate::tape::Tape;

/// What one training step saw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepReport {
    /// Mean cross-entropy in nats over samples (and paths), of the main classifier.
    pub loss: f64,
    /// Share of samples (and paths) classified rightly.
    pub accuracy: f64,
    /// Global L2 norm of the gradients before clipping.
    pub gradient_norm: f64,
}

/// What an evaluation found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Share of samples classified rightly.
    pub accuracy: f64,
    /// Mean cross-entropy in nats.
    pub loss: f64,
}

impl Score {
    fn of(outcome: &Outcome, samples: usize) -> Result<Self, SupernetError> {
        if !outcome.loss_sum.is_finite() {
            return Err(SupernetError::NotFinite { loss: outcome.loss_sum });
        }
        let count = samples.max(1) as f64;
        Ok(Self { accuracy: outcome.correct as f64 / count, loss: outcome.loss_sum / count })
    }
}

/// Images and labels where the backend can read them.
pub struct Batch<B: Backend> {
    pub(crate) images: B::Buffer,
    pub(crate) labels: Vec<u32>,
}

impl<B: Backend> Batch<B> {
    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.labels.len()
    }
}

/// Where the images of a training step come from.
pub enum Pixels<'a, B: Backend> {
    /// The host's memory: normalised NHWC, `[samples, height, width, channels]`.
    Host(&'a [f32]),
    /// A set that the backend holds, and how each sample is made from it.
    Drawn(&'a dyn Gallery<B>, &'a [Draw]),
}

impl<'a, B: Backend, T: AsRef<[f32]> + ?Sized> From<&'a T> for Pixels<'a, B> {
    fn from(images: &'a T) -> Self {
        Self::Host(images.as_ref())
    }
}

impl<B: Backend> Pixels<'_, B> {
    /// Numbers of all samples.
    fn len(&self) -> usize {
        match self {
            Self::Host(images) => images.len(),
            Self::Drawn(gallery, draws) => gallery.image_len() * draws.len(),
        }
    }

    /// Puts them where the backend reads them.
    fn write(&self, backend: &B, to: &mut B::Buffer) -> Result<(), KernelError> {
        match self {
            Self::Host(images) => backend.upload(images, to),
            Self::Drawn(gallery, draws) => gallery.batch(backend, draws, to),
        }
    }
}

/// Which statistics batch-norms use when a network is scored.
pub enum BatchNormStatistics<'a, B: Backend> {
    /// The running statistics of training (in the supernet, shared by all paths: the released CARS code).
    Running,
    /// Re-estimated for this very network as the mean over these batches.
    Recalibrated(&'a mut [Batch<B>]),
}

/// Which statistics take up those of a training batch.
#[derive(Clone, Copy)]
enum Follow {
    /// The running ones.
    Running,
    /// A place of their own, for running ones to follow later.
    Apart,
}

pub(crate) struct Model<B: Backend> {
    pub(crate) backend: B,
    pub(crate) parameters: Parameters<B>,
    running: Statistics<B>,
    recalibrated: Statistics<B>,
    arena: Arena<B>,
    /// More working memory, for evaluations of several batches at a time.
    more_arenas: Vec<Arena<B>>,
    per_image: usize,
    /// Names of series of equal calls that were given away.
    rounds: u64,
}

impl<B: Backend> Model<B> {
    pub(crate) fn new<'a>(
        backend: B,
        layers: impl Iterator<Item = &'a Layer> + Clone,
        per_image: usize,
        seed: u64,
    ) -> Result<Self, SupernetError> {
        let weights: Vec<Weight> = layers.clone().flat_map(Layer::weights).collect();
        let batch_norms: Vec<BatchNorm> = layers.flat_map(Layer::batch_norms).collect();
        let parameters = Parameters::initialise(&backend, &weights, seed)?;
        let running = Statistics::fresh(&backend, &batch_norms)?;
        let recalibrated = Statistics::fresh(&backend, &batch_norms)?;
        Ok(Self {
            backend,
            parameters,
            running,
            recalibrated,
            arena: Arena::new(),
            more_arenas: Vec::new(),
            per_image,
            rounds: 0,
        })
    }

    /// Copies normalised NHWC images to the backend.
    pub(crate) fn batch(&self, images: &[f32], labels: &[u32]) -> Result<Batch<B>, SupernetError> {
        self.check(images.len(), labels)?;
        let mut buffer = self.backend.feature_map(images.len())?;
        self.backend.upload(images, &mut buffer)?;
        Ok(Batch { images: buffer, labels: labels.to_vec() })
    }

    /// Takes a set of images to the backend, if batches are better made there.
    pub(crate) fn gallery(&self, images: &Images<'_>) -> Result<Option<Box<dyn Gallery<B>>>, SupernetError> {
        Ok(self.backend.gallery(images)?)
    }

    fn check(&self, got: usize, labels: &[u32]) -> Result<(), SupernetError> {
        let (samples, per_image) = (labels.len(), self.per_image);
        let expected = samples * per_image;
        if samples == 0 || got != expected {
            return Err(SupernetError::Images { samples, per_image, expected, got });
        }
        Ok(())
    }

    /// Forward and backward of one program on a batch; gradients are kept for [`Model::optimise`].
    pub(crate) fn accumulate(
        &mut self,
        program: &Program,
        images: &Pixels<'_, B>,
        labels: &[u32],
        loss_scale: f64,
        drop_path: Option<&[B::Buffer]>,
    ) -> Result<Outcome, SupernetError> {
        self.check(images.len(), labels)?;
        let tape = self.compile(program, Use::Train, labels.len())?;
        self.pass(&tape, images, labels, loss_scale, drop_path, Follow::Running)
    }

    /// Forward and backward of a training batch; gradients gather.
    fn pass(
        &mut self,
        tape: &Tape,
        images: &Pixels<'_, B>,
        labels: &[u32],
        loss_scale: f64,
        drop_path: Option<&[B::Buffer]>,
        follow: Follow,
    ) -> Result<Outcome, SupernetError> {
        let Self { backend, parameters, running, recalibrated, arena, .. } = self;
        let backend = &*backend;
        backend.together(|| {
            images.write(backend, &mut arena.values[tape.images])?;
            let mode = &mut match follow {
                Follow::Running => Mode::Train(running),
                Follow::Apart => Mode::Collect(recalibrated, 1.0),
            };
            forward(backend, &tape.steps, labels.len(), arena, &parameters.weights, mode, drop_path)?;
            let mut main = None;
            for head in &tape.heads {
                let outcome = classify(backend, head, labels, arena, &parameters.weights)?;
                main.get_or_insert(outcome);
            }
            backward(backend, tape, labels, arena, parameters, loss_scale, drop_path)?;
            Ok(main.unwrap_or(Outcome { loss_sum: 0.0, correct: 0 }))
        })
    }

    /// One optimiser step on the gradients gathered so far; returns their norm.
    pub(crate) fn optimise(&mut self, sgd: &Sgd) -> Result<f64, SupernetError> {
        Ok(optimise(&self.backend, &mut self.parameters, sgd)?)
    }

    /// Class scores of a batch under the running statistics, `[samples, classes]`.
    pub(crate) fn logits(
        &mut self,
        program: &Program,
        batch: &mut Batch<B>,
    ) -> Result<Vec<f32>, SupernetError> {
        let tape = self.compile(program, Use::Evaluate, batch.samples())?;
        let Self { backend, parameters, running, arena, .. } = self;
        run_on(backend, &tape, batch, arena, &parameters.weights, &mut Mode::Fixed(running))?;
        let head = &tape.heads[0];
        classify(backend, head, &batch.labels, arena, &parameters.weights)?;
        let mut logits = vec![0.0; batch.samples() * head.head.classes];
        backend.download(&arena.values[head.logits], &mut logits)?;
        Ok(logits)
    }

    /// A tape for evaluating batches of this many samples. It holds until the next one is compiled.
    pub(crate) fn prepare(&mut self, program: &Program, samples: usize) -> Result<Tape, SupernetError> {
        self.compile(program, Use::Evaluate, samples)
    }

    /// Runs a prepared tape on a batch under the running statistics, its classifier included if it has one.
    pub(crate) fn run(&mut self, tape: &Tape, batch: &mut Batch<B>) -> Result<(), SupernetError> {
        let Self { backend, parameters, running, arena, .. } = self;
        run_on(backend, tape, batch, arena, &parameters.weights, &mut Mode::Fixed(running))?;
        if let Some(head) = tape.heads.first() {
            // The classifier reads what the blocks wrote; a layer without blocks in front of it reads the batch itself.
            std::mem::swap(&mut arena.values[tape.images], &mut batch.images);
            let outcome = classify(backend, head, &batch.labels, arena, &parameters.weights);
            std::mem::swap(&mut arena.values[tape.images], &mut batch.images);
            outcome?;
        }
        Ok(())
    }

    /// Returns when the backend has done all it was asked to: reading a number back cannot overtake it.
    pub(crate) fn wait(&self, batch: &Batch<B>) -> Result<(), SupernetError> {
        Ok(self.backend.download(&batch.images, &mut [0.0])?)
    }

    fn compile(&mut self, program: &Program, purpose: Use, capacity: usize) -> Result<Tape, SupernetError> {
        let Self { backend, parameters, running, arena, .. } = self;
        compile(program, purpose, capacity, backend, arena, parameters, running)
    }

    /// Weights, momenta and running statistics by name.
    pub(crate) fn state(&self) -> Result<State, SupernetError> {
        let mut state = State::new();
        self.parameters.save(&self.backend, &mut state)?;
        self.running.save(&self.backend, &mut state)?;
        Ok(state)
    }

    /// Weights, momenta, and the statistics re-estimated over these batches in place of the running ones.
    pub(crate) fn recalibrated_state(
        &mut self,
        program: &Program,
        batches: &mut [Batch<B>],
    ) -> Result<State, SupernetError> {
        self.recalibrate(program, batches)?;
        let mut state = State::new();
        self.parameters.save(&self.backend, &mut state)?;
        self.recalibrated.save(&self.backend, &mut state)?;
        Ok(state)
    }

    /// Takes over a state; fails, leaving part of it loaded, if a tensor is missing or has another length.
    pub(crate) fn load(&mut self, state: &State) -> Result<(), SupernetError> {
        self.parameters.load(&self.backend, state)?;
        self.running.load(&self.backend, state)
    }
}
