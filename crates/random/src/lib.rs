//! Named random streams. No generator is shared or carried: a draw names its stream, and the name *is* the key
//! of a ChaCha8 generator. Threads therefore cannot change results, and resuming a run needs only counters.
//! This crate does not know what is drawn, and never reads the system's entropy.

use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

/// A generator positioned at the start of one named stream.
pub type Stream = ChaCha8Rng;

/// What a stream is drawn for. Each purpose appears in one place of the code; the numbers are part of the
/// reproducibility promise and never change once released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u64)]
pub enum Purpose {
    /// Initial weights; index = position of the weight in the network's list.
    Weights = 1,
    /// The random path of one warm-up step; round = epoch, index = step.
    WarmUpPath = 2,
    /// The individual trained in one step; round = epoch, index = step.
    TrainPath = 3,
    /// The order of training images; round = epoch, index 0. Index 1 of round 0 shuffles a set before it is split.
    Shuffle = 4,
    /// Crop and flip of one training image; round = epoch, index = image.
    Augment = 5,
    /// The first population; index = attempt.
    Population = 6,
    /// One offspring; round = generation, index = attempt.
    Variation = 7,
    /// Survivor selection; round = generation.
    Selection = 8,
    /// One image of the built-in set; round = part of the set, index = image.
    BuiltIn = 9,
    /// Drop-path masks; round = epoch, index = step.
    DropPath = 11,
    /// Inputs of tests and benchmarks.
    Test = 12,
    /// Rows of a latency model left out to judge it; index 0.
    HeldOut = 13,
    /// What a latency table measures: index 0 draws networks; index 1 is the order of a round of measurements.
    Profile = 14,
    /// Images by which an exported network is checked; round and index 0.
    ExportCheck = 18,
    /// Choices of a method that searches a table of trained networks; round = method, index = choice.
    Tabular = 20,
    /// Resampling for a confidence interval; index = resample.
    Bootstrap = 21,
    /// Architectures drawn to be compared with what is known of them; index 0.
    Sample = 22,
}

/// Opens the stream named by `seed`, `purpose`, `round` (an epoch or a generation) and `index`.
///
/// The four numbers, little-endian, are the 256-bit ChaCha key, so distinct names give independent streams.
pub fn stream(seed: u64, purpose: Purpose, round: u64, index: u64) -> Stream {
    let mut key = [0_u8; 32];
    for (part, word) in key.chunks_exact_mut(8).zip([seed, purpose as u64, round, index]) {
        part.copy_from_slice(&word.to_le_bytes());
    }
    ChaCha8Rng::from_seed(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::Rng;

    #[test]
    fn a_stream_is_its_name() {
        let draw = |seed, purpose, round, index| stream(seed, purpose, round, index).next_u64();
        let base = draw(1, Purpose::Shuffle, 2, 3);
        assert_eq!(base, draw(1, Purpose::Shuffle, 2, 3));
        for other in [
            draw(2, Purpose::Shuffle, 2, 3),
            draw(1, Purpose::Augment, 2, 3),
            draw(1, Purpose::Shuffle, 3, 3),
            draw(1, Purpose::Shuffle, 2, 4),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn the_first_draw_is_pinned() {
        // Released results depend on this value: a change here is a breaking change.
        assert_eq!(stream(0, Purpose::Weights, 0, 0).next_u64(), 4_606_029_925_845_525_861);
    }
}
