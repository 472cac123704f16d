//! What calls check before anything is launched: buffers long enough, one index per input and weight, sizes that kernels can
//! index; and the buffers of a call as kernels take them.

use super::launcher::{Launcher, MOST_STRIDE};
use super::records::{Address, InputGradients, Inputs};
use super::{CudaBuffer, CudaError, MAX_INPUTS, Machine};
use crate::{Activation, Block, Gradients, KernelError, Norm, Precision, Store};

/// Refuses a buffer that is too short.
pub(super) fn long_enough<Memory>(
    buffer: &CudaBuffer<Memory>,
    expected: usize,
    what: &'static str,
) -> Result<(), KernelError> {
    if buffer.len >= expected { Ok(()) } else { Err(KernelError::Length { what, expected, got: buffer.len }) }
}

/// Refuses a buffer of another precision; an empty one has none.
pub(super) fn kept_in<Memory>(
    buffer: &CudaBuffer<Memory>,
    expected: Precision,
    what: &'static str,
) -> Result<(), KernelError> {
    let fits = buffer.precision == expected || buffer.len == 0;
    if fits { Ok(()) } else { Err(CudaError::Precision { what, expected, got: buffer.precision }.into()) }
}

/// Refuses a list of the wrong length.
pub(super) fn listed(got: usize, expected: usize, what: &'static str) -> Result<(), KernelError> {
    if got == expected { Ok(()) } else { Err(KernelError::Length { what, expected, got }) }
}

/// Refuses a call that asks for something with a deferred batch-norm.
pub(super) fn refuse_deferral(asks: bool) -> Result<(), KernelError> {
    if asks { Err(KernelError::Deferred) } else { Ok(()) }
}

/// Refuses a feature map whose elements an `int` cannot count, one stride of all threads more included.
pub(super) fn countable(elements: usize) -> Result<(), KernelError> {
    let fits = i32::try_from(elements.saturating_add(MOST_STRIDE)).is_ok();
    if fits { Ok(()) } else { Err(CudaError::TooLarge { elements }.into()) }
}

/// Weights of a block: the linear stage's (a missing second is null), and the batch-norm's own.
pub(super) struct Weights {
    pub(super) linear: [Address; 2],
    pub(super) affine: [Address; 2],
}

impl<M: Machine> Launcher<'_, M> {
    /// A checked buffer of numbers in single precision.
    pub(super) fn checked(
        &self,
        buffer: &CudaBuffer<M::Memory>,
        len: usize,
        what: &'static str,
    ) -> Result<Address, KernelError> {
        long_enough(buffer, len, what)?;
        kept_in(buffer, Precision::F32, what)?;
        Ok(self.address(buffer))
    }

    /// A checked feature map, or gradient by one.
    pub(super) fn checked_map(
        &self,
        buffer: &CudaBuffer<M::Memory>,
        len: usize,
        what: &'static str,
    ) -> Result<Address, KernelError> {
        long_enough(buffer, len, what)?;
        kept_in(buffer, self.machine.precision(), what)?;
        Ok(self.address(buffer))
    }

    /// The inputs of a call.
    pub(super) fn inputs(
        &self,
        channels: &[usize],
        pixels: usize,
        activation: Activation,
        values: &[CudaBuffer<M::Memory>],
        indices: &[usize],
    ) -> Result<Inputs, KernelError> {
        listed(indices.len(), channels.len(), "inputs")?;
        if indices.len() > MAX_INPUTS {
            return Err(CudaError::Inputs { got: indices.len(), most: MAX_INPUTS }.into());
        }
        countable(pixels * channels.iter().sum::<usize>())?;
        let buffers = indices.iter().zip(channels);
        Ok(Inputs {
            data: buffers
                .map(|(&index, &c)| self.checked_map(&values[index], pixels * c, "input"))
                .collect::<Result<_, _>>()?,
            channels: channels.iter().map(|&c| c as i32).collect(),
            relu: activation == Activation::Relu,
        })
    }

    /// Where the gradients by the inputs go.
    pub(super) fn input_gradients(
        &self,
        channels: &[usize],
        pixels: usize,
        indices: &[usize],
        gradients: &Gradients<'_, CudaBuffer<M::Memory>>,
    ) -> Result<InputGradients, KernelError> {
        listed(gradients.stores.len(), indices.len(), "stores of the input gradients")?;
        for (at, &index) in indices.iter().enumerate() {
            if indices[..at].contains(&index) {
                return Err(KernelError::Repeated { index });
            }
        }
        let buffers = indices.iter().zip(channels);
        Ok(InputGradients {
            data: buffers
                .map(|(&index, &c)| self.checked_map(&gradients.buffers[index], pixels * c, "input gradient"))
                .collect::<Result<_, _>>()?,
            add: gradients.stores.iter().map(|&store| i32::from(store == Store::Add)).collect(),
        })
    }

    /// The weights of a call.
    pub(super) fn weights(
        &self,
        block: &Block,
        buffers: &[CudaBuffer<M::Memory>],
        indices: &[usize],
    ) -> Result<Weights, KernelError> {
        let lens = block.weight_lens();
        listed(indices.len(), lens.len(), "weights of the block")?;
        let all = indices.iter().zip(&lens);
        let mut all = all
            .map(|(&index, &len)| self.checked(&buffers[index], len, "weight"))
            .collect::<Result<Vec<_>, _>>()?;
        let affine = match block.norm {
            Norm::Affine => {
                let shift = all.pop().unwrap_or_default();
                [all.pop().unwrap_or_default(), shift]
            }
            Norm::None | Norm::Plain => [Address::default(); 2],
        };
        let linear = |at: usize| all.get(at).copied().unwrap_or_default();
        Ok(Weights { linear: [linear(0), linear(1)], affine })
    }

    /// Factors of the samples; null if there are none.
    pub(super) fn sample_scale(
        &self,
        scale: Option<&CudaBuffer<M::Memory>>,
        n: usize,
    ) -> Result<Address, KernelError> {
        scale.map_or(Ok(Address::default()), |scale| self.checked(scale, n, "sample scale"))
    }
}
