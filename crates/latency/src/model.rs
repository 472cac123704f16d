//! Prediction of a network's latency by look-up: overhead and the times of its layers, added (the latency
//! model of ProxylessNAS, arXiv 1812.00332). It corrects for nothing: caches, fusion and overlap
//! are not known.

use std::collections::{BTreeMap, BTreeSet};

use space::{Plan, Style};

use crate::error::LatencyError;
use crate::key::LayerKey;
use crate::milliseconds::Milliseconds;
use crate::table::Table;

/// Predicts the latency of plans.
#[derive(Debug, Clone, PartialEq)]
pub struct LatencyModel {
    device: String,
    network: Style,
    overhead: Milliseconds,
    layers: BTreeMap<LayerKey, Milliseconds>,
}

impl LatencyModel {
    /// The model that adds up the times of a table.
    pub fn look_up(table: &Table) -> Self {
        Self {
            device: table.conditions.device.clone(),
            network: table.conditions.network,
            overhead: table.overhead,
            layers: table.layers.clone(),
        }
    }

    /// The overhead and the times of all layers of the plan, under the conditions of the table. The auxiliary
    /// head takes no part. Layers are added in the order of the plan, so the sum has the same bits
    /// everywhere.
    ///
    /// Fails with the list of all layers that the table lacks, or if it is of layers in the plan's other
    /// style.
    pub fn predict(&self, plan: &Plan) -> Result<Milliseconds, LatencyError> {
        if plan.style != self.network {
            return Err(LatencyError::Network { table: self.network, plan: plan.style });
        }
        let mut missing = BTreeSet::new();
        let mut total = self.overhead;
        for key in plan.layers.iter().filter_map(LayerKey::of) {
            match self.layers.get(&key) {
                Some(&time) => total = total + time,
                None => {
                    missing.insert(key);
                }
            }
        }
        if missing.is_empty() {
            Ok(total)
        } else {
            let missing = missing.into_iter().collect();
            Err(LatencyError::Missing { device: self.device.clone(), missing })
        }
    }
}
