//! A generation of a run: individuals are bred, scored with the shared weights, shared out among ranks, and selected.

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};

use space::AnyArchitecture;
use supernet::{Backend, Batch, BatchNormStatistics};

use super::images::SearchImages;
use super::{Progress, Run, RunError};
use crate::config::BatchNorm;
use crate::event::{Evaluating, Event};

/// Individuals that are scored at once, at most.
const MOST_AT_ONCE: usize = 64;

/// Multiply-adds of those scored at once, roughly: a minute or two of two processor cores.
const WORK_AT_ONCE: u64 = 4_000_000_000_000;

/// Samples of a batch times individuals scored on it at once, at most: each keeps what its classifier reads.
const SAMPLES_AT_ONCE: usize = 4096;

impl<B: Backend> Run<'_, B> {
    /// One generation on the weights as they are: breed, evaluate parents and offspring, select. Stopped in the middle, it
    /// goes on with those not yet evaluated.
    pub(super) fn evolve(&mut self, stop: &AtomicBool) -> Result<Progress, RunError> {
        if !self.position.bred {
            self.search.invalidate();
            let brood = self.search.breed()?;
            self.position.bred = true;
            if brood.is_saturated() {
                let message = format!(
                    "only {} of {} offspring could be bred: the search space is nearly exhausted by the population",
                    brood.bred, brood.wanted
                );
                self.log.tell(&Event::Warning { message })?;
            }
        }
        let total = self.search.population().len() + self.search.offspring().len();
        let asked = self.search.ask();
        let scores = self.scores(&asked, total, stop)?;
        for &(position, accuracy) in &scores {
            let (index, genotype) = &asked[position];
            self.search.tell(*index, self.measure.objectives(genotype, accuracy)?)?;
        }
        if scores.len() < asked.len() {
            return Ok(Progress::Stopped);
        }
        self.search.select()?;
        self.position.bred = false;
        let generation = self.measure.generation(&self.config, &self.search, self.position.epoch, total)?;
        self.log.tell(&Event::Generation(generation))?;
        self.write_front()?;
        Ok(Progress::Done)
    }

    /// The accuracies of individuals by their position among those asked for. Each rank scores its share, and less of it when it is
    /// asked to stop, by which all know. Until all have ended, this rank's share stands for all in what is shown.
    fn scores(
        &mut self,
        asked: &[(usize, AnyArchitecture)],
        total: usize,
        stop: &AtomicBool,
    ) -> Result<Vec<(usize, f64)>, RunError> {
        let share = self.measure.shares(asked, self.team.size())?.swap_remove(self.team.rank());
        let before = total - asked.len();
        let mut own = Vec::new();
        for positions in
            share.chunks(self.at_once(asked, &share)?).take_while(|_| !stop.load(Ordering::Relaxed))
        {
            let genotypes: Vec<&AnyArchitecture> =
                positions.iter().map(|&position| &asked[position].1).collect();
            own.extend(positions.iter().copied().zip(self.accuracies(&genotypes)?));
            if own.len() < share.len() {
                let done = before + asked.len() * own.len() / share.len();
                self.log.show(&Event::Evaluating(Evaluating { done, total }));
            }
        }
        let scores = self.team.gather(&own)?.concat();
        self.log.show(&Event::Evaluating(Evaluating { done: before + scores.len(), total }));
        Ok(scores)
    }

    /// How many of a share are scored at once. The more there are, the more they have in common, but the longer a stop waits and the
    /// more memory they take.
    fn at_once(&self, asked: &[(usize, AnyArchitecture)], share: &[usize]) -> Result<usize, RunError> {
        let SearchImages { validation, validation_images, .. } = &self.images;
        let samples = validation.iter().map(Batch::samples).max().unwrap_or(1);
        let mut work = 0;
        for &position in share {
            work += self.measure.work(&asked[position].1)? * *validation_images as u64;
        }
        let by_work = usize::try_from(work.div_ceil(WORK_AT_ONCE)).unwrap_or(usize::MAX);
        let most = (SAMPLES_AT_ONCE / samples).clamp(1, MOST_AT_ONCE);
        let groups = share.len().div_ceil(most).max(by_work).max(1);
        Ok(share.len().div_ceil(groups).max(1))
    }

    /// Of each on the validation images, with the weights as they are.
    fn accuracies(&mut self, genotypes: &[&AnyArchitecture]) -> Result<Vec<f64>, RunError> {
        let SearchImages { validation, recalibration, .. } = &mut self.images;
        let batch_norm = match self.config.evaluation.batch_norm {
            BatchNorm::Running => BatchNormStatistics::Running,
            BatchNorm::Recalibrated => BatchNormStatistics::Recalibrated(recalibration),
        };
        let scores = self.supernet.evaluate_all(genotypes, validation, batch_norm)?;
        Ok(scores.iter().map(|score| score.accuracy).collect())
    }
}
