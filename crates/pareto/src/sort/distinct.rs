//! The distinct rows among sorted ones: equal rows share a rank, so only one of them is ranked.

use super::order::Order;
use crate::objectives::Objectives;

/// The distinct rows of a sorted matrix.
#[derive(Debug, Clone, Default)]
pub(super) struct Distinct {
    /// The first of each set of equal rows, in lexicographic order.
    rows: Vec<u32>,
    /// For each sorted row, which of the distinct ones it is; empty if all rows are distinct.
    places: Vec<u32>,
}

impl Distinct {
    /// Finds the distinct rows.
    pub(super) fn fill(&mut self, objectives: &Objectives<'_>, order: &Order) {
        self.rows.clear();
        self.places.clear();
        if !order.has_repeats() {
            self.rows.extend(order.rows());
            return;
        }
        let mut previous: Option<&[f64]> = None;
        for i in order.rows() {
            let row = objectives.row(i as usize);
            if previous != Some(row) {
                self.rows.push(i);
            }
            self.places.push(self.rows.len() as u32 - 1);
            previous = Some(row);
        }
    }

    /// The distinct rows, in lexicographic order.
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Hands the ranks of the distinct rows to all rows.
    pub(super) fn scatter(&self, order: &Order, distinct: &[u32], ranks: &mut [u32]) {
        if self.places.is_empty() {
            for (&row, &rank) in self.rows.iter().zip(distinct) {
                ranks[row as usize] = rank;
            }
        } else {
            for (row, &place) in order.rows().zip(&self.places) {
                ranks[row as usize] = distinct[place as usize];
            }
        }
    }
}
