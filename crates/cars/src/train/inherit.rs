//! Weights for a network from the supernet of the search that found it: all that both have, by name. What a supernet lacks
//! stays fresh: scales and shifts of the batch-norms in its cells, and the auxiliary head. The batch-norms that a supernet has
//! behind its pools are left behind. Reads the search's newest whole checkpoint and changes nothing there.

use std::path::Path;

use space::{Layer, MacroPlan, Plan, Site, WeightRole};
use supernet::{State, StoredTensor, SupernetError};

use crate::config::{CheckedConfig, CheckedRecipe};
use crate::run::RunError;
use crate::run_dir::RunDir;

/// The fresh state of the recipe's network with what the supernet of `search` has in its place.
pub(super) fn weights(search: &Path, recipe: &CheckedRecipe, mut fresh: State) -> Result<State, RunError> {
    let config = RunDir::stored_config(search)?;
    same_frame(search, &config, recipe)?;
    let mut supernet = RunDir::stored_weights(search)?
        .ok_or_else(|| RunError::NothingToInherit { search: search.to_path_buf() })?;
    let mut take = |from: String, to: String, shape: &[usize], may_lack: bool| match supernet.remove(&from) {
        Some(tensor) if tensor.shape == shape => {
            fresh.insert(to, tensor);
            Ok(())
        }
        Some(StoredTensor { values, .. }) => {
            let (expected, got) = (shape.iter().product(), values.len());
            Err(SupernetError::TensorLength { name: from, expected, got })
        }
        None if may_lack => Ok(()),
        None => Err(SupernetError::MissingTensor { name: from }),
    };
    for layer in Plan::stand_alone(recipe.genotype(), &recipe.plan())?.layers {
        let (own, shared) = (layer.name(), shared_name(&layer));
        let in_supernet = |name: &str| format!("{shared}{}", name.strip_prefix(&own).unwrap_or_default());
        for weight in layer.weights() {
            let is_affine = matches!(weight.role, WeightRole::BnScale | WeightRole::BnShift);
            take(in_supernet(&weight.name), weight.name, &weight.shape, is_affine)?;
        }
        for batch_norm in layer.batch_norms() {
            for statistic in ["mean", "variance"] {
                let name = format!("{}.{statistic}", batch_norm.name);
                take(in_supernet(&name), name, &[batch_norm.channels], false)?;
            }
        }
    }
    Ok(fresh)
}

/// What the supernet calls a layer: it names edges by where they come from, not by their place in the genotype.
fn shared_name(layer: &Layer) -> String {
    let mut shared = layer.clone();
    if let Site::Edge { slot, .. } = &mut shared.site {
        *slot = None;
    }
    shared.name()
}

/// The first difference between the frames of supernet and network, if any.
fn same_frame(search: &Path, config: &CheckedConfig, recipe: &CheckedRecipe) -> Result<(), RunError> {
    let numbers = |plan: &MacroPlan| {
        [
            ("network.channels", plan.channels),
            ("network.cells", plan.cells),
            ("classes", plan.classes),
            ("image height", plan.height),
            ("image width", plan.width),
            ("colour channels", plan.input_channels),
        ]
    };
    let both = numbers(&config.macro_plan()).into_iter().zip(numbers(&recipe.plan()));
    match both.into_iter().find(|(theirs, ours)| theirs != ours) {
        Some(((what, theirs), (_, ours))) => {
            Err(RunError::OtherFrame { search: search.to_path_buf(), what, theirs, ours })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use evolution::Search;
    use supernet::{BatchNormStatistics, Cpu, Network, Sgd, Supernet};

    use super::*;
    use crate::config::{Config, Recipe, RecipeData, Settings};
    use crate::run::saved::{Position, Saved};

    /// Without pools, behind which only a supernet has batch-norms.
    const NETWORK: &str = "Genotype(normal=[('sep_conv_3x3', 1), ('skip_connect', 0), ('dil_conv_3x3', 0), ('sep_conv_5x5', 2), \
        ('skip_connect', 1), ('dil_conv_5x5', 3), ('sep_conv_3x3', 0), ('sep_conv_3x3', 4)], normal_concat=[2, 3, 4, 5], \
        reduce=[('skip_connect', 0), ('sep_conv_3x3', 1), ('dil_conv_3x3', 1), ('skip_connect', 2), ('sep_conv_5x5', 0), \
        ('skip_connect', 3), ('skip_connect', 1), ('dil_conv_5x5', 4)], reduce_concat=[2, 3, 4, 5])";

    /// A search in which the supernet has made two steps, with one checkpoint.
    fn search(path: &Path) -> Supernet<Cpu> {
        let config = Config::default().check().unwrap();
        let mut supernet = Supernet::new(Cpu::new(), &config.macro_plan(), 5).unwrap();
        let (images, labels) = images();
        let genotype: &space::Genotype = &NETWORK.parse().unwrap();
        let sgd = Sgd { learning_rate: 0.1, momentum: 0.9, weight_decay: 0.0, gradient_clip: 5.0 };
        for _ in 0..2 {
            supernet.train_step(&[genotype], &images, &labels, &sgd).unwrap();
        }
        let search =
            Search::new(config.search_space().clone(), config.evolution_settings().clone(), 5).unwrap();
        let origin = [config.digest(), String::new()];
        let saved = Saved { origin, position: Position::default(), rest: search.snapshot() };
        let mut directory = RunDir::create(path, &config).unwrap();
        directory.save_checkpoint(1, &supernet.state().unwrap(), &saved).unwrap();
        supernet
    }

    fn images() -> (Vec<f32>, Vec<u32>) {
        ((0..4 * 32 * 32 * 3).map(|i| (i * 7919 % 1000) as f32 / 500.0 - 1.0).collect(), vec![0, 3, 9, 3])
    }

    fn recipe(overrides: Recipe) -> CheckedRecipe {
        Recipe { genotype: Some(NETWORK.to_owned()), ..overrides }.check().unwrap()
    }

    #[test]
    fn the_network_scores_as_its_path_did_in_the_supernet() {
        let folder = tempfile::tempdir().unwrap();
        let mut supernet = search(folder.path());
        let recipe = recipe(Recipe::default());
        let mut network = Network::new(Cpu::new(), recipe.genotype(), &recipe.plan(), 7).unwrap();
        let (images, labels) = images();
        let batches = &mut [network.batch(&images, &labels).unwrap()];
        let path = supernet.evaluate(recipe.genotype(), batches, BatchNormStatistics::Running).unwrap();
        assert_ne!(network.evaluate(batches, BatchNormStatistics::Running).unwrap(), path);
        let inherited = weights(folder.path(), &recipe, network.state().unwrap()).unwrap();
        network.load(&inherited).unwrap();
        assert_eq!(network.evaluate(batches, BatchNormStatistics::Running).unwrap(), path);
    }

    #[test]
    fn another_frame_is_named_by_its_first_difference() {
        let folder = tempfile::tempdir().unwrap();
        drop(search(folder.path()));
        let network = crate::config::NetworkConfig { channels: 16, cells: 5, ..Default::default() };
        let wide = recipe(Recipe { network, ..Recipe::default() });
        let error = weights(folder.path(), &wide, State::new()).unwrap_err().to_string();
        assert!(error.contains("network.channels is 8 in the search and 16 in the recipe"), "{error}");
        let dir = Some("cifar".into());
        let data = RecipeData { source: crate::config::Source::Cifar100, dir, ..RecipeData::default() };
        let error = weights(folder.path(), &recipe(Recipe { data, ..Recipe::default() }), State::new());
        assert!(error.unwrap_err().to_string().contains("classes is 10 in the search and 100"));
    }
}
