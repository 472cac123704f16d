//! Tapes on batches that lie where the backend can read them: one batch at a time, or several by as many threads. Knows no
//! names and keeps no weights.

use kernels::{Backend, KernelError, Outcome};

use crate::arena::Arena;
use crate::error::SupernetError;
use crate::execute::{Mode, classify, forward};
use crate::model::Batch;
use crate::statistics::Statistics;
use crate::tape::Tape;

/// Batches that one thread scores, one after another.
pub(crate) struct Lane<'a, B: Backend> {
    pub(crate) tape: Tape,
    pub(crate) arena: &'a mut Arena<B>,
    pub(crate) batches: &'a mut [Batch<B>],
    /// Of each batch, what each classifier found.
    pub(crate) outcomes: Result<Vec<Vec<Outcome>>, SupernetError>,
    /// With the number of samples added, a name for the calls on batches of one size.
    pub(crate) round: u64,
}

impl<B: Backend> Lane<'_, B> {
    pub(crate) fn score(&mut self, backend: &B, weights: &[B::Buffer], statistics: &Statistics<B>) {
        let Self { tape, arena, batches, outcomes, round } = self;
        // On batches of one size, the calls are the same but for those that read the images.
        let (first, rest) = tape.steps.split_at(tape.steps_on_images());
        *outcomes = batches
            .iter_mut()
            .map(|batch| {
                on_images(tape, batch, arena, |n, arena| {
                    backend.together(|| {
                        let mut run = |steps| {
                            let mode = &mut Mode::Fixed(statistics);
                            forward(backend, steps, n, arena, weights, mode, None)
                        };
                        run(first)?;
                        backend.repeated(*round + n as u64, || run(rest))
                    })
                })?;
                let heads = tape.heads.iter();
                heads.map(|head| Ok(classify(backend, head, &batch.labels, arena, weights)?)).collect()
            })
            .collect();
    }
}

/// Runs a tape on a batch that is already where the backend can read it, without copying the images.
pub(crate) fn run_on<B: Backend>(
    backend: &B,
    tape: &Tape,
    batch: &mut Batch<B>,
    arena: &mut Arena<B>,
    weights: &[B::Buffer],
    mode: &mut Mode<'_, B>,
) -> Result<(), SupernetError> {
    on_images(tape, batch, arena, |n, arena| {
        backend.together(|| forward(backend, &tape.steps, n, arena, weights, mode, None))
    })
}

/// Lets calls on so many samples find a batch's images in the tape's buffer.
fn on_images<B: Backend>(
    tape: &Tape,
    batch: &mut Batch<B>,
    arena: &mut Arena<B>,
    calls: impl FnOnce(usize, &mut Arena<B>) -> Result<(), KernelError>,
) -> Result<(), SupernetError> {
    std::mem::swap(&mut arena.values[tape.images], &mut batch.images);
    let result = calls(batch.labels.len(), arena);
    std::mem::swap(&mut arena.values[tape.images], &mut batch.images);
    Ok(result?)
}

pub(crate) fn largest<B: Backend>(batches: &[Batch<B>]) -> usize {
    batches.iter().map(Batch::samples).max().unwrap_or(1)
}
