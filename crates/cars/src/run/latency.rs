//! Latency as an objective: predicted from the run's table while the search goes on, and measured at its end, where the
//! table was made by the kernels that this program has. Everything else of a run knows only the numbers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use latency::{Conditions, FitReport, LatencyModel, Table};
use space::Plan;
use supernet::Cpu;

use super::RunError;
use crate::config::CheckedConfig;
use crate::event::{Generation, Latency, Measured};
use crate::profile::{self, ROUNDS, Scope, Target, TargetKind};

/// Predicts latencies from the run's table.
pub(super) struct Predictor {
    model: LatencyModel,
    conditions: Conditions,
    strict: bool,
    path: PathBuf,
}

impl Predictor {
    /// That of a run with this table; `None` without one, as latency is no objective. Unless gaps may be filled, every layer that the space can have must
    /// be in the table: a search must not end in its middle for want of one.
    pub(super) fn of(config: &CheckedConfig, table: Option<&str>) -> Result<Option<Self>, RunError> {
        let Some(text) = table else { return Ok(None) };
        let path = config.selection.latency_table.clone().unwrap_or_default();
        let at = |source| RunError::Latency { path: path.clone(), source };
        let table = Table::read(text).map_err(at)?;
        let model = LatencyModel::fit(&table).map_err(at)?;
        if config.selection.latency_strict {
            let scope = Scope { frame: config.macro_plan(), primitives: config.evolution.primitives.clone() };
            model.covers(&scope.plans()?).map_err(at)?;
        }
        let strict = config.selection.latency_strict;
        Ok(Some(Self { model, conditions: table.conditions, strict, path }))
    }

    pub(super) fn predict(&self, plan: &Plan) -> Result<Latency, RunError> {
        let prediction =
            if self.strict { self.model.predict(plan) } else { self.model.predict_with_gaps(plan) };
        let prediction =
            prediction.map_err(|source| RunError::Latency { path: self.path.clone(), source })?;
        Ok(Latency {
            predicted_ms: prediction.time.get(),
            interval_ms: prediction.interval.map(|interval| interval.map(latency::Milliseconds::get)),
            interpolated_layers: prediction.interpolated.len(),
            measured_ms: None,
            spread_ms: None,
        })
    }

    /// Times the networks of a generation's front, in rounds that take turns, as the table's networks were; `None` if the
    /// table is of another device or program.
    pub(super) fn measure(
        &self,
        config: &CheckedConfig,
        generation: &Generation,
    ) -> Result<Option<Measured>, RunError> {
        if self.conditions.software != profile::software(&Cpu::new()) {
            return Ok(None);
        }
        let targets: Vec<(u64, Latency, Target)> = generation
            .front
            .iter()
            .filter_map(|&index| generation.individuals.get(index))
            .filter_map(|member| {
                let genotype = member.genotype.darts()?.clone();
                let kind = TargetKind::Network { name: format!("network {}", member.id), genotype };
                Some((member.id, member.latency?, Target { frame: config.macro_plan(), kind }))
            })
            .collect();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.conditions.threads as usize).build()?;
        let mut times: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
        for round in 0..ROUNDS {
            for place in profile::round(round, targets.len()) {
                let (id, _, target) = &targets[place];
                let batch = self.conditions.batch as usize;
                let time = pool.install(|| profile::visit(Cpu::new(), target, batch))?;
                times.entry(*id).or_default().push(time.get());
            }
        }
        let networks: Vec<(u64, Latency)> = targets
            .iter()
            .map(|(id, latency, _)| {
                let time = times.get(id).and_then(|times| profile::summary(times));
                let measured_ms = time.map(|time| time.median.get());
                (*id, Latency { measured_ms, spread_ms: time.map(|time| time.spread.get()), ..*latency })
            })
            .collect();
        let predicted: Vec<f64> = networks.iter().map(|(_, latency)| latency.predicted_ms).collect();
        let measured: Vec<f64> = networks.iter().filter_map(|(_, latency)| latency.measured_ms).collect();
        let kendall = FitReport::of(&predicted, &measured).map(|report| report.kendall);
        Ok(Some(Measured { networks, kendall }))
    }
}
