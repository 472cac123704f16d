//! Prediction of a network's latency from the times of its layers, added (the latency model of ProxylessNAS, arXiv
//! 1812.00332), and corrected where the table also has whole networks. What it says of a network comes with how
//! wrong it was on others.

mod correction;
mod interpolation;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use space::{MacroPlan, Plan, Style};

use crate::error::LatencyError;
use crate::key::LayerKey;
use crate::milliseconds::Milliseconds;
use crate::report::FitReport;
use crate::statistics::{median, quantile};
use crate::table::{MeasuredNetwork, Table};
use correction::{Corrections, group};

/// A predicted latency.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The time.
    pub time: Milliseconds,
    /// Where the measured time is likely to lie: [`COVERAGE`](crate::COVERAGE) of the networks in the report were
    /// within it. `None` if the table says nothing about whole networks.
    pub interval: Option<[Milliseconds; 2]>,
    /// Layers that the table lacks and whose times were interpolated; ascending, each once. Neither the time nor the
    /// interval can be relied on if there are any.
    pub interpolated: Vec<LayerKey>,
}

impl Prediction {
    pub(crate) fn new(time: Milliseconds, report: Option<&FitReport>, interpolated: Vec<LayerKey>) -> Self {
        Self { time, interval: report.map(|report| report.interval(time)), interpolated }
    }
}

/// What a model made of a table: how layers have to be corrected, and how far it can be trusted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fit {
    /// What a network takes beside its corrected layers.
    pub overhead_ms: f64,
    /// Factors on the times of layers, by kind.
    pub corrections: BTreeMap<&'static str, f64>,
    /// How whole networks compare with the plain sum of their layers.
    pub additivity: Additivity,
    /// Errors on networks that were not used for the fit that judged them.
    pub report: FitReport,
    /// The predictions of that report, in the order of the table.
    pub held_out: Vec<HeldOut>,
}

/// A measured network, and what a model fitted to all others predicts for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeldOut {
    /// What it is called.
    pub name: String,
    /// As predicted without it.
    pub predicted_ms: f64,
    /// As measured.
    pub measured_ms: f64,
}

/// Whether a device adds up: a perfectly additive one has ratio 1 and spread 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Additivity {
    /// The median, over the measured networks, of their time divided by the sum of their layers.
    pub ratio: f64,
    /// The distance between the quartiles of that, divided by the median.
    pub spread: f64,
}

/// Predicts the latency of plans.
#[derive(Debug, Clone)]
pub struct LatencyModel {
    device: String,
    network: Style,
    layers: BTreeMap<LayerKey, Milliseconds>,
    corrections: Corrections,
    fit: Option<Fit>,
}

/// The fewest measured networks that corrections are learned from.
const FEWEST: usize = 10;

impl LatencyModel {
    /// The model that adds up the times of a table and its overhead, and corrects nothing.
    pub fn look_up(table: &Table) -> Self {
        Self {
            device: table.conditions.device.clone(),
            network: table.conditions.network,
            layers: table.layers.iter().map(|(&key, time)| (key, time.median)).collect(),
            corrections: Corrections::none(table.overhead),
            fit: None,
        }
    }

    /// The model that also learns from the whole networks of the table: an overhead, and a factor for each kind of
    /// layer, by least squares on relative errors, drawn towards the plain sum. The report is of predictions for each
    /// network by a model that was fitted without it. With fewer than ten networks it is the look-up model.
    ///
    /// Fails if a network has layers that the table lacks.
    pub fn fit(table: &Table) -> Result<Self, LatencyError> {
        let plain = Self::look_up(table);
        if table.networks.len() < FEWEST {
            return Ok(plain);
        }
        let mut sums = Vec::new();
        for MeasuredNetwork { genotype, time, .. } in &table.networks {
            let plan = Plan::stand_alone(genotype, &table.conditions.frame)?;
            sums.push((plain.sums(&plan)?, time.median.get()));
        }
        let measured: Vec<f64> = sums.iter().map(|(_, measured)| *measured).collect();
        let held_out: Vec<f64> = (0..sums.len())
            .map(|left_out| {
                let mut others = sums.clone();
                let (network, _) = others.remove(left_out);
                Corrections::learn(&others).apply(&network)
            })
            .collect();
        let Some(report) = FitReport::of(&held_out, &measured) else { return Ok(plain) };
        let corrections = Corrections::learn(&sums);
        let fit = Fit {
            overhead_ms: corrections.overhead(),
            corrections: corrections.factors().clone(),
            additivity: additivity(&sums),
            report,
            held_out: table
                .networks
                .iter()
                .zip(held_out.iter().zip(&measured))
                .map(|(network, (&predicted_ms, &measured_ms))| HeldOut {
                    name: network.name.clone(),
                    predicted_ms,
                    measured_ms,
                })
                .collect(),
        };
        Ok(Self { corrections, fit: Some(fit), ..plain })
    }

    /// What was made of the table's whole networks; `None` for a look-up.
    pub fn fitted(&self) -> Option<&Fit> {
        self.fit.as_ref()
    }

    /// The latency of a plan under the conditions of the table. The auxiliary head takes no part, nor do layers that
    /// nothing depends on. Layers are added in a fixed order, so the sum has the same bits everywhere.
    ///
    /// Fails with the list of all layers that the table lacks, or if it is of layers in the plan's other style.
    pub fn predict(&self, plan: &Plan) -> Result<Prediction, LatencyError> {
        let time = self.corrections.apply(&self.sums(plan)?);
        Ok(self.prediction(time, Vec::new()))
    }

    /// As [`LatencyModel::predict`], but times of layers that the table lacks are interpolated between layers of the
    /// same kind, over their amount of work, and the prediction lists them. Fails only if a kind is missing altogether.
    pub fn predict_with_gaps(&self, plan: &Plan) -> Result<Prediction, LatencyError> {
        let (time, interpolated) = self.add(plan, |key| interpolation::between(&self.layers, key))?;
        Ok(self.prediction(self.corrections.apply(&time), interpolated))
    }

    /// Whether the table has every layer of these plans; otherwise the error lists all that are missing.
    pub fn covers(&self, plans: &[Plan]) -> Result<(), LatencyError> {
        let missing = plans.iter().flat_map(|plan| &plan.layers).filter_map(LayerKey::of);
        let missing: BTreeSet<LayerKey> = missing.filter(|key| !self.layers.contains_key(key)).collect();
        let Some(plan) = plans.first().filter(|_| !missing.is_empty()) else { return Ok(()) };
        Err(self.lacks(missing, plan))
    }

    fn lacks(&self, missing: BTreeSet<LayerKey>, plan: &Plan) -> LatencyError {
        LatencyError::Missing {
            device: self.device.clone(),
            missing: missing.into_iter().collect(),
            plan: plan_name(&plan.macro_plan),
        }
    }

    fn prediction(&self, time: f64, interpolated: Vec<LayerKey>) -> Prediction {
        let report = self.fit.as_ref().map(|fit| &fit.report);
        Prediction::new(Milliseconds::at_least_zero(time), report, interpolated)
    }

    fn sums(&self, plan: &Plan) -> Result<Sums, LatencyError> {
        Ok(self.add(plan, |_| None)?.0)
    }

    /// The times of a plan's layers by group, and the layers that `otherwise` had to give a time to.
    fn add(
        &self,
        plan: &Plan,
        otherwise: impl Fn(&LayerKey) -> Option<f64>,
    ) -> Result<(Sums, Vec<LayerKey>), LatencyError> {
        if plan.style != self.network {
            return Err(LatencyError::Network { table: self.network, plan: plan.style });
        }
        let (mut sums, mut guessed, mut missing) = (Sums::new(), BTreeSet::new(), BTreeSet::new());
        for key in plan.needed_layers().into_iter().filter_map(LayerKey::of) {
            let known = self.layers.get(&key).map(|time| time.get());
            let guess = || otherwise(&key).inspect(|_| _ = guessed.insert(key));
            match known.or_else(guess) {
                Some(time) => *sums.entry(group(&key)).or_default() += time,
                None => _ = missing.insert(key),
            }
        }
        if missing.is_empty() {
            return Ok((sums, guessed.into_iter().collect()));
        }
        Err(self.lacks(missing, plan))
    }
}

/// Milliseconds by group of layers.
type Sums = BTreeMap<&'static str, f64>;

fn additivity(sums: &[(Sums, f64)]) -> Additivity {
    let ratio = |(sums, measured): &(Sums, f64)| measured / sums.values().sum::<f64>().max(f64::MIN_POSITIVE);
    let ratios: Vec<f64> = sums.iter().map(ratio).collect();
    let middle = median(&ratios);
    Additivity { ratio: middle, spread: (quantile(&ratios, 0.75) - quantile(&ratios, 0.25)) / middle }
}

/// What `cars profile --plan` calls this frame.
fn plan_name(frame: &MacroPlan) -> &'static str {
    let known =
        [("search", MacroPlan::search()), ("cifar", MacroPlan::cifar()), ("imagenet", MacroPlan::imagenet())];
    known.iter().find(|(_, known)| known == frame).map_or("CONFIG.toml", |(name, _)| name)
}
