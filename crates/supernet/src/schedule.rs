//! Learning-rate schedules, stepped once an epoch: cosine annealing without restarts (Loshchilov and Hutter 2017, arXiv
//! 1608.03983), and the same factor every epoch.

/// How a learning rate falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Annealing {
    /// Along half a cosine.
    Cosine,
    /// By the same factor every epoch; the end is above 0.
    Exponential,
}

/// A learning rate that falls from `start` to `end` over `epochs`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// The way down.
    pub annealing: Annealing,
    /// Rate of epoch 0.
    pub start: f64,
    /// Rate that epoch `epochs` would have.
    pub end: f64,
    /// Length of the schedule.
    pub epochs: usize,
}

impl Schedule {
    /// The rate during an epoch: `end + (start - end) * (1 + cos(pi * epoch / epochs)) / 2`, or
    /// `start * (end / start)^(epoch / epochs)`.
    pub fn rate(&self, epoch: usize) -> f64 {
        let progress = epoch as f64 / self.epochs.max(1) as f64;
        match self.annealing {
            Annealing::Cosine => {
                self.end + (self.start - self.end) * (1.0 + (std::f64::consts::PI * progress).cos()) / 2.0
            }
            Annealing::Exponential => self.start * (self.end / self.start).powf(progress),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cosine_starts_high_ends_low_and_is_halfway_in_the_middle() {
        let schedule = Schedule { annealing: Annealing::Cosine, start: 0.025, end: 0.001, epochs: 500 };
        assert_eq!(schedule.rate(0), 0.025);
        assert!((schedule.rate(250) - 0.013).abs() < 1e-12);
        assert!((schedule.rate(500) - 0.001).abs() < 1e-12);
        assert!(schedule.rate(100) > schedule.rate(101));
    }

    #[test]
    fn an_exponential_loses_the_same_share_every_epoch() {
        let end = 0.1 * 0.97f64.powi(250);
        let schedule = Schedule { annealing: Annealing::Exponential, start: 0.1, end, epochs: 250 };
        assert_eq!(schedule.rate(0), 0.1);
        for epoch in [0, 1, 100, 249] {
            assert!((schedule.rate(epoch + 1) / schedule.rate(epoch) - 0.97).abs() < 1e-12);
        }
        assert!((schedule.rate(250) - end).abs() < 1e-15);
    }
}
