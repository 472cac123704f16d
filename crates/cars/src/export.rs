//! A network on its way out: its weights, what a user of it must know, and the forms it leaves in (an ONNX model,
//! safetensors). For checks against a runtime it says what it would score itself. Bytes only; files are the caller's.

use std::collections::BTreeMap;
use std::fmt::Display;

use onnx::OnnxError;
use rand::RngExt;
use random::{Purpose, stream};
use serde::Serialize;
use space::{AnyArchitecture, Genotype, Layer, Plan};
use supernet::{Cpu, Network, State, Supernet, SupernetError};
use thiserror::Error;

use crate::config::BatchNorm;
use crate::run::RunError;
use crate::run::images::{SearchImages, image_set, normalisation};
use crate::run::saved::Saved;
use crate::run_dir::{RunDir, RunDirError, TrainingDir, encode_weights};

pub use onnx::OPSET;

/// Images that are scored at a time.
const BATCH: usize = 16;

/// A network with its weights.
pub struct Exported {
    plan: Plan,
    /// The path of a supernet; none for a network of its own.
    path: Option<Genotype>,
    weights: State,
    facts: Facts,
}

/// What a file says of the network in it. ONNX: one metadata property a field, lists as JSON; safetensors: all as one JSON
/// object, the metadatum `cars`. What is not known is left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Facts {
    /// The architecture, in the DARTS notation.
    pub genotype: String,
    /// The run that it comes from: name and digest of the config.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// How the weights came about.
    pub weights: String,
    /// What is taken from each channel of an image whose bytes were divided by 255.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<Vec<f32>>,
    /// What the rest is divided by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub std: Option<Vec<f32>>,
    /// The names of the classes, in the order of the scores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
    /// The program that wrote the file.
    pub software: String,
}

/// What a file is to compute.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// Images as the file reads them: `[samples, channels, height, width]`.
    pub images: Vec<f32>,
    /// The scores of this program: `[samples, classes]`.
    pub scores: Vec<f32>,
}

/// What can go wrong while a network is exported.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The run, its images or its weights cannot be had.
    #[error(transparent)]
    Run(Box<RunError>),
    /// The network is no ONNX model.
    #[error(transparent)]
    Onnx(#[from] OnnxError),
}

impl From<RunError> for ExportError {
    fn from(error: RunError) -> Self {
        Self::Run(Box::new(error))
    }
}

impl From<SupernetError> for ExportError {
    fn from(error: SupernetError) -> Self {
        RunError::from(error).into()
    }
}

impl From<RunDirError> for ExportError {
    fn from(error: RunDirError) -> Self {
        RunError::from(error).into()
    }
}

impl Exported {
    /// The network of a training run, with the weights and running statistics of its newest whole checkpoint.
    pub fn trained(directory: &TrainingDir) -> Result<Self, ExportError> {
        let recipe = directory.config();
        let found = directory.latest_checkpoint::<Saved<[f64; 2]>>()?;
        let checkpoint = found.checkpoint.ok_or(RunError::Untrained)?;
        let set = image_set(&recipe.data.images(), &recipe.plan(), recipe.train_images())
            .map_err(RunError::from)?;
        let origin = [recipe.digest(), set.description()];
        RunError::check_origin(&checkpoint.file, &checkpoint.state.origin, &origin)?;
        let indices: Vec<usize> = (0..set.len()).collect();
        let constants = normalisation(recipe.data.source, &set, &indices).map_err(RunError::from)?;
        let facts = Facts {
            run: Some(format!("{}-{}", recipe.name, recipe.digest())),
            mean: Some(constants.mean),
            std: Some(constants.std),
            classes: Some(set.class_names().to_vec()),
            ..Facts::new(
                recipe.genotype(),
                format!("trained for {}", epochs(checkpoint.state.position.epoch)),
            )
        };
        let plan = Plan::stand_alone(recipe.genotype(), &recipe.plan()).map_err(RunError::from)?;
        Ok(Self::stand_alone(plan, checkpoint.weights, facts))
    }

    /// A path of a search's supernet, with the shared weights of its newest whole checkpoint and the statistics that the
    /// search scored it with: re-estimated for this path, or the running ones.
    pub fn shared(directory: &RunDir, genotype: &Genotype) -> Result<Self, ExportError> {
        let config = directory.config();
        let found = directory.latest_checkpoint::<Saved<evolution::Snapshot<AnyArchitecture>>>()?;
        let checkpoint = found.checkpoint.ok_or(RunError::Untrained)?;
        let frame = config.macro_plan();
        let mut supernet = Supernet::new(Cpu::new(), &frame, config.seed)?;
        supernet.load(&checkpoint.weights)?;
        let mut images = SearchImages::load(config, &supernet)?;
        let origin = [config.digest(), images.description];
        RunError::check_origin(&checkpoint.file, &checkpoint.state.origin, &origin)?;
        let weights = match config.evaluation.batch_norm {
            BatchNorm::Running => checkpoint.weights,
            BatchNorm::Recalibrated => supernet.recalibrated_state(genotype, &mut images.recalibration)?,
        };
        let epochs = epochs(checkpoint.state.position.epoch);
        let facts = Facts {
            run: Some(format!("{}-{}", config.name, config.digest())),
            mean: Some(images.normalisation.mean),
            std: Some(images.normalisation.std),
            classes: Some(images.set.class_names().to_vec()),
            ..Facts::new(genotype, format!("shared by the supernet of a search, after {epochs}"))
        };
        let plan = Plan::path(genotype, &frame).map_err(RunError::from)?;
        Ok(Self { plan, path: Some(genotype.clone()), weights, facts })
    }

    /// A network that has learned nothing: weights drawn from a seed. The plan is that of the genotype.
    pub fn fresh(genotype: &impl Display, plan: Plan, seed: u64) -> Result<Self, ExportError> {
        let weights = Network::of_plan(Cpu::new(), &plan, seed)?.state()?;
        let facts = Facts::new(genotype, format!("fresh, drawn from seed {seed}: not trained"));
        Ok(Self::stand_alone(plan, weights, facts))
    }

    /// A network of its own with these weights, momenta and running statistics, as [`Network::state`] names them.
    pub fn stand_alone(plan: Plan, weights: State, facts: Facts) -> Self {
        Self { plan, path: None, weights, facts }
    }

    /// What the files say.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The layers, with their counts.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The network as an ONNX model (opset [`OPSET`]) for any number of images, its batch-norms folded into the
    /// convolutions in front of them if wished for. The auxiliary head stays behind.
    pub fn onnx(&self, fold: bool) -> Result<Vec<u8>, ExportError> {
        let options = onnx::Options { fold, metadata: self.facts.properties() };
        let array = |name: &str| self.weights.get(name).map(|tensor| tensor.values.as_slice());
        Ok(onnx::export(&self.plan, &options, array)?)
    }

    /// Weights and running statistics as safetensors, in names and layouts of the plan ([`space::WeightRole`]). Momenta and
    /// the auxiliary head stay behind.
    pub fn safetensors(&self) -> Result<Vec<u8>, ExportError> {
        let weights = self.plan.layers.iter().flat_map(Layer::weights).map(|weight| weight.name);
        let norms = self.plan.layers.iter().flat_map(Layer::batch_norms);
        let statistics =
            norms.flat_map(|norm| ["mean", "variance"].map(|what| format!("{}.{what}", norm.name)));
        let state: State = weights
            .chain(statistics)
            .filter_map(|name| self.weights.get(&name).map(|tensor| (name, tensor.clone())))
            .collect();
        Ok(encode_weights(&state, Some(self.facts.json()))?)
    }

    /// So many images of numbers between -2 and 2, and what this program scores them with.
    pub fn expected(&self, samples: usize) -> Result<Expected, ExportError> {
        let shape = self.plan.values[0];
        let mut rng = stream(0, Purpose::ExportCheck, 0, 0);
        let images: Vec<f32> =
            (0..samples * shape.elements()).map(|_| rng.random_range(-2.0..=2.0)).collect();
        let mut scores = Vec::new();
        let mut score = self.scorer()?;
        for batch in images.chunks(BATCH * shape.elements()) {
            let channels_last: Vec<f32> = batch
                .chunks_exact(shape.elements())
                .flat_map(|image| (0..shape.elements()).map(move |at| (image, at)))
                .map(|(image, at)| image[at % shape.channels * shape.pixels() + at / shape.channels])
                .collect();
            scores.extend(score(&channels_last, &vec![0; batch.len() / shape.elements()])?);
        }
        Ok(Expected { images, scores })
    }

    /// What turns a batch of images, channels last, and their labels into scores.
    #[allow(clippy::type_complexity, reason = "a closure that is named once")]
    fn scorer(
        &self,
    ) -> Result<Box<dyn FnMut(&[f32], &[u32]) -> Result<Vec<f32>, SupernetError>>, SupernetError> {
        match self.path.clone() {
            None => {
                let mut network = Network::of_plan(Cpu::new(), &self.plan, 0)?;
                network.load(&self.weights)?;
                Ok(Box::new(move |images, labels| {
                    let mut batch = network.batch(images, labels)?;
                    network.logits(&mut batch)
                }))
            }
            Some(genotype) => {
                let mut supernet = Supernet::new(Cpu::new(), &self.plan.macro_plan, 0)?;
                supernet.load(&self.weights)?;
                Ok(Box::new(move |images, labels| {
                    let mut batch = supernet.batch(images, labels)?;
                    supernet.logits(&genotype, &mut batch)
                }))
            }
        }
    }
}

impl Expected {
    /// The largest difference of scores found elsewhere, and the largest score. Infinite if there are more or fewer, or one
    /// is no number.
    pub fn difference(&self, found: &[f32]) -> (f32, f32) {
        let largest = self.scores.iter().fold(0.0, |largest: f32, score| largest.max(score.abs()));
        if found.len() != self.scores.len() || found.iter().any(|score| !score.is_finite()) {
            return (f32::INFINITY, largest);
        }
        let differences = self.scores.iter().zip(found).map(|(expected, found)| (expected - found).abs());
        (differences.fold(0.0, f32::max), largest)
    }
}

impl Facts {
    /// What is known of any network.
    pub fn new(genotype: &impl Display, weights: String) -> Self {
        Self {
            genotype: genotype.to_string(),
            run: None,
            weights,
            mean: None,
            std: None,
            classes: None,
            software: format!("cars {}", env!("CARGO_PKG_VERSION")),
        }
    }

    fn json(&self) -> String {
        match serde_json::to_string(self) {
            Ok(text) => text,
            Err(error) => unreachable!("facts are no JSON: {error}"),
        }
    }

    /// One text a field.
    fn properties(&self) -> BTreeMap<String, String> {
        let fields: BTreeMap<String, serde_json::Value> = match serde_json::from_str(&self.json()) {
            Ok(fields) => fields,
            Err(error) => unreachable!("facts are no object: {error}"),
        };
        let text = |value: serde_json::Value| match value {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        fields.into_iter().map(|(key, value)| (key, text(value))).collect()
    }
}

fn epochs(count: usize) -> String {
    format!("{count} epoch{}", if count == 1 { "" } else { "s" })
}
