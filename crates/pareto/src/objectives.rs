//! A borrowed, checked matrix of objectives: the one input type of this crate. It owns nothing and copies nothing.

use crate::error::ObjectivesError;

/// `n` rows (individuals) of `m` objectives, row-major, all minimised, free of NaN.
#[derive(Debug, Clone, Copy)]
pub struct Objectives<'a> {
    values: &'a [f64],
    n: usize,
    m: usize,
}

impl<'a> Objectives<'a> {
    /// Views `values` as rows of `n_objectives` numbers.
    ///
    /// An empty slice is a matrix of no rows. Infinities are allowed.
    ///
    /// # Errors
    ///
    /// [`ObjectivesError`] if there are no objectives, the last row is short, a value is NaN, or there are more
    /// rows than a 32-bit rank can count.
    pub fn new(values: &'a [f64], n_objectives: usize) -> Result<Self, ObjectivesError> {
        if n_objectives == 0 {
            return Err(ObjectivesError::NoObjectives);
        }
        if !values.len().is_multiple_of(n_objectives) {
            return Err(ObjectivesError::Ragged { values: values.len(), n_objectives });
        }
        let n = values.len() / n_objectives;
        if n >= u32::MAX as usize {
            return Err(ObjectivesError::TooManyRows { rows: n });
        }
        // One branch-free pass first: NaN is rare, and finding its place may be slow.
        if values.iter().fold(false, |found, value| found | value.is_nan()) {
            let at = values.iter().position(|value| value.is_nan()).unwrap_or(0);
            return Err(ObjectivesError::NotANumber { row: at / n_objectives, objective: at % n_objectives });
        }
        Ok(Self { values, n, m: n_objectives })
    }

    /// Views values that are known to pass the checks of [`Objectives::new`].
    pub(crate) fn from_checked(values: &'a [f64], m: usize) -> Self {
        debug_assert!(Self::new(values, m).is_ok(), "values taken from checked ones are checked");
        Self { values, n: values.len() / m, m }
    }

    /// How many rows (individuals) there are.
    pub fn n(&self) -> usize {
        self.n
    }

    /// How many objectives a row has; at least 1.
    pub fn m(&self) -> usize {
        self.m
    }

    /// The objectives of individual `i`.
    pub fn row(&self, i: usize) -> &'a [f64] {
        &self.values[i * self.m..][..self.m]
    }

    /// All rows, in order.
    pub fn rows(&self) -> std::slice::ChunksExact<'a, f64> {
        self.values.chunks_exact(self.m)
    }

    /// All values, row by row.
    pub fn values(&self) -> &'a [f64] {
        self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_input_is_named() {
        let error = |values: &[f64], m| Objectives::new(values, m).unwrap_err();
        assert_eq!(error(&[1.0], 0), ObjectivesError::NoObjectives);
        assert_eq!(error(&[1.0, 2.0, 3.0], 2), ObjectivesError::Ragged { values: 3, n_objectives: 2 });
        let nan = [0.0, 1.0, 2.0, f64::NAN];
        assert_eq!(error(&nan, 2), ObjectivesError::NotANumber { row: 1, objective: 1 });
        assert!(error(&nan, 2).to_string().starts_with("row 1, objective 1 is NaN"));
    }

    #[test]
    fn no_rows_and_infinities_are_fine() {
        let none = Objectives::new(&[], 3).unwrap();
        assert_eq!((none.n(), none.m()), (0, 3));
        let values = [f64::INFINITY, f64::NEG_INFINITY];
        assert_eq!(Objectives::new(&values, 2).unwrap().row(0), values);
    }
}
