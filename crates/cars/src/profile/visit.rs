//! One visit: a layer or network is built, warmed up and timed, on whatever backend is handed in. What is built for a visit
//! is gone after it, so that many large networks can take turns.

use latency::Milliseconds;
use supernet::{Backend, BatchNormStatistics, Network, SingleLayer, SupernetError};
use thiserror::Error as ThisError;

use super::{Target, TargetKind};
use crate::clock::Clock;

/// Untimed runs of each visit.
pub const WARM_UP: u32 = 2;
/// Timed runs of each visit, at least.
const RUNS: usize = 3;
/// Timed runs of each visit, at most.
const MOST_RUNS: usize = 200;
/// Beyond the least, runs go on for this long.
const LASTS: f64 = 4.0;

/// What can go wrong while a target is timed.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The target could not be built or run.
    #[error("cannot time {target}: {source}")]
    Run {
        /// The target.
        target: String,
        /// The cause.
        source: SupernetError,
    },
}

/// The median time of one run of a target, for a batch of so many images.
///
/// A layer runs on its own, a network as in an evaluation: images in, classes compared. Both return when the backend has
/// finished.
pub fn visit<B: Backend>(backend: B, target: &Target, batch: usize) -> Result<Milliseconds, Error> {
    let result = match &target.kind {
        TargetKind::Layer(key) => {
            SingleLayer::new(backend, &key.layer(), batch).and_then(|mut layer| time(|| layer.run()))
        }
        TargetKind::Network { genotype, .. } => {
            Network::new(backend, genotype, &target.frame, 0).and_then(|mut network| {
                let frame = &target.frame;
                let pixels = batch * frame.height * frame.width * frame.input_channels;
                let mut batches = [network.batch(&vec![1.0; pixels], &vec![0; batch])?];
                time(|| network.evaluate(&mut batches, BatchNormStatistics::Running).map(drop))
            })
        }
    };
    result.map_err(|source| Error::Run { target: target.name(), source })
}

fn time(mut run: impl FnMut() -> Result<(), SupernetError>) -> Result<Milliseconds, SupernetError> {
    for _ in 0..WARM_UP {
        run()?;
    }
    let mut times: Vec<f64> = Vec::new();
    let visit = Clock::start();
    while times.len() < RUNS || (times.len() < MOST_RUNS && milliseconds(visit) < LASTS) {
        let clock = Clock::start();
        run()?;
        times.push(milliseconds(clock));
    }
    times.sort_by(f64::total_cmp);
    Ok(Milliseconds::new(times[times.len() / 2]).expect("a clock does not run backwards"))
}

fn milliseconds(clock: Clock) -> f64 {
    1000.0 * clock.elapsed().as_secs_f64()
}
