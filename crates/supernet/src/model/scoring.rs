//! Programs scored together: statistics measured anew for each where asked for, then all on each batch.

use kernels::{Backend, Outcome};

use super::{Batch, BatchNormStatistics, Model, Score};
use crate::arena::Arena;
use crate::compile::{Use, compile};
use crate::error::SupernetError;
use crate::execute::Mode;
use crate::lane::{Lane, largest, run_on};
use crate::lower::{Lowered, Program};
use crate::merge::merge;
use crate::statistics::Statistics;
use crate::variants::Variants;

impl<B: Backend> Model<B> {
    /// The score of each program; weights and running statistics stay as they are.
    pub(crate) fn evaluate(
        &mut self,
        programs: &[Program],
        batches: &mut [Batch<B>],
        batch_norm: BatchNormStatistics<'_, B>,
    ) -> Result<Vec<Score>, SupernetError> {
        let samples = batches.iter().map(Batch::samples).sum();
        let outcomes = match batch_norm {
            BatchNormStatistics::Running => self.outcomes(&merge(programs), batches, None)?,
            BatchNormStatistics::Recalibrated(on) => {
                let (programs, statistics) = self.recalibrate_each(programs, on)?;
                self.outcomes(&merge(&programs), batches, Some(&statistics))?
            }
        };
        outcomes.iter().map(|outcome| Score::of(outcome, samples)).collect()
    }

    /// What each classifier of a program found on all batches, under these statistics or the running ones.
    fn outcomes(
        &mut self,
        program: &Program,
        batches: &mut [Batch<B>],
        statistics: Option<&Statistics<B>>,
    ) -> Result<Vec<Outcome>, SupernetError> {
        let capacity = largest(batches);
        let Self { backend, parameters, running, arena, more_arenas, rounds, .. } = self;
        let statistics = statistics.unwrap_or(running);
        let lanes = backend.at_a_time().clamp(1, batches.len().max(1));
        more_arenas.resize_with(more_arenas.len().max(lanes - 1), Arena::new);
        let mut work = Vec::new();
        let arenas = std::iter::once(arena).chain(more_arenas);
        for (batches, arena) in batches.chunks_mut(batches.len().div_ceil(lanes).max(1)).zip(arenas) {
            let tape = compile(program, Use::Evaluate, capacity, backend, arena, parameters, statistics)?;
            work.push(Lane { tape, arena, batches, outcomes: Ok(Vec::new()), round: *rounds });
            *rounds += capacity as u64 + 1;
        }
        let backend = &*backend;
        backend.each(&mut work, |lane| lane.score(backend, &parameters.weights, statistics));
        let mut totals = vec![Outcome { loss_sum: 0.0, correct: 0 }; program.heads.len()];
        for lane in work {
            for outcomes in lane.outcomes? {
                for (total, outcome) in totals.iter_mut().zip(outcomes) {
                    total.loss_sum += outcome.loss_sum;
                    total.correct += outcome.correct;
                }
            }
        }
        Ok(totals)
    }

    /// The statistics of each program on these batches, and the programs with their batch-norms by the names they have there.
    fn recalibrate_each(
        &mut self,
        programs: &[Program],
        batches: &mut [Batch<B>],
    ) -> Result<(Vec<Program>, Statistics<B>), SupernetError> {
        let mut variants = Variants::default();
        let mut renamed = Vec::new();
        for program in programs {
            self.recalibrate(program, batches)?;
            let mut calls: Vec<Lowered> = program.live_calls().into_iter().cloned().collect();
            for name in calls.iter_mut().filter_map(|call| call.batch_norm.as_mut()) {
                let index = self.recalibrated.index(name)?;
                *name = variants.record(name, self.recalibrated.read(&self.backend, [index].into_iter())?.1);
            }
            renamed.push(Program { values: program.values.clone(), calls, heads: program.heads.clone() });
        }
        Ok((renamed, variants.statistics(&self.backend)?))
    }

    /// Measures the statistics of a program on these batches.
    pub(super) fn recalibrate(
        &mut self,
        program: &Program,
        batches: &mut [Batch<B>],
    ) -> Result<(), SupernetError> {
        let tape = self.compile(program, Use::Collect, largest(batches))?;
        let Self { backend, parameters, recalibrated, arena, .. } = self;
        let mut seen = 0;
        for batch in batches {
            // A batch counts by its images; the first one replaces whatever another path left here.
            seen += batch.samples();
            let mode = &mut Mode::Collect(recalibrated, batch.samples() as f64 / seen as f64);
            run_on(backend, &tape, batch, arena, &parameters.weights, mode)?;
        }
        Ok(())
    }
}
