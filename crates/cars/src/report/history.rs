//! A journal retold in order: what a stopped run did after its last checkpoint, and then did again, is counted once.
//! Draws nothing.

use crate::event::{Epoch, Event, Generation, Measured, Started, TrainingStarted, Work};

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Running,
    Interrupted,
    Finished,
}

/// What a journal tells.
#[derive(Debug)]
pub(super) struct History<'a> {
    pub(super) started: Option<&'a Started>,
    pub(super) training: Option<&'a TrainingStarted>,
    pub(super) epochs: Vec<&'a Epoch>,
    pub(super) generations: Vec<&'a Generation>,
    pub(super) warnings: Vec<&'a str>,
    pub(super) measured: Option<&'a Measured>,
    pub(super) resumptions: usize,
    pub(super) stage: Stage,
}

impl<'a> History<'a> {
    pub(super) fn new(events: &'a [Event]) -> Self {
        let mut history = Self {
            started: None,
            training: None,
            epochs: Vec::new(),
            generations: Vec::new(),
            warnings: Vec::new(),
            measured: None,
            resumptions: 0,
            stage: Stage::Running,
        };
        for event in events {
            history.stage = match event {
                Event::Interrupted => Stage::Interrupted,
                Event::Finished(_) | Event::Trained(_) => Stage::Finished,
                _ => Stage::Running,
            };
            match event {
                Event::Started(started) => history.started = Some(started),
                Event::TrainingStarted(started) => history.training = Some(started),
                Event::Epoch(epoch) => {
                    history.epochs.retain(|earlier| earlier.epoch < epoch.epoch);
                    history.epochs.push(epoch);
                }
                Event::Generation(generation) => {
                    history.generations.retain(|earlier| earlier.generation < generation.generation);
                    history.generations.push(generation);
                }
                Event::Measured(measured) => history.measured = Some(measured),
                Event::Warning { message } => history.warnings.push(message),
                Event::RolledBack(back) => history.warnings.push(&back.reason),
                Event::Resumed(resumed) => {
                    history.epochs.retain(|epoch| epoch.epoch <= resumed.epoch);
                    history.generations.retain(|generation| generation.epoch <= resumed.epoch);
                    history.resumptions += 1;
                }
                Event::Device { .. }
                | Event::Step(_)
                | Event::Evaluating(_)
                | Event::Checkpoint { .. }
                | Event::Interrupted
                | Event::Finished(_)
                | Event::Trained(_) => {}
            }
        }
        history
    }

    /// How much there is to do.
    pub(super) fn work(&self) -> Option<&'a Work> {
        self.started.map(|started| &started.work).or(self.training.map(|started| &started.work))
    }

    /// The newest population.
    pub(super) fn last(&self) -> Option<&'a Generation> {
        self.generations.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Phase, Resumed, Work};

    fn epoch(epoch: usize, loss: f64) -> Event {
        Event::Epoch(Epoch {
            phase: Phase::WarmUp,
            epoch,
            epochs: 9,
            learning_rate: 0.1,
            loss,
            accuracy: 0.5,
        })
    }

    #[test]
    fn what_is_done_again_is_told_once() {
        let work = Work {
            epochs: 9,
            warm_up_epochs: 9,
            steps_per_epoch: 1,
            images_per_step: 1,
            generations: 0,
            evaluations_per_generation: 0,
            images_per_evaluation: 0,
        };
        let resumed = Resumed { from: None, epoch: 1, step: 0, generation: 0, work };
        let events =
            [epoch(1, 3.0), epoch(2, 2.0), Event::Resumed(resumed), epoch(2, 2.5), Event::Interrupted];
        let history = History::new(&events);
        assert_eq!(history.epochs.iter().map(|epoch| epoch.loss).collect::<Vec<_>>(), [3.0, 2.5]);
        assert_eq!((history.resumptions, history.stage), (1, Stage::Interrupted));
    }
}
