//! Where times come from: anything that can run one layer on a device and say how long it took. Clocks and
//! devices belong to those who implement it.

use space::{Layer, Plan};

use crate::key::distinct_layers;
use crate::milliseconds::Milliseconds;
use crate::table::{Conditions, Table, Time};

/// Times layers on one device.
pub trait Probe {
    /// Why a layer could not be timed.
    type Error;

    /// The time of one layer for one batch, after warm-up, under the conditions of [`Probe::conditions`].
    fn time(&mut self, layer: &Layer) -> Result<Time, Self::Error>;

    /// What the times hold for.
    fn conditions(&self) -> Conditions;
}

/// A table of every distinct layer of the plans, each timed once, in ascending order of the key.
///
/// `overhead` is what a network takes beside its layers; a probe of single layers cannot see it.
pub fn measure<'a, P: Probe>(
    probe: &mut P,
    plans: impl IntoIterator<Item = &'a Plan>,
    overhead: Milliseconds,
) -> Result<Table, P::Error> {
    let mut table = Table::new(probe.conditions(), overhead);
    for (key, layer) in distinct_layers(plans) {
        table.layers.insert(key, probe.time(layer)?);
    }
    Ok(table)
}
