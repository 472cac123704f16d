//! Which paths a training step runs: random ones while the weights warm up, then distinct individuals of the population.

use evolution::Search;
use rand::RngExt;
use random::{Purpose, stream};
use space::{AnyArchitecture, AnySpace, SearchSpace};

use crate::config::CheckedConfig;
use crate::event::Phase;

/// The paths of one step (N_b of equation 3 of the paper).
pub(super) fn choose(
    phase: Phase,
    config: &CheckedConfig,
    search: &Search<AnySpace>,
    epoch: usize,
    step: usize,
) -> Vec<AnyArchitecture> {
    let count = config.training.paths_per_step;
    let draw = |purpose| stream(config.seed, purpose, epoch as u64, step as u64);
    match phase {
        Phase::WarmUp => {
            let mut rng = draw(Purpose::WarmUpPath);
            (0..count).map(|_| config.search_space().sample(&mut rng)).collect()
        }
        Phase::Evolution => {
            let mut rng = draw(Purpose::TrainPath);
            let mut left: Vec<&AnyArchitecture> =
                search.population().iter().map(|one| &one.genotype).collect();
            (0..count).map(|_| left.swap_remove(rng.random_range(0..left.len())).clone()).collect()
        }
        Phase::Training => unreachable!("a search trains paths, not a network of its own"),
    }
}
