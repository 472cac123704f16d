//! A network's whole trainable state as plain named tensors: weights, momenta and running statistics. Enough to continue
//! bit for bit; convertible to candle tensors (feature `candle`). Knows no files.

use std::collections::BTreeMap;

use kernels::{Backend, KernelError};

use crate::error::SupernetError;

/// Tensors by name, in the order of their names.
pub type State = BTreeMap<String, StoredTensor>;

/// One tensor of a state, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTensor {
    /// Shape.
    pub shape: Vec<usize>,
    /// Values.
    pub values: Vec<f32>,
}

impl StoredTensor {
    pub(crate) fn read<B: Backend>(
        backend: &B,
        buffer: &B::Buffer,
        shape: &[usize],
    ) -> Result<Self, KernelError> {
        let mut values = vec![0.0; shape.iter().product()];
        backend.download(buffer, &mut values)?;
        Ok(Self { shape: shape.to_vec(), values })
    }

    /// Uploads the tensor called `name` into `buffer`, whose length it must have.
    pub(crate) fn write<B: Backend>(
        state: &State,
        name: &str,
        backend: &B,
        buffer: &mut B::Buffer,
    ) -> Result<(), SupernetError> {
        let stored = state.get(name).ok_or_else(|| SupernetError::MissingTensor { name: name.to_owned() })?;
        let expected = backend.len(buffer);
        if stored.values.len() != expected {
            let got = stored.values.len();
            return Err(SupernetError::TensorLength { name: name.to_owned(), expected, got });
        }
        Ok(backend.upload(&stored.values, buffer)?)
    }
}
