//! Named means and variances of every batch-norm: the running ones of training, or those re-estimated for one path.

use std::collections::BTreeMap;
use std::mem::take;

use kernels::{Backend, Blend, KernelError};
use space::BatchNorm;

use crate::contribution::Part;
use crate::error::SupernetError;
use crate::execute::RUNNING_MOMENTUM;
use crate::state::{State, StoredTensor};

/// Mean and variance per batch-norm, indexed alike.
pub(crate) struct Statistics<B: Backend> {
    names: BTreeMap<String, usize>,
    channels: Vec<usize>,
    pub(crate) mean: Vec<B::Buffer>,
    pub(crate) variance: Vec<B::Buffer>,
}

/// Statistics of one batch-norm on a batch.
pub(crate) struct Measured<'a, B: Backend> {
    /// Which one.
    pub(crate) index: usize,
    pub(crate) mean: &'a B::Buffer,
    pub(crate) variance: &'a B::Buffer,
    /// Factor that makes the variance an unbiased one.
    pub(crate) unbiased: f64,
}

impl<B: Backend> Statistics<B> {
    /// Of no batch-norm yet.
    pub(crate) fn empty() -> Self {
        Self { names: BTreeMap::new(), channels: Vec::new(), mean: Vec::new(), variance: Vec::new() }
    }

    /// Mean 0 and variance 1 for each batch-norm.
    pub(crate) fn fresh(backend: &B, batch_norms: &[BatchNorm]) -> Result<Self, KernelError> {
        let mut all = Self::empty();
        for BatchNorm { name, channels, .. } in batch_norms {
            all.push(backend, name.clone(), &vec![0.0; *channels], &vec![1.0; *channels])?;
        }
        Ok(all)
    }

    /// One more batch-norm, with the mean and variance of each of its channels.
    pub(crate) fn push(
        &mut self,
        backend: &B,
        name: String,
        mean: &[f32],
        variance: &[f32],
    ) -> Result<(), KernelError> {
        self.names.insert(name, self.channels.len());
        self.channels.push(mean.len());
        for (all, numbers) in [(&mut self.mean, mean), (&mut self.variance, variance)] {
            let mut buffer = backend.zeros(numbers.len())?;
            backend.upload(numbers, &mut buffer)?;
            all.push(buffer);
        }
        Ok(())
    }

    pub(crate) fn index(&self, name: &str) -> Result<usize, SupernetError> {
        self.names.get(name).copied().ok_or_else(|| SupernetError::UnknownParameter { name: name.to_owned() })
    }

    /// Copies out the means and variances of these batch-norms, one after another.
    pub(crate) fn read(
        &self,
        backend: &B,
        norms: impl Iterator<Item = usize>,
    ) -> Result<(Vec<Part>, Vec<f32>), KernelError> {
        let (mut parts, mut numbers) = (Vec::new(), Vec::new());
        for index in norms {
            let channels = self.channels[index];
            for buffer in [&self.mean[index], &self.variance[index]] {
                let start = numbers.len();
                numbers.resize(start + channels, 0.0);
                backend.download(buffer, &mut numbers[start..])?;
            }
            parts.push(Part { index: index as u32, len: channels as u32 });
        }
        Ok((parts, numbers))
    }

    /// Takes over what [`Statistics::read`] copied.
    pub(crate) fn write(
        &mut self,
        backend: &B,
        parts: &[Part],
        numbers: &[f32],
    ) -> Result<(), SupernetError> {
        let mut rest = numbers;
        for Part { index, len } in parts {
            let (index, len) = (*index as usize, *len as usize);
            if self.channels.get(index) != Some(&len) {
                return Err(SupernetError::Contribution);
            }
            for buffer in [&mut self.mean[index], &mut self.variance[index]] {
                let numbers = rest.split_off(..len).ok_or(SupernetError::Contribution)?;
                backend.upload(numbers, buffer)?;
            }
        }
        Ok(())
    }

    /// Has these batch-norms' running statistics follow those of a batch, whose variance is the unbiased one.
    pub(crate) fn follow(
        &mut self,
        backend: &B,
        batch: &Self,
        norms: impl Iterator<Item = usize>,
    ) -> Result<(), KernelError> {
        let measured = |index: usize| Measured {
            index,
            mean: &batch.mean[index],
            variance: &batch.variance[index],
            unbiased: 1.0,
        };
        self.mix(backend, RUNNING_MOMENTUM, &norms.map(measured).collect::<Vec<_>>())
    }

    /// Gives measured statistics the share `add` in those of their batch-norms, which are distinct, all in one call.
    pub(crate) fn mix(&mut self, backend: &B, add: f64, all: &[Measured<'_, B>]) -> Result<(), KernelError> {
        let mut old: Vec<[B::Buffer; 2]> = all
            .iter()
            .map(|measured| {
                [&mut self.mean, &mut self.variance].map(|buffers| take(&mut buffers[measured.index]))
            })
            .collect();
        let keep = 1.0 - add;
        let mut blends = Vec::with_capacity(2 * all.len());
        for (measured, [mean, variance]) in all.iter().zip(&mut old) {
            blends.push(Blend { into: mean, keep, from: measured.mean, add });
            blends.push(Blend {
                into: variance,
                keep,
                from: measured.variance,
                add: add * measured.unbiased,
            });
        }
        let result = backend.blend(blends);
        for (measured, [mean, variance]) in all.iter().zip(old) {
            debug_assert_eq!(
                backend.len(&self.mean[measured.index]),
                0,
                "batch-norm {} twice",
                measured.index
            );
            self.mean[measured.index] = mean;
            self.variance[measured.index] = variance;
        }
        result
    }

    /// Copies everything into a state under `NAME.mean` and `NAME.variance`.
    pub(crate) fn save(&self, backend: &B, state: &mut State) -> Result<(), KernelError> {
        for (name, &index) in &self.names {
            let shape = [self.channels[index]];
            let [mean, variance] = stored_names(name);
            state.insert(mean, StoredTensor::read(backend, &self.mean[index], &shape)?);
            state.insert(variance, StoredTensor::read(backend, &self.variance[index], &shape)?);
        }
        Ok(())
    }

    /// Reads back what [`Statistics::save`] wrote.
    pub(crate) fn load(&mut self, backend: &B, state: &State) -> Result<(), SupernetError> {
        for (name, &index) in &self.names {
            let [mean, variance] = stored_names(name);
            StoredTensor::write(state, &mean, backend, &mut self.mean[index])?;
            StoredTensor::write(state, &variance, backend, &mut self.variance[index])?;
        }
        Ok(())
    }
}

fn stored_names(name: &str) -> [String; 2] {
    ["mean", "variance"].map(|what| format!("{name}.{what}"))
}
