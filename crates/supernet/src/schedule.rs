//! Learning-rate schedule: cosine annealing without restarts (Loshchilov and Hutter 2017, arXiv 1608.03983), stepped
//! once an epoch.

/// Cosine annealing from `start` to `end` over `epochs`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CosineSchedule {
    /// Rate of epoch 0.
    pub start: f64,
    /// Rate that epoch `epochs` would have.
    pub end: f64,
    /// Length of the schedule.
    pub epochs: usize,
}

impl CosineSchedule {
    /// The rate during an epoch: `end + (start - end) * (1 + cos(pi * epoch / epochs)) / 2`.
    pub fn rate(&self, epoch: usize) -> f64 {
        let progress = epoch as f64 / self.epochs.max(1) as f64;
        self.end + (self.start - self.end) * (1.0 + (std::f64::consts::PI * progress).cos()) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_high_ends_low_and_is_halfway_in_the_middle() {
        let schedule = CosineSchedule { start: 0.025, end: 0.001, epochs: 500 };
        assert_eq!(schedule.rate(0), 0.025);
        assert!((schedule.rate(250) - 0.013).abs() < 1e-12);
        assert!((schedule.rate(500) - 0.001).abs() < 1e-12);
        assert!(schedule.rate(100) > schedule.rate(101));
    }
}
