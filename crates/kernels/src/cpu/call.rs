//! Checks shared by all calls: buffers long enough, one index per input and weight; and the fixed cutting of a batch into
//! chunks, which makes results independent of the number of threads.

use super::CpuBuffer;
use super::finish::Affine;
use super::planes::Inputs;
use super::statistics::Learned;
use crate::{Activation, Block, KernelError, Norm};

/// Most chunks of a batch.
const CHUNKS: usize = 16;

/// Images of a chunk (of the last one at most): depends on the batch only.
pub(super) fn chunk_images(n: usize) -> usize {
    n.div_ceil(CHUNKS).max(1)
}

/// The first `len` elements.
pub(super) fn slice<'a>(buffer: &'a [f32], len: usize, what: &'static str) -> Result<&'a [f32], KernelError> {
    buffer.get(..len).ok_or(KernelError::Length { what, expected: len, got: buffer.len() })
}

/// The first `len` elements.
pub(super) fn slice_mut<'a>(
    buffer: &'a mut [f32],
    len: usize,
    what: &'static str,
) -> Result<&'a mut [f32], KernelError> {
    let got = buffer.len();
    buffer.get_mut(..len).ok_or(KernelError::Length { what, expected: len, got })
}

/// Refuses a list of the wrong length.
pub(super) fn listed(got: usize, expected: usize, what: &'static str) -> Result<(), KernelError> {
    if got == expected { Ok(()) } else { Err(KernelError::Length { what, expected, got }) }
}

/// The input buffers of a call.
pub(super) fn input_buffers<'a>(
    channels: &[usize],
    pixels: usize,
    n: usize,
    values: &'a [CpuBuffer],
    inputs: &[usize],
) -> Result<Vec<&'a [f32]>, KernelError> {
    listed(inputs.len(), channels.len(), "inputs")?;
    inputs.iter().zip(channels).map(|(&index, &c)| slice(&values[index], n * pixels * c, "input")).collect()
}

/// A block's inputs, seen side by side.
pub(super) fn inputs_of<'a>(
    block: &'a Block,
    buffers: &'a [&'a [f32]],
    norms: &'a [Option<Affine<'a>>],
) -> Inputs<'a> {
    Inputs {
        buffers,
        channels: &block.channels_in,
        norms,
        pixels: block.height * block.width,
        activation: block.activation,
    }
}

/// Weights of a block: the linear stage's, and the batch-norm's own.
pub(super) struct Weights<'a> {
    pub(super) linear: Vec<&'a [f32]>,
    pub(super) learned: Learned<'a>,
}

/// The weight buffers of a call.
pub(super) fn block_weights<'a>(
    block: &Block,
    weights: &'a [CpuBuffer],
    parameters: &[usize],
) -> Result<Weights<'a>, KernelError> {
    let lens = block.weight_lens();
    listed(parameters.len(), lens.len(), "weights of the block")?;
    let mut linear = parameters
        .iter()
        .zip(&lens)
        .map(|(&index, &len)| slice(&weights[index], len, "weight"))
        .collect::<Result<Vec<_>, _>>()?;
    let learned = match block.norm {
        Norm::Affine => {
            let [scale, shift] = [lens.len() - 2, lens.len() - 1].map(|at| linear[at]);
            linear.truncate(lens.len() - 2);
            Some([scale, shift])
        }
        Norm::None | Norm::Plain => None,
    };
    Ok(Weights { linear, learned })
}

/// Factor of one sample.
pub(super) fn sample_factors(scale: Option<&CpuBuffer>, n: usize) -> Result<Option<&[f32]>, KernelError> {
    scale.map(|scale| slice(scale, n, "sample scale")).transpose()
}

/// Lends the buffers named by `indices` as one list; they are put back afterwards.
pub(super) fn with_buffers<R>(
    buffers: &mut [CpuBuffer],
    indices: &[usize],
    run: impl FnOnce(&mut [CpuBuffer]) -> Result<R, KernelError>,
) -> Result<R, KernelError> {
    if let Some(&index) =
        indices.iter().enumerate().find_map(|(at, index)| indices[..at].iter().find(|i| *i == index))
    {
        return Err(KernelError::Repeated { index });
    }
    let mut taken: Vec<_> = indices.iter().map(|&index| std::mem::take(&mut buffers[index])).collect();
    let result = run(&mut taken);
    for (&index, buffer) in indices.iter().zip(taken) {
        buffers[index] = buffer;
    }
    result
}

/// Applied on load.
pub(super) fn is_relu(activation: Activation) -> bool {
    match activation {
        Activation::None => false,
        Activation::Relu => true,
    }
}
