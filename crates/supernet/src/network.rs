//! The stand-alone network of a genotype, from the same lowering, kernels and steps as the supernet: affine batch-norms,
//! an auxiliary head in training, drop-path (Larsson et al. 2017, arXiv 1605.07648). Knows no files and no recipe.

use kernels::{Backend, Gallery, Images};
use rand::RngExt;
use random::{Purpose, stream};
use space::{Architecture, MacroPlan, Plan};

use crate::error::SupernetError;
use crate::execute::Sgd;
use crate::lower::{Auxiliary, Program, lower};
use crate::model::{Batch, BatchNormStatistics, Model, Pixels, Score, StepReport};
use crate::state::State;

/// A network of its own.
pub struct Network<B: Backend> {
    training: Program,
    inference: Program,
    masks: Vec<B::Buffer>,
    model: Model<B>,
}

/// Drop-path of one step: every operation's output is dropped for a sample with this probability, and the others are
/// scaled by `1 / (1 - probability)`. Identities are never dropped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DropPath {
    /// Probability in `[0, 1)`.
    pub probability: f32,
    /// Seed of the run.
    pub seed: u64,
    /// Epoch, naming the stream.
    pub epoch: u64,
    /// Step within the epoch, naming the stream.
    pub step: u64,
}

impl<B: Backend> Network<B> {
    /// A network with fresh weights drawn from `seed`.
    pub fn new(
        backend: B,
        genotype: &impl Architecture,
        macro_plan: &MacroPlan,
        seed: u64,
    ) -> Result<Self, SupernetError> {
        Self::of_plan(backend, &genotype.stand_alone(macro_plan)?, seed)
    }

    /// The same for any plan in the style of stand-alone networks.
    pub fn of_plan(backend: B, plan: &Plan, seed: u64) -> Result<Self, SupernetError> {
        let layers = plan.layers.iter().chain(&plan.auxiliary);
        Ok(Self {
            training: lower(plan, Auxiliary::Attached),
            inference: lower(plan, Auxiliary::Left),
            masks: Vec::new(),
            model: Model::new(backend, layers, plan.values[0].elements(), seed)?,
        })
    }

    /// Number of trainable scalars, equal to `Plan::parameters_with_auxiliary()`.
    pub fn parameters(&self) -> u64 {
        self.model.parameters.count()
    }

    /// Sets the weight of the auxiliary head's loss, 0.4 until then (DARTS, section 3.2). With 0 the head is not computed.
    pub fn set_auxiliary_weight(&mut self, weight: f64) {
        for head in self.training.heads.iter_mut().skip(1) {
            head.loss_weight = weight;
        }
    }

    /// Spreads this share of each target evenly over all classes in training (label smoothing; Szegedy et al. 2016, arXiv
    /// 1512.00567). Reported losses stay those of the labels themselves.
    pub fn set_label_smoothing(&mut self, share: f64) {
        for head in self.training.heads.iter_mut().chain(&mut self.inference.heads) {
            head.label_smoothing = share;
        }
    }

    /// One optimiser step on cross-entropy plus the weighted one of the auxiliary head. Arguments as in
    /// [`Supernet::train_step`](crate::Supernet::train_step).
    pub fn train_step<'a>(
        &mut self,
        images: impl Into<Pixels<'a, B>>,
        labels: &[u32],
        sgd: &Sgd,
        drop_path: Option<DropPath>,
    ) -> Result<StepReport, SupernetError>
    where
        B: 'a,
    {
        if let Some(drop_path) = drop_path {
            self.draw_masks(drop_path, labels.len())?;
        }
        let masks = drop_path.map(|_| self.masks.as_slice());
        let has_auxiliary = self.training.heads.iter().skip(1).all(|head| head.loss_weight > 0.0);
        let program = if has_auxiliary { &self.training } else { &self.inference };
        let outcome = self.model.accumulate(program, &images.into(), labels, 1.0, masks)?;
        let count = labels.len() as f64;
        let loss = outcome.loss_sum / count;
        self.finite("loss", loss, labels.len())?;
        let gradient_norm = self.model.optimise(sgd)?;
        self.finite("gradient norm", gradient_norm, labels.len())?;
        Ok(StepReport { loss, accuracy: outcome.correct as f64 / count, gradient_norm })
    }

    /// As [`Supernet::gallery`](crate::Supernet::gallery).
    pub fn gallery(&self, images: &Images<'_>) -> Result<Option<Box<dyn Gallery<B>>>, SupernetError> {
        self.model.gallery(images)
    }

    /// Copies normalised NHWC images and their labels to the backend.
    pub fn batch(&self, images: &[f32], labels: &[u32]) -> Result<Batch<B>, SupernetError> {
        self.model.batch(images, labels)
    }

    /// Accuracy and loss under the given statistics, without auxiliary head and drop-path.
    pub fn evaluate(
        &mut self,
        batches: &mut [Batch<B>],
        batch_norm: BatchNormStatistics<'_, B>,
    ) -> Result<Score, SupernetError> {
        let scores = self.model.evaluate(std::slice::from_ref(&self.inference), batches, batch_norm)?;
        Ok(scores[0])
    }

    /// Class scores of a batch under the running statistics, `[samples, classes]` row by row.
    pub fn logits(&mut self, batch: &mut Batch<B>) -> Result<Vec<f32>, SupernetError> {
        self.model.logits(&self.inference, batch)
    }

    /// Weights, momenta and running statistics by name.
    pub fn state(&self) -> Result<State, SupernetError> {
        self.model.state()
    }

    /// The same with the statistics of these batches in place of the running ones.
    pub fn recalibrated_state(&mut self, batches: &mut [Batch<B>]) -> Result<State, SupernetError> {
        self.model.recalibrated_state(&self.inference, batches)
    }

    /// Takes over what [`Network::state`] gave.
    pub fn load(&mut self, state: &State) -> Result<(), SupernetError> {
        self.model.load(state)
    }

    /// One mask per operation that can be dropped, in the order of the tape.
    fn draw_masks(&mut self, drop_path: DropPath, samples: usize) -> Result<(), SupernetError> {
        let DropPath { probability, seed, epoch, step } = drop_path;
        let backend = &self.model.backend;
        let mut stream = stream(seed, Purpose::DropPath, epoch, step);
        let operations = self.training.calls.iter().filter(|call| call.droppable).count();
        self.masks.resize_with(operations, B::Buffer::default);
        for mask in &mut self.masks {
            let keep: Vec<f32> = (0..samples)
                .map(|_| if stream.random::<f32>() < probability { 0.0 } else { 1.0 / (1.0 - probability) })
                .collect();
            if backend.len(mask) < samples {
                *mask = backend.zeros(samples)?;
            }
            backend.upload(&keep, mask)?;
        }
        Ok(())
    }

    fn finite(&mut self, what: &'static str, value: f64, samples: usize) -> Result<(), SupernetError> {
        if value.is_finite() {
            return Ok(());
        }
        self.model.parameters.untouch();
        Err(SupernetError::Diverged { what, value, samples, genotype: "the network".to_owned() })
    }
}
