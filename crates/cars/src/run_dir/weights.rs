//! Weights as safetensors bytes and back: 32-bit floats under their names, and at most one metadatum, `cars`, so the same
//! weights are the same bytes. Which tensors there should be is the supernet's business.

use std::borrow::Cow;

use safetensors::tensor::{Dtype, SafeTensors, View, serialize};
use supernet::{State, StoredTensor};

use super::{Fault, RunDirError};

struct Stored<'a>(&'a StoredTensor);

impl View for Stored<'_> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }

    fn shape(&self) -> &[usize] {
        &self.0.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.0.values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>().into()
    }

    fn data_len(&self) -> usize {
        size_of_val(self.0.values.as_slice())
    }
}

pub(crate) fn encode(state: &State, facts: Option<String>) -> Result<Vec<u8>, RunDirError> {
    let views = state.iter().map(|(name, tensor)| (name, Stored(tensor)));
    let metadata = facts.map(|facts| std::iter::once(("cars".to_owned(), facts)).collect());
    serialize(views, metadata).map_err(|error| RunDirError::Encode { reason: error.to_string() })
}

pub(crate) fn decode(bytes: &[u8]) -> Result<State, Fault> {
    let undecodable = |reason| Fault::Undecodable { reason };
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| undecodable(error.to_string()))?;
    tensors
        .tensors()
        .into_iter()
        .map(|(name, view)| {
            if view.dtype() != Dtype::F32 {
                return Err(undecodable(format!("tensor `{name}` is {:?}, expected F32", view.dtype())));
            }
            let (words, _) = view.data().as_chunks::<4>();
            let values = words.iter().map(|word| f32::from_le_bytes(*word)).collect();
            Ok((name, StoredTensor { shape: view.shape().to_vec(), values }))
        })
        .collect()
}
