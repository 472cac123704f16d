//! Regularised least squares over similarities (kernel ridge regression; Saunders, Gammerman and Vovk 1998), with
//! weights, and robust against networks that are far off. Which similarities and penalties is decided elsewhere.

use nalgebra::{Cholesky, DMatrix, DVector};

use crate::statistics::median;

/// The penalty that stands for none.
pub(super) const NONE: f64 = 1e-6;
/// Passes that take away what a penalty of [`NONE`] still shrinks; each leaves a small share of it.
const PASSES: usize = 8;
/// A residual beyond so many standard deviations is an outlier.
const OUTLIER: f64 = 2.0;
/// Rounds of finding outliers.
const ROUNDS: usize = 2;
/// The standard deviation of a normal distribution as a multiple of its median absolute deviation.
const DEVIATION: f64 = 1.4826;
/// An error counts for no more than this when penalties are compared, whatever the noise.
const CAP: f64 = 0.5;

/// Times to be predicted from similarities, and how much each counts.
pub(super) struct Weighted {
    pub(super) gram: DMatrix<f64>,
    pub(super) times: Vec<f64>,
    pub(super) weights: Vec<f64>,
}

impl Weighted {
    /// The coefficients of the rows under a penalty, rows far off counting less.
    pub(super) fn solve_robustly(mut self, penalty: f64) -> Vec<f64> {
        let given = self.weights.clone();
        let mut coefficients = self.solve(penalty);
        for _ in 0..ROUNDS {
            let residual = DVector::from_column_slice(&self.times) - &self.gram * &coefficients;
            let far: Vec<f64> = residual
                .iter()
                .zip(&given)
                .map(|(residual, weight)| residual.abs() * weight.sqrt())
                .collect();
            let bound = OUTLIER * DEVIATION * median(&far);
            // Rows that are all met exactly, but for rounding, leave nothing to find.
            if bound < 1e-9 {
                break;
            }
            for ((weight, given), far) in self.weights.iter_mut().zip(&given).zip(far) {
                *weight = given * (bound / far).min(1.0);
            }
            coefficients = self.solve(penalty);
        }
        coefficients.iter().copied().collect()
    }

    /// Minimises the weighted squared residuals and the penalty; without penalty, by the proximal point method.
    fn solve(&self, penalty: f64) -> DVector<f64> {
        let rows = self.times.len();
        let noise = DVector::from_fn(rows, |row, _| penalty / self.weights[row]);
        let mut matrix = self.gram.clone();
        for row in 0..rows {
            matrix[(row, row)] += noise[row];
        }
        let factor = Cholesky::new(matrix)
            .expect("a sum of products of features is no negative form, and the penalty makes it positive");
        let times = DVector::from_column_slice(&self.times);
        let mut coefficients = factor.solve(&times);
        if penalty <= NONE {
            for _ in 1..PASSES {
                coefficients += factor.solve(&(&times - &self.gram * &coefficients));
            }
        }
        coefficients
    }

    /// The weighted absolute error on the rows of one fold, of a fit to the others; large errors are capped.
    pub(super) fn error_without(&self, fold: usize, folds: usize, penalty: f64) -> f64 {
        let (left_out, kept): (Vec<usize>, Vec<usize>) =
            (0..self.times.len()).partition(|row| row % folds == fold);
        let part = Self {
            gram: DMatrix::from_fn(kept.len(), kept.len(), |row, column| {
                self.gram[(kept[row], kept[column])]
            }),
            times: kept.iter().map(|&row| self.times[row]).collect(),
            weights: kept.iter().map(|&row| self.weights[row]).collect(),
        };
        let coefficients = part.solve(penalty);
        let error = |&row: &usize| {
            let similar = kept.iter().map(|&other| self.gram[(row, other)]);
            let predicted: f64 =
                similar.zip(coefficients.iter()).map(|(similarity, by)| similarity * by).sum();
            ((predicted - self.times[row]).abs() * self.weights[row].sqrt()).min(CAP)
        };
        left_out.iter().map(error).sum()
    }
}
