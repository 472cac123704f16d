//! Reference points for NSGA-III: checked sets of directions from the ideal point in normalised objectives. How they are made
//! is in `lattice` and `energy`, how the nearest one is found in `directions` and `folding`, and how individuals are tied to
//! them in `nsga3`.

mod cones;
mod directions;
mod energy;
mod folding;
mod lattice;
mod plane;

pub use energy::riesz_energy;
pub use lattice::{count, das_dennis, divisions, two_layers};

use crate::error::ReferenceError;
use directions::Directions;
pub(crate) use directions::Search;
use folding::Folding;

/// A checked set of reference points with `m` non-negative coordinates each, none of them the origin.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferencePoints {
    values: Vec<f64>,
    m: usize,
    /// The points to search, scaled to unit length: all of them, or only the descending ones where the set folds.
    directions: Directions,
    folding: Option<Folding>,
}

impl ReferencePoints {
    /// Takes `values`, row by row, as points of `n_objectives` coordinates.
    ///
    /// # Errors
    ///
    /// [`ReferenceError`] if there is no point, the last one is short, a coordinate is negative or not finite, or a
    /// point is the origin.
    pub fn from_rows(values: Vec<f64>, n_objectives: usize) -> Result<Self, ReferenceError> {
        if n_objectives == 0 || values.is_empty() {
            return Err(ReferenceError::Empty);
        }
        if !values.len().is_multiple_of(n_objectives) {
            return Err(ReferenceError::Ragged { values: values.len(), n_objectives });
        }
        for (point, row) in values.chunks_exact(n_objectives).enumerate() {
            if let Some(objective) = row.iter().position(|&x| !(x.is_finite() && x >= 0.0)) {
                return Err(ReferenceError::Coordinate { point, objective });
            }
            if row.iter().all(|&x| x == 0.0) {
                return Err(ReferenceError::Origin { point });
            }
        }
        Ok(Self::new(values, n_objectives))
    }

    fn new(values: Vec<f64>, m: usize) -> Self {
        let (folding, rows) = match Folding::new(&values, m) {
            Some((folding, names)) => {
                (Some(folding), unit_rows(names.iter().map(|&name| &values[name as usize * m..][..m]), m))
            }
            None => (None, unit_rows(values.chunks_exact(m), m)),
        };
        Self { values, m, directions: Directions::new(rows, m), folding }
    }

    /// How many points there are; at least 1.
    #[expect(clippy::len_without_is_empty, reason = "a checked set is never empty")]
    pub fn len(&self) -> usize {
        self.values.len() / self.m
    }

    /// How many coordinates (objectives) a point has.
    pub fn m(&self) -> usize {
        self.m
    }

    /// The coordinates of point `i`.
    pub fn point(&self, i: usize) -> &[f64] {
        &self.values[i * self.m..][..self.m]
    }

    /// All points, in order.
    pub fn points(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.m)
    }

    /// The unit directions to search.
    pub(crate) fn directions(&self) -> &Directions {
        &self.directions
    }

    /// How the set folds, if it does; a row must be folded likewise before it is searched for.
    pub(crate) fn folding(&self) -> Option<&Folding> {
        self.folding.as_ref()
    }
}

/// The rows scaled to unit length.
fn unit_rows<'a>(rows: impl Iterator<Item = &'a [f64]>, m: usize) -> Vec<f64> {
    let mut units: Vec<f64> = rows.flatten().copied().collect();
    for row in units.chunks_exact_mut(m) {
        // Dividing by the largest coordinate first keeps the squares in range.
        let largest = row.iter().copied().fold(0.0, f64::max);
        for x in &mut *row {
            *x /= largest;
        }
        let length = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        for x in row {
            *x /= length;
        }
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_points_are_named() {
        let error = |values: &[f64], m| ReferencePoints::from_rows(values.to_vec(), m).unwrap_err();
        assert_eq!(error(&[], 2), ReferenceError::Empty);
        assert_eq!(error(&[1.0], 2), ReferenceError::Ragged { values: 1, n_objectives: 2 });
        assert_eq!(error(&[1.0, 0.0, 1.0, -0.5], 2), ReferenceError::Coordinate { point: 1, objective: 1 });
        assert_eq!(error(&[f64::NAN, 0.0], 2), ReferenceError::Coordinate { point: 0, objective: 0 });
        assert_eq!(error(&[1.0, 0.0, 0.0, 0.0], 2), ReferenceError::Origin { point: 1 });
    }
}
