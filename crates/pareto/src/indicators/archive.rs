//! The undominated rows of a search and their hypervolume, kept up to date row by row: each costs its own exclusive volume, not the
//! hypervolume of all.

use super::contributions::{Gain, contributions};
use super::hypervolume::is_inside;
use super::layers;
use crate::dominance::is_below;
use crate::objectives::Objectives;

/// The undominated rows so far that are strictly below a reference point, and their hypervolume.
#[derive(Debug, Clone)]
pub struct Archive {
    reference: Vec<f64>,
    rows: Vec<f64>,
    hypervolume: f64,
    gain: Gain,
}

impl Archive {
    /// An archive without rows.
    ///
    /// # Panics
    ///
    /// If `reference` has no coordinates or a NaN.
    pub fn new(reference: &[f64]) -> Self {
        let is_fine = !reference.is_empty() && !reference.iter().any(|limit| limit.is_nan());
        assert!(is_fine, "the reference point must have one number an objective");
        Self { reference: reference.to_vec(), rows: Vec::new(), hypervolume: 0.0, gain: Gain::default() }
    }

    /// Adds the rows one after the other and returns what each added to the hypervolume. A row that is not strictly below the
    /// reference point, or that a kept one dominates or equals, adds 0 and is not kept; rows that it dominates go.
    ///
    /// # Panics
    ///
    /// If the rows have another number of objectives than the reference point.
    pub fn extend(&mut self, objectives: &Objectives<'_>) -> Vec<f64> {
        assert_eq!(
            objectives.m(),
            self.reference.len(),
            "the rows must have the reference point's objectives"
        );
        objectives.rows().map(|row| self.insert(row)).collect()
    }

    /// The rows kept, in the order in which they came.
    pub fn objectives(&self) -> Objectives<'_> {
        Objectives::from_checked(&self.rows, self.reference.len())
    }

    /// The hypervolume of all rows so far. It is a sum of gains: rounding errors of many of them add up, to the order of
    /// 1e-16 of it each.
    pub fn hypervolume(&self) -> f64 {
        self.hypervolume
    }

    /// What each kept row alone adds; see [`contributions`].
    pub fn contributions(&self) -> Vec<f64> {
        contributions(&self.objectives(), &self.reference)
    }

    fn insert(&mut self, row: &[f64]) -> f64 {
        if !is_inside(row, &self.reference) {
            return 0.0;
        }
        let gain = self.gain.of(row, &self.rows, &self.reference);
        if gain == 0.0 && self.rows.chunks_exact(row.len()).any(|other| is_below(other, row)) {
            return 0.0;
        }
        self.hypervolume += gain;
        layers::remove_dominated(&mut self.rows, row);
        self.rows.extend_from_slice(row);
        gain
    }
}
