//! Ground truth by hand: networks of a population trained alone by the loop of `train.rs`, with the run's own images and
//! gradient descent, and tested on test images. Each has a directory of its own, so that an interrupted check goes on.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use evolution::Individual;
use space::AnyArchitecture;

use crate::config::{CheckedConfig, CheckedRecipe, Recipe, RecipeData, RecipeTraining, Settings, Source};
use crate::run::{Hardware, Outcome, RunError};
use crate::run_dir::TrainingDir;
use crate::train;

/// Test images of the built-in set; of files all are taken.
const BUILT_IN_TEST: usize = 1_000;

/// So many of the population, evenly spaced in the order of their first size.
pub(super) fn choose(
    population: &[Individual<AnyArchitecture>],
    networks: usize,
) -> Result<Vec<AnyArchitecture>, RunError> {
    if networks < 2 || networks > population.len() {
        return Err(RunError::Ungradable {
            reason: "an order needs at least two networks, and there are no more than the population has",
        });
    }
    let size = |one: &Individual<AnyArchitecture>| {
        one.objectives.as_ref().and_then(|objectives| objectives.get(1).copied()).unwrap_or(0.0)
    };
    let mut by_size: Vec<&Individual<AnyArchitecture>> = population.iter().collect();
    by_size.sort_by(|a, b| size(a).total_cmp(&size(b)).then(a.id.cmp(&b.id)));
    let place = |index: usize| index * (by_size.len() - 1) / (networks - 1);
    Ok((0..networks).map(|index| by_size[place(index)].genotype.clone()).collect())
}

/// The test accuracy of each; `None` if it was asked to stop.
pub(super) fn train(
    recipes: &[CheckedRecipe],
    under: &Path,
    hardware: &Hardware,
    done: &mut dyn FnMut(),
    stop: &AtomicBool,
) -> Result<Option<Vec<f64>>, RunError> {
    let mut accuracies = Vec::new();
    for (index, recipe) in recipes.iter().enumerate() {
        let path = under.join(format!("network-{}", index + 1));
        let outcome = match TrainingDir::open(&path) {
            Ok(directory) if directory.config().digest() == recipe.digest() => {
                train::resume(directory, hardware, &mut [], stop)?
            }
            _ => train::start(TrainingDir::create(&path, recipe)?, hardware, &mut [], stop)?,
        };
        if outcome == Outcome::Interrupted {
            return Ok(None);
        }
        accuracies.push(train::evaluate(&TrainingDir::open(&path)?, hardware, None)?.top_1);
        done();
    }
    Ok(Some(accuracies))
}

/// The run's gradient descent for one network, on as many images.
pub(super) fn recipe(
    config: &CheckedConfig,
    images: usize,
    network: &AnyArchitecture,
    epochs: usize,
) -> Result<CheckedRecipe, RunError> {
    let (training, data) = (&config.training, config.data.clone());
    let test = if data.source == Source::BuiltIn { BUILT_IN_TEST } else { 0 };
    let recipe = Recipe {
        name: "check-supernet".to_owned(),
        seed: config.seed,
        device: config.device,
        precision: config.precision,
        genotype: Some(network.to_string()),
        data: RecipeData {
            source: data.source,
            dir: data.dir,
            train: images,
            test,
            classes: data.classes,
            size: data.size,
            resize: data.resize,
            crop: data.crop,
            padding: data.padding,
            flip: data.flip,
            colour_jitter: data.colour_jitter,
            skip_corrupt: data.skip_corrupt,
            cutout: 0,
        },
        network: config.network.clone(),
        training: RecipeTraining {
            epochs,
            batch_size: training.batch_size,
            learning_rate: training.learning_rate,
            learning_rate_min: training.learning_rate_min,
            momentum: training.momentum,
            weight_decay: training.weight_decay,
            gradient_clip: training.gradient_clip,
            ..RecipeTraining::default()
        },
        ..Recipe::default()
    };
    Ok(recipe.check()?)
}
