//! The block operations as candle custom operations, with gradients, for anyone's candle model: single-precision NHWC
//! tensors on the CPU. Not used by this project's own training loop, which avoids candle's autograd.

use std::sync::{Arc, LazyLock, OnceLock};

use candle_core::{CpuStorage, CustomOp1, CustomOp2, DType, Error, Layout, Result, Shape, Storage, Tensor};

use crate::{Backend, Backward, Block, Cpu, CpuBuffer, Forward, Gradients, Norm, Normalise, Store};

/// One backend for all operations: it keeps its scratch.
static CPU: LazyLock<Cpu> = LazyLock::new(Cpu::new);

/// Per-channel statistics of a batch-norm, `[channels_out]` each.
#[derive(Debug, Clone)]
pub struct Statistics {
    /// Mean.
    pub mean: Tensor,
    /// Biased variance.
    pub variance: Tensor,
}

/// Runs a block on `input` (`[n, height, width, channels]`), normalising by the batch's own statistics, and returns
/// `[n, output height, output width, channels_out]` with gradients by the input and all weights. The weights are in the
/// order of [`Block::weight_lens`], each of any shape with that many elements.
pub fn block(block: &Block, input: &Tensor, weights: &[Tensor]) -> Result<Tensor> {
    Ok(block_with_statistics(block, input, weights)?.0)
}

/// As [`block`]; also returns the batch's statistics (for running averages), if the block has a batch-norm.
pub fn block_with_statistics(
    block: &Block,
    input: &Tensor,
    weights: &[Tensor],
) -> Result<(Tensor, Option<Statistics>)> {
    let saved = Arc::new(OnceLock::new());
    let output = apply(block, input, weights, Mode::Batch(Arc::clone(&saved)))?;
    let statistics = saved.get().map(|saved: &Saved| -> Result<Statistics> {
        let tensor = |values: &[f32]| Tensor::from_slice(values, values.len(), input.device());
        Ok(Statistics { mean: tensor(&saved.mean)?, variance: tensor(&saved.variance)? })
    });
    Ok((output, statistics.transpose()?))
}

/// Runs a block with fixed statistics, as in evaluation. Going backward through it is an error.
pub fn evaluate(
    block: &Block,
    input: &Tensor,
    weights: &[Tensor],
    statistics: &Statistics,
) -> Result<Tensor> {
    let mean = statistics.mean.flatten_all()?.to_vec1::<f32>()?.into();
    let variance = statistics.variance.flatten_all()?.to_vec1::<f32>()?.into();
    apply(block, input, weights, Mode::Fixed { mean, variance })
}

/// A custom operation takes at most three tensors, so the weights travel as one; candle takes their gradient apart.
fn apply(block: &Block, input: &Tensor, weights: &[Tensor], mode: Mode) -> Result<Tensor> {
    block.check().map_err(Error::wrap)?;
    let (n, height, width, channels) = input.dims4()?;
    if [height, width, channels] != [block.height, block.width, block.total_in()] {
        candle_core::bail!(
            "block input: expected [n, {}, {}, {}], got {:?}",
            block.height,
            block.width,
            block.total_in(),
            input.shape()
        );
    }
    let lens = block.weight_lens();
    let got: Vec<usize> = weights.iter().map(Tensor::elem_count).collect();
    if got != lens {
        candle_core::bail!("block weights: expected {lens:?} elements, got {got:?}");
    }
    // All channels are in one tensor, whatever buffers the block was described with.
    let operation = Operation { block: Block { channels_in: vec![channels], ..block.clone() }, n, mode };
    let input = input.contiguous()?;
    if weights.is_empty() {
        return input.apply_op1(operation);
    }
    let flat = weights.iter().map(Tensor::flatten_all).collect::<Result<Vec<_>>>()?;
    input.apply_op2(&Tensor::cat(&flat, 0)?.contiguous()?, operation)
}

/// What a forward pass leaves for its backward pass.
#[derive(Debug)]
struct Saved {
    mean: CpuBuffer,
    variance: CpuBuffer,
    linear: CpuBuffer,
}

#[derive(Debug)]
enum Mode {
    /// Candle hands nothing from forward to backward, so the operation itself does.
    Batch(Arc<OnceLock<Saved>>),
    Fixed {
        mean: CpuBuffer,
        variance: CpuBuffer,
    },
}

/// A block as candle sees it.
#[derive(Debug)]
struct Operation {
    block: Block,
    n: usize,
    mode: Mode,
}

const NAME: &str = "cars-block";

impl CustomOp1 for Operation {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(&self, input: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        self.forward(contiguous(input, layout)?, &[])
    }

    fn bwd(&self, input: &Tensor, _output: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        Ok(self.backward(input, None, gradient)?.0)
    }
}

impl CustomOp2 for Operation {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        input_layout: &Layout,
        weights: &CpuStorage,
        weights_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        self.forward(contiguous(input, input_layout)?, contiguous(weights, weights_layout)?)
    }

    fn bwd(
        &self,
        input: &Tensor,
        weights: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        self.backward(input, Some(weights), gradient)
    }
}

impl Operation {
    fn forward(&self, input: &[f32], weights: &[f32]) -> Result<(CpuStorage, Shape)> {
        let Self { block, n, mode } = self;
        let weights = self.apart(weights);
        let parameters: Vec<usize> = (0..weights.len()).collect();
        let len = n * block.output_len();
        let mut output = CpuBuffer::from(vec![0.0; len]);
        let channels = block.channels_out;
        let mut saved = Saved {
            mean: CpuBuffer::zeros(channels),
            variance: CpuBuffer::zeros(channels),
            linear: CpuBuffer::default(),
        };
        let normalise = match (block.norm, mode) {
            (Norm::None, _) => Normalise::None,
            (Norm::Plain | Norm::Affine, Mode::Fixed { mean, variance }) => {
                Normalise::Fixed { mean, variance }
            }
            (Norm::Plain | Norm::Affine, Mode::Batch(_)) => {
                saved.linear = CpuBuffer::zeros(len);
                let Saved { mean, variance, linear } = &mut saved;
                Normalise::Batch { mean, variance, linear }
            }
        };
        let call = Forward {
            values: &[input.to_vec().into()],
            inputs: &[0],
            deferred: &[],
            weights: &weights,
            parameters: &parameters,
            normalise,
            sample_scale: None,
            output: &mut output,
            store: Store::Write,
            addend: None,
        };
        CPU.forward(block, *n, call).map_err(Error::wrap)?;
        if let (Norm::Plain | Norm::Affine, Mode::Batch(cell)) = (block.norm, mode)
            && cell.set(saved).is_err()
        {
            candle_core::bail!("{NAME}: one operation ran forward twice");
        }
        let [height, width] = block.output_size();
        Ok((CpuStorage::F32(output.into()), Shape::from((*n, height, width, channels))))
    }

    /// Gradients by the input (if candle tracks it) and by the weights.
    fn backward(
        &self,
        input: &Tensor,
        weights: Option<&Tensor>,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let Self { block, n, mode } = self;
        let saved = match (block.norm, mode) {
            (_, Mode::Fixed { .. }) => return Err(Error::BackwardNotSupported { op: NAME }),
            (Norm::None, Mode::Batch(_)) => None,
            (Norm::Plain | Norm::Affine, Mode::Batch(cell)) => match cell.get() {
                Some(Saved { mean, variance, linear }) => {
                    Some(crate::Saved { mean, variance, linear, sums: None })
                }
                None => candle_core::bail!("{NAME}: backward without forward"),
            },
        };
        let weight_values = match weights {
            Some(weights) => self.apart(&values(weights)?),
            None => Vec::new(),
        };
        let parameters: Vec<usize> = (0..weight_values.len()).collect();
        let values_in = [values(input)?.into()];
        let mut input_gradient = [CpuBuffer::default()];
        let mut weight_gradients: Vec<CpuBuffer> =
            weight_values.iter().map(|weight| CpuBuffer::zeros(weight.len())).collect();
        let wanted = input.track_op();
        if wanted {
            input_gradient[0] = vec![0.0; input.elem_count()].into();
        }
        let call = Backward {
            values: &values_in,
            inputs: &[0],
            deferred: &[],
            weights: &weight_values,
            parameters: &parameters,
            saved,
            sample_scale: None,
            output_gradient: &values(gradient)?.into(),
            input_gradients: wanted
                .then_some(Gradients { buffers: &mut input_gradient, stores: &[Store::Write] }),
            sums: &[],
            weight_gradients: Gradients {
                buffers: &mut weight_gradients,
                stores: &vec![Store::Write; parameters.len()],
            },
        };
        CPU.backward(block, *n, call).map_err(Error::wrap)?;
        let [input_gradient] = input_gradient.map(Vec::from);
        let input_gradient =
            wanted.then(|| Tensor::from_vec(input_gradient, input.shape(), input.device())).transpose()?;
        let weight_gradient = weights
            .map(|weights| {
                Tensor::from_vec(
                    weight_gradients.iter().flat_map(|gradient| gradient.iter().copied()).collect::<Vec<_>>(),
                    weights.shape(),
                    weights.device(),
                )
            })
            .transpose()?;
        Ok((input_gradient, weight_gradient))
    }

    /// The weights one by one.
    fn apart(&self, mut weights: &[f32]) -> Vec<CpuBuffer> {
        let next = |len: usize| {
            let (weight, rest) = weights.split_at(len);
            weights = rest;
            weight.to_vec().into()
        };
        self.block.weight_lens().into_iter().map(next).collect()
    }
}

/// The elements behind a contiguous layout.
fn contiguous<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let CpuStorage::F32(values) = storage else {
        candle_core::bail!("{NAME}: expected {:?}, got another type", DType::F32);
    };
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&values[start..end]),
        None => candle_core::bail!("{NAME}: expected a contiguous tensor"),
    }
}

/// All elements of a tensor, in order.
fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => Ok(contiguous(storage, layout)?.to_vec()),
        Storage::Cuda(_) | Storage::Metal(_) => candle_core::bail!("{NAME}: expected a tensor on the CPU"),
    }
}
