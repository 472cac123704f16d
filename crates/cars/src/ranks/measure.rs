//! What a model of several ranks needs besides the times of a shortened run: the bytes that a path gives to a step, how long it
//! takes to make and read such messages and to take the gradients of all paths in, and the sizes of the individuals.

use std::hint::black_box;

use evolution::Search;
use kernels::Opened;
use space::AnyArchitecture;
use supernet::{Backend, Contribution, Supernet};

use super::Load;
use crate::clock::Clock;
use crate::config::CheckedConfig;
use crate::foresee::Amount;
use crate::run::measure::work as multiply_adds;
use crate::run::team::{pack, unpack};
use crate::run::{Hardware, RunError};

/// Times of the parts of a step that no image takes part in, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shared {
    /// Adding up the gradients of all paths, and what follows from them.
    pub update: f64,
    /// Putting what one path gives into a message.
    pub packing: f64,
    /// Taking it out of one.
    pub unpacking: f64,
}

/// How often each part is timed.
const REPEATS: usize = 5;

/// Samples of a batch: how many there are does not change what is timed.
const SAMPLES: usize = 2;

/// The load of a search, and the times of what its steps share, as they are on this device with paths of the first population.
pub fn measure(config: &CheckedConfig, hardware: &Hardware) -> Result<(Load, Shared), RunError> {
    let mut search =
        Search::new(config.search_space().clone(), config.evolution_settings().clone(), config.seed)?;
    search.breed()?;
    let individuals: Vec<AnyArchitecture> = search.ask().into_iter().map(|(_, genotype)| genotype).collect();
    let paths: Vec<&AnyArchitecture> = individuals.iter().take(config.training.paths_per_step).collect();
    let (bytes_per_path, shared) = match hardware.open_for(config.device, config.precision, &mut [])? {
        Opened::Cpu(cpu) => shared(cpu, config, &paths),
        Opened::Cuda(cuda) => shared(cuda, config, &paths),
    }?;
    let macro_plan = config.macro_plan();
    let sizes: Result<Vec<u64>, _> = individuals.iter().map(|one| multiply_adds(one, &macro_plan)).collect();
    let Amount { warm_up, training, .. } = Amount::of_search(config);
    let load = Load {
        steps: warm_up + training,
        paths: paths.len(),
        bytes_per_path,
        generations: config.generations(),
        individuals: sizes?,
    };
    Ok((load, shared))
}

fn shared<B: Backend>(
    backend: B,
    config: &CheckedConfig,
    paths: &[&AnyArchitecture],
) -> Result<(f64, Shared), RunError> {
    let mut supernet = Supernet::of(backend, &config.supernet()?, config.seed)?;
    let plan = config.macro_plan();
    let pixels = SAMPLES * plan.height * plan.width * plan.input_channels;
    let images: Vec<f32> = (0..pixels).map(|pixel| (pixel % 101) as f32 / 50.0 - 1.0).collect();
    let labels = [0; SAMPLES];
    let contribute = |path: &&AnyArchitecture| {
        supernet.contribute(*path, &(&images).into(), &labels, paths.len()).map_err(RunError::from)
    };
    let contributions: Vec<Contribution> = paths.iter().map(contribute).collect::<Result<_, _>>()?;

    let count = paths.len() as f64;
    let bytes = contributions.iter().map(Contribution::bytes).sum::<usize>() as f64 / count;
    let message = [pack(&contributions)];
    let sgd = config.training.descent().sgd(0);
    let shared = Shared {
        update: mean_time(|| supernet.step(paths, &contributions, &sgd))?,
        packing: mean_time(|| Ok::<_, RunError>(pack(&contributions)))? / count,
        // A message is copied once more, out of what all have sent.
        unpacking: mean_time(|| unpack(&message.clone()))? / count,
    };
    Ok((bytes, shared))
}

/// The mean time of some work; the first time, which also pays for memory and caches, does not count.
fn mean_time<T, E>(mut work: impl FnMut() -> Result<T, E>) -> Result<f64, E> {
    black_box(work()?);
    let clock = Clock::start();
    for _ in 0..REPEATS {
        black_box(work()?);
    }
    Ok(clock.elapsed().as_secs_f64() / REPEATS as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn the_load_is_that_of_the_config() {
        let mut config = Config::default();
        config.network.channels = 4;
        config.network.cells = 3;
        config.training.paths_per_step = 3;
        config.evolution.population = 6;
        let config = config.check().unwrap();
        let (load, shared) = measure(&config, &Hardware::default()).unwrap();
        assert_eq!((load.paths, load.individuals.len()), (3, 12));
        let amount = Amount::of_search(&config);
        assert_eq!((load.steps, load.generations), (amount.warm_up + amount.training, config.generations()));
        assert_eq!(load.generations * load.individuals.len(), amount.evaluations);
        // Gradients of the classifier alone: 10 classes of 4 nodes with 16 channels each, and their biases.
        assert!(load.bytes_per_path > 4.0 * 650.0, "{}", load.bytes_per_path);
        assert!(load.individuals.iter().all(|&multiply_adds| multiply_adds > 0));
        assert!([shared.update, shared.packing, shared.unpacking].iter().all(|&seconds| seconds > 0.0));
    }
}
