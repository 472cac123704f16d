//! Measuring a device for a latency table: which layers and networks, in which order, and how one of them is timed. The
//! loop over them belongs to the caller, who may stop and go on at any visit.

mod export;
mod log;
mod place;
mod targets;
mod visit;

use std::collections::BTreeMap;

use latency::{Conditions, MeasuredNetwork, Milliseconds, Table, Time};
use rand::RngExt;
use random::{Purpose, stream};
use supernet::Cpu;

pub use export::{ExportError, LayerFile, index, layer_files};
pub use log::{Entry, Log, LogError};
pub use place::Place;
pub use targets::{Scope, Target, TargetKind};
pub use visit::{Error, WARM_UP, visit};

/// Visits of each target. Each is in a round of its own, so that a disturbance hits few visits of many targets.
pub const ROUNDS: usize = 9;

/// The visits of one round: positions of targets in an order of its own.
pub fn round(number: usize, targets: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..targets).collect();
    let mut draws = stream(0, Purpose::Profile, number as u64, 1);
    for last in (1..targets).rev() {
        order.swap(last, draws.random_range(0..=last as u64) as usize);
    }
    order
}

/// What computes, for the head of a table: times under another program are other times.
pub fn software(backend: &Cpu) -> String {
    format!("cars {}, CPU kernels ({:?})", env!("CARGO_PKG_VERSION"), backend.level())
}

/// The table of what was visited; targets without a visit are left out.
pub fn table(conditions: Conditions, targets: &[Target], visits: &BTreeMap<String, Vec<f64>>) -> Table {
    let mut table = Table::new(conditions, Milliseconds::ZERO);
    for target in targets {
        let Some(time) = visits.get(&target.name()).and_then(|times| summary(times)) else { continue };
        match &target.kind {
            TargetKind::Layer(key) => _ = table.layers.insert(*key, time),
            TargetKind::Network { name, genotype } => {
                let network = MeasuredNetwork { name: name.clone(), genotype: genotype.clone(), time };
                table.networks.push(network);
            }
        }
    }
    table
}

/// Median and distance of the quartiles, in milliseconds; `None` without a single time.
pub fn summary(times: &[f64]) -> Option<Time> {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    let quartile = |quarter: usize| {
        let place = quarter * times.len().checked_sub(1)?;
        let (below, rest) = (place / 4, (place % 4) as f64 / 4.0);
        let above = times[(below + 1).min(times.len() - 1)];
        Milliseconds::new(times[below] + rest * (above - times[below])).ok()
    };
    let spread = quartile(3)?.get() - quartile(1)?.get();
    Some(Time { median: quartile(2)?, spread: Milliseconds::new(spread).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_visits_every_target_once_in_an_order_of_its_own() {
        let mut first = round(0, 50);
        assert_ne!(first, round(1, 50));
        assert_eq!(first, round(0, 50));
        first.sort_unstable();
        assert_eq!(first, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn a_summary_is_median_and_quartiles() {
        let time = summary(&[5.0, 1.0, 2.0, 4.0, 3.0]).unwrap();
        assert_eq!((time.median.get(), time.spread.get()), (3.0, 2.0));
        let time = summary(&[1.0, 2.0]).unwrap();
        assert_eq!((time.median.get(), time.spread.get()), (1.5, 0.5));
        assert_eq!(summary(&[]), None);
    }
}
