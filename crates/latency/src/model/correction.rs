//! What adding up layers gets wrong on a device, learned from whole networks: an overhead, and one factor for each
//! kind of layer. With few networks or much noise the factors stay near 1. Where times come from is not known here.

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector};
use space::{LayerKind, Primitive};

use super::Sums;
use crate::key::LayerKey;
use crate::milliseconds::Milliseconds;

/// Penalties to choose from: how much a factor may differ from 1, against relative errors.
const PENALTIES: [f64; 6] = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0];

/// An overhead, and factors on the times of layers.
#[derive(Debug, Clone)]
pub(super) struct Corrections {
    overhead: f64,
    factors: BTreeMap<&'static str, f64>,
}

impl Corrections {
    pub(super) const fn none(overhead: Milliseconds) -> Self {
        Self { overhead: overhead.get(), factors: BTreeMap::new() }
    }

    /// Learns from networks: the sums of their layers, and their measured times.
    pub(super) fn learn(networks: &[(Sums, f64)]) -> Self {
        let shares = Shares::of(networks);
        let error =
            |penalty: f64| -> f64 { (0..networks.len()).map(|row| shares.error_without(row, penalty)).sum() };
        let errors = PENALTIES.map(error);
        let best = (0..PENALTIES.len()).min_by(|&a, &b| errors[a].total_cmp(&errors[b]));
        shares.corrections(&shares.solve(None, PENALTIES[best.unwrap_or(0)]))
    }

    /// Milliseconds of a network.
    pub(super) fn apply(&self, sums: &Sums) -> f64 {
        let corrected = |(group, sum): (&&str, &f64)| self.factors.get(group).unwrap_or(&1.0) * sum;
        self.overhead + sums.iter().map(corrected).sum::<f64>()
    }

    pub(super) const fn overhead(&self) -> f64 {
        self.overhead
    }

    pub(super) const fn factors(&self) -> &BTreeMap<&'static str, f64> {
        &self.factors
    }
}

/// The least squares problem in shares of the measured times, so that errors are relative and no unit matters: each
/// group's share and that of a typical network's time (the overhead's column), and the share the plain sum leaves.
struct Shares {
    groups: Vec<&'static str>,
    typical: f64,
    columns: DMatrix<f64>,
    rest: DVector<f64>,
}

impl Shares {
    fn of(networks: &[(Sums, f64)]) -> Self {
        let mut groups: Vec<&'static str> =
            networks.iter().flat_map(|(sums, _)| sums.keys().copied()).collect();
        groups.sort_unstable();
        groups.dedup();
        let times: Vec<f64> = networks.iter().map(|(_, time)| time.max(f64::MIN_POSITIVE)).collect();
        let typical = times.iter().sum::<f64>() / times.len() as f64;
        let columns = DMatrix::from_fn(networks.len(), groups.len() + 1, |row, column| {
            let part = match groups.get(column) {
                Some(group) => networks[row].0.get(group).copied().unwrap_or(0.0),
                None => typical,
            };
            part / times[row]
        });
        let rest = DVector::from_fn(networks.len(), |row, _| {
            1.0 - networks[row].0.values().sum::<f64>() / times[row]
        });
        Self { groups, typical, columns, rest }
    }

    /// Differences of the factors from 1, then the overhead as a share of the typical time.
    fn solve(&self, without: Option<usize>, penalty: f64) -> DVector<f64> {
        let rows: Vec<usize> = (0..self.rest.len()).filter(|&row| Some(row) != without).collect();
        let columns = self.columns.select_rows(&rows);
        let rest = self.rest.select_rows(&rows);
        let mut matrix = columns.transpose() * &columns;
        for at in 0..matrix.nrows() {
            matrix[(at, at)] += penalty * rows.len() as f64;
        }
        let right = columns.transpose() * rest;
        matrix.cholesky().expect("a square and a positive penalty are positive").solve(&right)
    }

    fn error_without(&self, row: usize, penalty: f64) -> f64 {
        let solution = self.solve(Some(row), penalty);
        (self.rest[row] - (self.columns.row(row) * solution)[0]).abs()
    }

    fn corrections(&self, solution: &DVector<f64>) -> Corrections {
        let factors = self.groups.iter().zip(solution.iter()).map(|(&group, by)| (group, 1.0 + by)).collect();
        Corrections { overhead: self.typical * solution[self.groups.len()], factors }
    }
}

/// Layers that are corrected alike: those that compute the same, at any stride and size.
pub(super) const fn group(key: &LayerKey) -> &'static str {
    match key.kind() {
        LayerKind::StemConv { .. } => "stem",
        LayerKind::ReluConvBn => "1x1 convolution",
        LayerKind::FactorizedReduce
        | LayerKind::Primitive { primitive: Primitive::SkipConnect, stride: 2, .. } => "factorized reduction",
        LayerKind::Primitive { primitive, .. } => primitive.name(),
        LayerKind::ReluConv3x3Bn { .. } => "3x3 convolution",
        LayerKind::MeanPool3x3 => "mean pool",
        LayerKind::PoolProject => "residual shortcut",
        LayerKind::BnRelu => "batch-norm",
        LayerKind::GlobalPoolClassifier => "classifier",
        LayerKind::AuxiliaryPool { .. }
        | LayerKind::AuxiliaryPointwise
        | LayerKind::AuxiliaryConv { .. }
        | LayerKind::AuxiliaryClassifier => "auxiliary head",
    }
}
