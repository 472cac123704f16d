//! The weight-sharing supernet of CARS: every primitive on every edge, of which a step runs only the sampled paths
//! (CARS, arXiv 1909.04977, equations 1 to 3). Knows nothing of populations, selection or files.

use kernels::{Backend, Gallery, Images};
use space::{Architecture, MacroPlan, Plan};

use crate::contribution::Contribution;
use crate::error::SupernetError;
use crate::execute::Sgd;
use crate::lower::{Auxiliary, Program, lower};
use crate::model::{Batch, BatchNormStatistics, Model, Pixels, Score, StepReport};
use crate::state::State;

/// Shared weights of all paths, and the memory to train and score them.
///
/// Weights that a step's paths do not use keep value and momentum: they see neither gradient nor weight decay.
/// So do weights of a path on which its classifier does not depend (the preprocessing of a cell input that no edge reads).
pub struct Supernet<B: Backend> {
    macro_plan: MacroPlan,
    model: Model<B>,
}

impl<B: Backend> Supernet<B> {
    /// The supernet of the DARTS space with fresh weights drawn from `seed`.
    pub fn new(backend: B, macro_plan: &MacroPlan, seed: u64) -> Result<Self, SupernetError> {
        Self::of(backend, &Plan::supernet(macro_plan)?, seed)
    }

    /// The supernet that a plan describes, with fresh weights drawn from `seed`; its paths are those of the plan's space.
    pub fn of(backend: B, plan: &Plan, seed: u64) -> Result<Self, SupernetError> {
        let model = Model::new(backend, plan.layers.iter(), plan.values[0].elements(), seed)?;
        Ok(Self { macro_plan: plan.macro_plan.clone(), model })
    }

    /// Where it computes.
    pub fn backend(&self) -> &B {
        &self.model.backend
    }

    /// Number of trainable scalars, equal to the plan's `parameters()`.
    pub fn parameters(&self) -> u64 {
        self.model.parameters.count()
    }

    /// One optimiser step on the mean loss of `paths` over one batch (equation 3 with `N_b = paths.len()`).
    ///
    /// `images`: normalised NHWC, `[samples, height, width, channels]`, or [`Pixels::Drawn`]; `labels`: one class a sample. Nothing is changed but
    /// running statistics when the loss or the gradient is not finite.
    pub fn train_step<'a, A: Architecture>(
        &mut self,
        paths: &[&A],
        images: impl Into<Pixels<'a, B>>,
        labels: &[u32],
        sgd: &Sgd,
    ) -> Result<StepReport, SupernetError>
    where
        B: 'a,
    {
        let images = images.into();
        if let &[path] = paths {
            return self.step_alone(path, &images, labels, sgd);
        }
        let contribute = |path: &&A| self.contribute(*path, &images, labels, paths.len());
        let contributions: Result<Vec<_>, _> = paths.iter().map(contribute).collect();
        self.step(paths, &contributions?, sgd)
    }

    /// The part of one path, on a batch of its own, in a step of `paths` paths. Nothing is changed.
    pub fn contribute<A: Architecture>(
        &mut self,
        path: &A,
        images: &Pixels<'_, B>,
        labels: &[u32],
        paths: usize,
    ) -> Result<Contribution, SupernetError> {
        let program = self.program(path)?;
        self.model.contribute(&program, images, labels, 1.0 / paths as f64)
    }

    /// One optimiser step on the contributions of `paths`, in the same order: their gradients are added up in it, and running
    /// statistics follow in it, so the outcome does not depend on where each was made. Nothing is changed when a loss is not
    /// finite, and nothing but running statistics when the gradient is not.
    pub fn step<A: Architecture>(
        &mut self,
        paths: &[&A],
        contributions: &[Contribution],
        sgd: &Sgd,
    ) -> Result<StepReport, SupernetError> {
        let count = contributions.iter().map(|one| one.samples).sum::<usize>().max(1) as f64;
        let mut report = StepReport { loss: 0.0, accuracy: 0.0, gradient_norm: 0.0 };
        for (&path, one) in paths.iter().zip(contributions) {
            self.finite("loss", one.loss(), one.samples, path)?;
            report.loss += one.loss_sum / count;
            report.accuracy += one.correct as f64 / count;
        }
        self.model.gather(contributions)?;
        report.gradient_norm = self.model.optimise(sgd)?;
        if let (Some(&path), Some(one)) = (paths.first(), contributions.first()) {
            self.finite("gradient norm", report.gradient_norm, one.samples, path)?;
        }
        Ok(report)
    }

    /// The step of a path that shares it with none: nothing leaves the backend.
    fn step_alone(
        &mut self,
        path: &impl Architecture,
        images: &Pixels<'_, B>,
        labels: &[u32],
        sgd: &Sgd,
    ) -> Result<StepReport, SupernetError> {
        let program = self.program(path)?;
        let outcome = self.model.accumulate(&program, images, labels, 1.0, None)?;
        let count = labels.len() as f64;
        let loss = outcome.loss_sum / count;
        self.finite("loss", loss, labels.len(), path)?;
        let gradient_norm = self.model.optimise(sgd)?;
        self.finite("gradient norm", gradient_norm, labels.len(), path)?;
        Ok(StepReport { loss, accuracy: outcome.correct as f64 / count, gradient_norm })
    }

    /// Takes a set of images to the backend, if it wants to make training batches itself (a device, that is).
    pub fn gallery(&self, images: &Images<'_>) -> Result<Option<Box<dyn Gallery<B>>>, SupernetError> {
        self.model.gallery(images)
    }

    /// Copies normalised NHWC images and their labels to the backend, for repeated evaluation.
    pub fn batch(&self, images: &[f32], labels: &[u32]) -> Result<Batch<B>, SupernetError> {
        self.model.batch(images, labels)
    }

    /// Samples that the batches of an evaluation under fixed statistics had best have, of at most `most`.
    pub fn evaluation_samples(&self, most: usize) -> usize {
        self.model.backend.preferred_samples().map_or(most, |samples| samples.min(most))
    }

    /// Scores one path with the weights as they are. `batches` come back unchanged.
    pub fn evaluate<A: Architecture>(
        &mut self,
        path: &A,
        batches: &mut [Batch<B>],
        batch_norm: BatchNormStatistics<'_, B>,
    ) -> Result<Score, SupernetError> {
        Ok(self.evaluate_all(&[path], batches, batch_norm)?[0])
    }

    /// Scores several paths with the weights as they are, each as [`Supernet::evaluate`] scores it, to the bit, in less time:
    /// what paths compute alike is computed once for every batch. A loss that is not finite is an error for all. `batches` come back unchanged.
    pub fn evaluate_all<A: Architecture>(
        &mut self,
        paths: &[&A],
        batches: &mut [Batch<B>],
        batch_norm: BatchNormStatistics<'_, B>,
    ) -> Result<Vec<Score>, SupernetError> {
        let programs: Result<Vec<Program>, _> = paths.iter().map(|path| self.program(*path)).collect();
        self.model.evaluate(&programs?, batches, batch_norm)
    }

    /// Class scores of a batch on one path under the running statistics, `[samples, classes]` row by row.
    pub fn logits(
        &mut self,
        path: &impl Architecture,
        batch: &mut Batch<B>,
    ) -> Result<Vec<f32>, SupernetError> {
        let program = self.program(path)?;
        self.model.logits(&program, batch)
    }

    /// Weights, momenta and, for the batch-norms of this path, the statistics of these batches, as
    /// [`BatchNormStatistics::Recalibrated`] scores it. What the other batch-norms have there is of no use.
    pub fn recalibrated_state(
        &mut self,
        path: &impl Architecture,
        batches: &mut [Batch<B>],
    ) -> Result<State, SupernetError> {
        let program = self.program(path)?;
        self.model.recalibrated_state(&program, batches)
    }

    /// Weights, momenta and running statistics by name: all that later steps depend on.
    pub fn state(&self) -> Result<State, SupernetError> {
        self.model.state()
    }

    /// Takes over what [`Supernet::state`] gave.
    pub fn load(&mut self, state: &State) -> Result<(), SupernetError> {
        self.model.load(state)
    }

    fn program(&self, path: &impl Architecture) -> Result<Program, SupernetError> {
        Ok(lower(&path.path(&self.macro_plan)?, Auxiliary::Left))
    }

    fn finite(
        &mut self,
        what: &'static str,
        value: f64,
        samples: usize,
        path: &impl Architecture,
    ) -> Result<(), SupernetError> {
        if value.is_finite() {
            return Ok(());
        }
        self.model.parameters.untouch();
        Err(SupernetError::Diverged { what, value, samples, genotype: path.to_string() })
    }
}
