//! Statistics that several paths measured of the batch-norms they have in common: each batch-norm has a name for every
//! outcome, so that what has the same name is the same.

use std::collections::BTreeMap;

use kernels::{Backend, KernelError};

use crate::statistics::Statistics;

/// Measured statistics by batch-norm.
#[derive(Default)]
pub(crate) struct Variants {
    /// Means, then variances, of each that differs in a bit.
    of: BTreeMap<String, Vec<Vec<f32>>>,
}

impl Variants {
    /// Takes in the means, then variances, that a batch-norm has; returns its name with them.
    pub(crate) fn record(&mut self, batch_norm: &str, statistics: Vec<f32>) -> String {
        let known = self.of.entry(batch_norm.to_owned()).or_default();
        let bits = |numbers: &[f32]| -> Vec<u32> { numbers.iter().map(|number| number.to_bits()).collect() };
        let own = bits(&statistics);
        let position = known.iter().position(|known| bits(known) == own).unwrap_or(known.len());
        if position == known.len() {
            known.push(statistics);
        }
        variant(batch_norm, position)
    }

    /// All of them by the names given away.
    pub(crate) fn statistics<B: Backend>(&self, backend: &B) -> Result<Statistics<B>, KernelError> {
        let mut all = Statistics::empty();
        for (name, variants) in &self.of {
            for (position, statistics) in variants.iter().enumerate() {
                let (mean, variance) = statistics.split_at(statistics.len() / 2);
                all.push(backend, variant(name, position), mean, variance)?;
            }
        }
        Ok(all)
    }
}

fn variant(batch_norm: &str, position: usize) -> String {
    format!("{batch_norm} {position}")
}
