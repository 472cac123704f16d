//! The gradient descent that searching and training share: its numbers, their ranges, and the step of each epoch.

use supernet::{Annealing, Schedule, Sgd};

use super::rules::within;
use super::{ConfigError, LearningRate, RecipeTraining, TrainingConfig};

/// The numbers of the gradient descent.
pub(crate) struct Descent {
    annealing: Annealing,
    epochs: usize,
    learning_rate: f64,
    learning_rate_min: f64,
    momentum: f64,
    weight_decay: f64,
    gradient_clip: f64,
}

impl TrainingConfig {
    /// The gradient descent of the shared weights.
    pub(crate) fn descent(&self) -> Descent {
        let &Self { epochs, learning_rate, learning_rate_min, momentum, weight_decay, gradient_clip, .. } =
            self;
        let annealing = Annealing::Cosine;
        Descent { annealing, epochs, learning_rate, learning_rate_min, momentum, weight_decay, gradient_clip }
    }
}

impl RecipeTraining {
    /// The gradient descent of one network.
    pub(crate) fn descent(&self) -> Descent {
        let &Self { epochs, learning_rate, learning_rate_min, momentum, weight_decay, gradient_clip, .. } =
            self;
        let annealing = match self.schedule {
            LearningRate::Cosine => Annealing::Cosine,
            LearningRate::Exponential => Annealing::Exponential,
        };
        Descent { annealing, epochs, learning_rate, learning_rate_min, momentum, weight_decay, gradient_clip }
    }
}

impl Descent {
    /// Names the first number that cannot be.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let rate = self.learning_rate;
        within("training.learning_rate", rate, 1e-9..=100.0, "expected 1e-9 to 100")?;
        let reason = format!("expected 0 to training.learning_rate = {rate}");
        within("training.learning_rate_min", self.learning_rate_min, 0.0..=rate, &reason)?;
        if self.annealing == Annealing::Exponential {
            let reason = "expected more than 0: no factor an epoch leads to 0";
            within("training.learning_rate_min", self.learning_rate_min, f64::MIN_POSITIVE..=rate, reason)?;
        }
        within("training.momentum", self.momentum, 0.0..1.0, "expected at least 0 and below 1")?;
        within("training.weight_decay", self.weight_decay, 0.0..=1.0, "expected 0 to 1")?;
        let reason = "expected more than 0; inf = no clipping";
        within("training.gradient_clip", self.gradient_clip, f64::MIN_POSITIVE..=f64::INFINITY, reason)
    }

    /// The optimiser in an epoch, counted from 0.
    pub(crate) fn sgd(&self, epoch: usize) -> Sgd {
        let &Self {
            annealing,
            epochs,
            learning_rate: start,
            learning_rate_min: end,
            momentum,
            weight_decay,
            gradient_clip,
        } = self;
        let learning_rate = Schedule { annealing, start, end, epochs }.rate(epoch);
        Sgd { learning_rate, momentum, weight_decay, gradient_clip }
    }
}
