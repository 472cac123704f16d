//! How long messages take, by a model: each costs a latency, and its bytes by a bandwidth (R. Hockney, The communication
//! challenge for MPP, Parallel Computing 20, 1994, DOI 10.1016/S0167-8191(06)80021-9). Measures nothing.

/// What lies between two ranks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// Bytes that a rank receives a second.
    pub bandwidth: f64,
    /// Seconds that an empty message takes.
    pub latency: f64,
}

impl Link {
    /// Seconds of [`Communicator::gather`](crate::Communicator::gather) on so many ranks, whose messages have `bytes` together: one
    /// all-gather of the lengths, one of the messages.
    pub fn gather(&self, ranks: usize, bytes: f64) -> f64 {
        let lengths = ranks * size_of::<u64>();
        self.all_gather(ranks, lengths as f64) + self.all_gather(ranks, bytes)
    }

    /// By recursive doubling: in each of log2(ranks) rounds a rank receives as much as it has, until it has all (R. Thakur,
    /// R. Rabenseifner and W. Gropp, Optimization of collective communication operations in MPICH, 2005, DOI
    /// 10.1177/1094342005051521, section 4.1).
    fn all_gather(&self, ranks: usize, bytes: f64) -> f64 {
        let rounds = ranks.next_power_of_two().ilog2();
        let received = bytes * (ranks - 1) as f64 / ranks as f64;
        f64::from(rounds) * self.latency + received / self.bandwidth
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gather_costs_its_rounds_and_the_bytes_of_the_others() {
        let link = Link { bandwidth: 1e9, latency: 1e-6 };
        assert_eq!(link.gather(1, 4e9), 0.0);
        // Twice two rounds; three quarters of the lengths' 32 bytes and of the messages'.
        let expected = 4e-6 + 24e-9 + 3.0;
        assert!((link.gather(4, 4e9) - expected).abs() < 1e-12);
        // A third round for a fifth rank.
        assert!(link.gather(5, 0.0) > 6e-6);
    }
}
