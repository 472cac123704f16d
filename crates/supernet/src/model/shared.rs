//! A step that several paths share: what a model gives to it for one of them, and how it takes in what all gave.

use kernels::{Backend, Outcome};

use super::{Follow, Model, Pixels};
use crate::compile::Use;
use crate::contribution::{Contribution, sums};
use crate::error::SupernetError;
use crate::lower::Program;

impl<B: Backend> Model<B> {
    /// Forward and backward of one program on a batch, of which nothing but the result is kept.
    pub(crate) fn contribute(
        &mut self,
        program: &Program,
        images: &Pixels<'_, B>,
        labels: &[u32],
        loss_scale: f64,
    ) -> Result<Contribution, SupernetError> {
        self.check(images.len(), labels)?;
        let tape = self.compile(program, Use::Train, labels.len())?;
        let Outcome { loss_sum, correct } =
            self.pass(&tape, images, labels, loss_scale, None, Follow::Apart)?;
        let (weights, gradients) = self.parameters.take_gradients(&self.backend)?;
        let norms = tape.batch_norms();
        let (batch_norms, statistics) = self.recalibrated.read(&self.backend, norms)?;
        let samples = labels.len();
        Ok(Contribution { samples, correct, loss_sum, weights, gradients, batch_norms, statistics })
    }

    /// Has running statistics follow those of the contributions, in their order, and gathers the sums of their gradients for
    /// [`Model::optimise`].
    pub(crate) fn gather(&mut self, contributions: &[Contribution]) -> Result<(), SupernetError> {
        let Self { backend, parameters, running, recalibrated: apart, .. } = self;
        for contribution in contributions {
            apart.write(backend, &contribution.batch_norms, &contribution.statistics)?;
            let norms = contribution.batch_norms.iter().map(|part| part.index as usize);
            running.follow(backend, apart, norms)?;
        }
        for (index, sum) in sums(contributions) {
            parameters.set_gradient(backend, index as usize, &sum)?;
        }
        Ok(())
    }
}
