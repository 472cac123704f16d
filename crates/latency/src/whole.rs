//! Latency from whole networks alone, where nobody has timed layers: regularised least squares over what stands on the
//! edges of the networks, and a choice of what interacts, made by cross-validation. It knows one space at a time and
//! no device.

mod kernel;
mod ridge;

use rand::RngExt;
use random::{Purpose, stream};

use crate::edge_space::EdgeSpace;
use crate::error::LatencyError;
use crate::milliseconds::Milliseconds;
use crate::model::Prediction;
use crate::report::FitReport;
use crate::statistics::median;
use kernel::{Interaction, Traits};
use ridge::Weighted;

/// The fewest networks a model is fitted to.
const FEWEST: usize = 20;
/// One network in so many is held out for the report.
const HELD_OUT: usize = 5;
/// Parts of the rest, each left out once to choose how the model is regularised.
const FOLDS: usize = 4;
/// Penalties to choose from, for times divided by their median. The first is none: see [`Weighted::solve`].
const PENALTIES: [f64; 5] = [ridge::NONE, 1e-2, 1e-1, 1.0, 10.0];
/// Times below this share of the median do not count for more than it: a relative error means little there.
const FLOOR: f64 = 0.3;

/// Predicts the latency of networks of one [`EdgeSpace`] from the measured latencies of some of them.
///
/// Every prediction is a sum over operations on edges, over their numbers, and over longest ways through the network,
/// both of the network as written and of what is left of it once dead edges are gone; plus one kind of interaction
/// (see `kernel.rs`). Networks weigh by relative error; those far off (a device that was busy) weigh less (Huber
/// 1964, DOI 10.1214/aoms/1177703732).
#[derive(Debug, Clone)]
pub struct WholeNetworkModel {
    space: EdgeSpace,
    interaction: Interaction,
    networks: Vec<Traits>,
    coefficients: Vec<f64>,
    scale: f64,
    report: Option<FitReport>,
}

impl WholeNetworkModel {
    /// Fits the model to networks, each the number of its operation on every edge, with their latencies. The report is
    /// of a fifth of them, left out of a first fit. The same networks in the same order give the same model.
    ///
    /// Fails if there are fewer than 20 networks, or one is not of the space.
    pub fn fit(space: &EdgeSpace, networks: &[(Vec<usize>, Milliseconds)]) -> Result<Self, LatencyError> {
        if networks.len() < FEWEST {
            return Err(LatencyError::TooFew { found: networks.len(), needed: FEWEST });
        }
        let mut rows = Vec::with_capacity(networks.len());
        for (operations, time) in networks {
            space.check(operations)?;
            rows.push((Traits::of(space, operations), time.get()));
        }
        shuffle(&mut rows);
        let (held_out, rest) = rows.split_at(rows.len() / HELD_OUT);
        let choice = choose(rest);
        let model = Self::with(space, rest, choice);
        let predicted: Vec<f64> = held_out.iter().map(|(traits, _)| model.value(traits)).collect();
        let measured: Vec<f64> = held_out.iter().map(|(_, time)| *time).collect();
        let report = FitReport::of(&predicted, &measured);
        Ok(Self { report, ..Self::with(space, &rows, choice) })
    }

    /// The latency of a network, with the interval of the report. Fails if it is not of the space.
    pub fn predict(&self, operations: &[usize]) -> Result<Prediction, LatencyError> {
        self.space.check(operations)?;
        let time = Milliseconds::at_least_zero(self.value(&Traits::of(&self.space, operations)));
        Ok(Prediction::new(time, self.report.as_ref(), Vec::new()))
    }

    /// The errors on the networks that were held out; `None` if all of them took equally long.
    pub fn report(&self) -> Option<&FitReport> {
        self.report.as_ref()
    }

    fn with(space: &EdgeSpace, rows: &[(Traits, f64)], (interaction, penalty): (Interaction, f64)) -> Self {
        let Problem { scale, times, weights } = Problem::of(rows);
        let weighted = Weighted { gram: interaction.gram(rows), times, weights };
        Self {
            space: space.clone(),
            interaction,
            networks: rows.iter().map(|(traits, _)| traits.clone()).collect(),
            coefficients: weighted.solve_robustly(penalty),
            scale,
            report: None,
        }
    }

    /// In milliseconds; noise may make it negative.
    fn value(&self, traits: &Traits) -> f64 {
        let similar = self.networks.iter().map(|network| self.interaction.similarity(network, traits));
        self.scale * similar.zip(&self.coefficients).map(|(similarity, by)| similarity * by).sum::<f64>()
    }
}

/// Times divided by their median, and how much each counts.
struct Problem {
    scale: f64,
    times: Vec<f64>,
    weights: Vec<f64>,
}

impl Problem {
    fn of(rows: &[(Traits, f64)]) -> Self {
        let raw: Vec<f64> = rows.iter().map(|(_, time)| *time).collect();
        // All zero is a table too: it predicts zero.
        let scale = Some(median(&raw)).filter(|&scale| scale > 0.0).unwrap_or(1.0);
        let times: Vec<f64> = raw.iter().map(|time| time / scale).collect();
        let weights = times.iter().map(|time| time.max(FLOOR).powi(-2)).collect();
        Self { scale, times, weights }
    }
}

/// The interaction and penalty with the smallest error on parts left out.
fn choose(rows: &[(Traits, f64)]) -> (Interaction, f64) {
    let Problem { times, weights, .. } = Problem::of(rows);
    let mut best = (f64::INFINITY, (Interaction::None, ridge::NONE));
    for interaction in Interaction::ALL {
        let whole = Weighted { gram: interaction.gram(rows), times: times.clone(), weights: weights.clone() };
        for penalty in PENALTIES {
            let error: f64 = (0..FOLDS).map(|fold| whole.error_without(fold, FOLDS, penalty)).sum();
            if error < best.0 {
                best = (error, (interaction, penalty));
            }
        }
    }
    best.1
}

fn shuffle<T>(rows: &mut [T]) {
    let mut draws = stream(0, Purpose::HeldOut, 0, 0);
    for last in (1..rows.len()).rev() {
        rows.swap(last, draws.random_range(0..=last as u64) as usize);
    }
}
