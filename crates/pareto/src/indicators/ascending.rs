//! Rows in ascending order of one objective, the order in which the sweeps take them.

use crate::objectives::Objectives;
use crate::sort::order::Order;

/// The buffers of one sort, kept from call to call.
#[derive(Debug, Clone, Default)]
pub(super) struct Ascending {
    column: Vec<f64>,
    order: Order,
}

impl Ascending {
    /// Sorts rows by their values of one objective; equal ones stay in their order.
    pub(super) fn sort(&mut self, values: impl Iterator<Item = f64>) {
        self.column.clear();
        self.column.extend(values);
        self.order.sort(&Objectives::from_checked(&self.column, 1));
    }

    /// The sorted row indices.
    pub(super) fn rows(&self) -> impl Iterator<Item = u32> {
        self.order.rows()
    }
}
