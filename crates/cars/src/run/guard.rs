//! What becomes of a run whose loss or weights are no numbers any more: it goes back to its last snapshot, halves the
//! learning rate of all that follows, and goes on. After three in a row it stops. What follows from counters alone is the
//! same in a resumed run, as the halvings are part of the position. Trains nothing.

use supernet::{Sgd, State, SupernetError};

use super::RunError;
use super::saved::Position;
use crate::event::{Event, RolledBack};

/// How often in a row a run goes back before it gives up.
const MOST: u32 = 3;

/// The snapshot that a run goes back to: as its last checkpoint, in memory.
#[derive(Debug, Clone)]
pub(crate) struct Good<S> {
    pub(crate) weights: State,
    pub(crate) position: Position,
    pub(crate) rest: S,
}

/// Holds the last snapshot and counts how often it was needed.
#[derive(Debug)]
pub(crate) struct Guard<S> {
    good: Option<Good<S>>,
    in_a_row: u32,
}

impl<S> Default for Guard<S> {
    fn default() -> Self {
        Self { good: None, in_a_row: 0 }
    }
}

impl<S: Clone> Guard<S> {
    /// Takes a snapshot that a checkpoint was made of: what was done since the one before has gone well.
    pub(crate) fn keep(&mut self, good: Good<S>) {
        self.good = Some(good);
        self.in_a_row = 0;
    }

    /// Where to go on after this error, and the event that tells of it. An error that is no divergence comes back, and a
    /// divergence that goes on after three halvings is one.
    pub(crate) fn catch(&mut self, error: RunError, at: Position) -> Result<(Good<S>, Event), RunError> {
        let Some(mut good) = self.good.clone().filter(|_| error.is_divergence()) else { return Err(error) };
        if self.in_a_row == MOST {
            return Err(RunError::KeepsDiverging { times: MOST, last: Box::new(error) });
        }
        self.in_a_row += 1;
        good.position.halvings += self.in_a_row;
        let event = Event::RolledBack(RolledBack {
            epoch: at.epoch + 1,
            step: at.step,
            reason: error.to_string(),
            back_to: good.position.epoch,
            learning_rate_factor: good.position.factor(),
            in_a_row: self.in_a_row,
        });
        Ok((good, event))
    }
}

impl Position {
    /// What the learning rates of the schedule are multiplied by.
    fn factor(&self) -> f64 {
        0.5_f64.powi(self.halvings as i32)
    }

    /// The optimiser of the schedule, slowed down.
    pub(crate) fn slowed(&self, sgd: Sgd) -> Sgd {
        Sgd { learning_rate: sgd.learning_rate * self.factor(), ..sgd }
    }
}

/// Refuses weights that are no numbers, so that none are saved.
pub(crate) fn check(weights: &State) -> Result<(), RunError> {
    let broken = |values: &[f32]| values.iter().any(|value| !value.is_finite());
    match weights.iter().find(|(_, tensor)| broken(&tensor.values)) {
        Some((name, _)) => Err(RunError::NotFinite { tensor: name.clone() }),
        None => Ok(()),
    }
}

impl RunError {
    /// Whether loss or weights have become NaN or infinite in training.
    fn is_divergence(&self) -> bool {
        matches!(self, Self::Supernet(SupernetError::Diverged { .. }) | Self::NotFinite { .. })
    }
}
