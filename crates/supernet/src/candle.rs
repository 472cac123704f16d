//! A network's state and its forward pass as candle tensors on the CPU (feature `candle`).

use candle_core::{DType, Device, Tensor};
use kernels::Backend;

use crate::error::SupernetError;
use crate::network::Network;
use crate::state::StoredTensor;

impl StoredTensor {
    /// As a candle tensor on the CPU.
    pub fn to_candle(&self) -> Result<Tensor, SupernetError> {
        Ok(Tensor::from_slice(&self.values, self.shape.as_slice(), &Device::Cpu)?)
    }

    /// From a candle tensor of any device and floating-point type.
    pub fn from_candle(tensor: &Tensor) -> Result<Self, SupernetError> {
        Ok(Self { shape: tensor.dims().to_vec(), values: values(tensor)? })
    }
}

impl<B: Backend> Network<B> {
    /// Class scores of normalised images, `[samples, height, width, channels]` to `[samples, classes]`, under the running
    /// statistics.
    pub fn forward(&mut self, images: &Tensor) -> Result<Tensor, SupernetError> {
        let (samples, ..) = images.dims4()?;
        let mut batch = self.batch(&values(images)?, &vec![0; samples])?;
        let logits = self.logits(&mut batch)?;
        let classes = logits.len() / samples;
        Ok(Tensor::from_vec(logits, (samples, classes), &Device::Cpu)?)
    }
}

fn values(tensor: &Tensor) -> candle_core::Result<Vec<f32>> {
    tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()
}
