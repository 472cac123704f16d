//! The backward pass of a block: sums of the batch-norm's gradient, then the linear stage's gradients by inputs and weights,
//! then the partial sums of the weights.

use super::call::{Weights, listed, refuse_deferral};
use super::forward::geometry;
use super::launcher::{Lanes, Launcher, Tile, by_lanes, by_tiles, chunks};
use super::records::{Address, Affine, Geometry, InputGradients, Inputs, OutputGradient, Partials};
use super::workspace::Area;
use super::{CudaBuffer, Machine};
use crate::{Backward, Block, BlockKind, KernelError, Norm, Precision, Saved, Store};

const INPUT: [[&str; 2]; 3] = by_tiles!("input_gradient");
const DENSE: [[&str; 2]; 3] = by_tiles!("dense_gradient");
const POINTWISE: [[&str; 2]; 3] = by_tiles!("pointwise_gradient");

/// Depth of a product's slice, taps of a depthwise gradient's block; rows of a block are a multiple of so many.
const SLICE: usize = 16;
const TAPS: usize = 9;
const ROWS: usize = 64;

/// Rows that a dense weight gradient adds up at once.
const fn batch(precision: Precision) -> usize {
    match precision {
        Precision::F32 => 64,
        Precision::Bf16 => 128,
    }
}

/// Weights that a block adds up.
const WEIGHTS: usize = 16;

/// One backward call, checked.
struct Pass<'a> {
    block: &'a Block,
    lanes: Lanes,
    geometry: Geometry,
    inputs: Inputs,
    weights: Weights,
    /// One per weight of the block.
    gradients: Vec<(Address, bool)>,
    /// Empty if nobody needs them.
    input_gradients: InputGradients,
    output: OutputGradient,
}

/// `Backend::backward`.
pub(super) fn backward<M: Machine>(
    launcher: &mut Launcher<'_, M>,
    block: &Block,
    n: usize,
    call: &Backward<'_, CudaBuffer<M::Memory>>,
) -> Result<(), KernelError> {
    refuse_deferral(call.deferred.iter().any(Option::is_some) || !call.sums.is_empty())?;
    let geometry = geometry(block, n)?;
    let [elements, channels] = [n * block.output_len(), block.channels_out];
    let mut output = OutputGradient {
        gradient: launcher.checked_map(call.output_gradient, elements, "output gradient")?,
        linear: Address::default(),
        mean: Address::default(),
        coefficients: Address::default(),
        sample_scale: launcher.sample_scale(call.sample_scale, n)?,
        channels,
        pixels: block.output_len() / channels,
    };
    let mut variance = Address::default();
    if let Some(Saved { mean, variance: batch_variance, linear, sums }) = &call.saved {
        refuse_deferral(sums.is_some())?;
        output.mean = launcher.checked(mean, channels, "batch mean")?;
        variance = launcher.checked(batch_variance, channels, "batch variance")?;
        output.linear = launcher.checked_map(linear, elements, "linear output")?;
    }
    let stores = call.weight_gradients.stores;
    listed(stores.len(), call.parameters.len(), "stores of the weight gradients")?;
    let weights = launcher.weights(block, call.weights, call.parameters)?;
    let gradients =
        call.parameters.iter().zip(block.weight_lens()).zip(stores).map(|((&index, len), &store)| {
            let buffer = &call.weight_gradients.buffers[index];
            Ok((launcher.checked(buffer, len, "weight gradient")?, store == Store::Add))
        });
    let mut pass = Pass {
        block,
        lanes: Lanes::of(block),
        geometry,
        inputs: launcher.inputs(
            &block.channels_in,
            geometry.pixels(),
            block.activation,
            call.values,
            call.inputs,
        )?,
        weights,
        gradients: gradients.collect::<Result<_, KernelError>>()?,
        input_gradients: match &call.input_gradients {
            None => InputGradients::default(),
            Some(to) => launcher.input_gradients(&block.channels_in, geometry.pixels(), call.inputs, to)?,
        },
        output,
    };
    if call.saved.is_some() {
        pass.batch_norm(launcher, variance)?;
    }
    match block.kind {
        BlockKind::MaxPool { .. } | BlockKind::AveragePool { .. } | BlockKind::Identity => {
            pass.pool(launcher)
        }
        BlockKind::DepthwisePointwise { .. } => pass.depthwise(launcher),
        _ => pass.dense(launcher),
    }
}

impl Pass<'_> {
    /// Coefficients that lead from the output's gradient to the linear output's, and the gradients by scale and shift.
    fn batch_norm<M: Machine>(
        &mut self,
        launcher: &mut Launcher<'_, M>,
        variance: Address,
    ) -> Result<(), KernelError> {
        let (rows, channels) = (self.geometry.rows(), self.geometry.channels_out);
        let tile = Tile::of(channels);
        let tiles = channels.div_ceil(tile.columns());
        let [rows_per_block, blocks] = chunks(rows, tiles, ROWS);
        let mut affine = Affine::default();
        if self.block.norm == Norm::Affine {
            let own = [self.gradients.len() - 2, self.gradients.len() - 1].map(|at| self.gradients[at]);
            let scale = self.weights.affine[0];
            affine = Affine { scale, gradients: own.map(|(to, _)| to), add: own.map(|(_, add)| add) };
        }
        self.output.coefficients = launcher.area(Area::Coefficients, 4 * 3 * channels)?;
        let room = launcher.reduction(blocks, channels, tiles)?;
        let [rows, width, rows_per_block] = [rows, tile.columns(), rows_per_block].map(|len| len as i32);
        let coefficients = self.output.coefficients;
        launcher.launch(
            self.lanes.kernel(by_lanes!("batch_norm_gradient")),
            [blocks, tiles, 1],
            &[&self.output, &variance, &coefficients, &affine, &room, &rows, &width, &rows_per_block],
        )
    }

    fn pool<M: Machine>(&self, launcher: &mut Launcher<'_, M>) -> Result<(), KernelError> {
        if self.input_gradients.data.is_empty() {
            return Ok(());
        }
        let Self { inputs, geometry, output, input_gradients, lanes, .. } = self;
        let mut winners = Address::default();
        if geometry.maximum {
            let elements = geometry.rows() * geometry.channels_out;
            winners = launcher.area(Area::Winners, elements)?;
            let kernel = lanes.kernel(by_lanes!("winners"));
            launcher.launch_over(kernel, elements / lanes.count(), &[inputs, geometry, &winners])?;
        }
        let pieces = geometry.pixels() * geometry.channels_in / lanes.count();
        let kernel = lanes.kernel(by_lanes!("pool_gradient"));
        launcher.launch_over(kernel, pieces, &[inputs, geometry, output, input_gradients, &winners])
    }

    fn dense<M: Machine>(&self, launcher: &mut Launcher<'_, M>) -> Result<(), KernelError> {
        if !self.input_gradients.data.is_empty() {
            let [first, second] = self.weights.linear;
            self.input(launcher, &self.inputs, &self.geometry, [first, second], &self.input_gradients)?;
        }
        let groups = self.geometry.groups;
        let len = self.geometry.taps() * self.geometry.channels_in * self.geometry.channels_out / groups;
        let (data, count) = self.dense_weights(launcher, DENSE, Address::default())?;
        let partials = |group: usize| {
            let (gradient, add) = self.gradients[group];
            Partials { data: data.plus(group * len), gradient, count, len, stride: groups * len, add }
        };
        sum(launcher, partials(0), if groups == 2 { Some(partials(1)) } else { None })
    }

    fn depthwise<M: Machine>(&self, launcher: &mut Launcher<'_, M>) -> Result<(), KernelError> {
        let geometry = &self.geometry;
        let (rows, channels, taps) = (geometry.rows(), geometry.channels_in, geometry.taps());
        let [depthwise, pointwise] = self.weights.linear;
        let middle = launcher.area(Area::Middle, launcher.machine.precision().bytes() * rows * channels)?;
        let middle_inputs = Inputs { data: vec![middle], channels: vec![channels as i32], relu: false };
        let middle_gradients = InputGradients { data: vec![middle], add: vec![0] };
        let pixel = Geometry {
            input: geometry.output,
            kernel: [1, 1],
            stride: [1, 1],
            padding: [0, 0],
            dilation: 1,
            ..*geometry
        };
        self.input(launcher, &middle_inputs, &pixel, [pointwise, Address::default()], &middle_gradients)?;
        let (dense, dense_count) = self.dense_weights(launcher, POINTWISE, depthwise)?;

        let tile = Tile::of(channels);
        let tiles = channels.div_ceil(tile.columns());
        let [rows_per_block, blocks] = chunks(rows, tiles, ROWS);
        let pixels_per_block = geometry.pixels().div_ceil(blocks);
        let partials = launcher.area(Area::DepthwiseWeights, 4 * blocks * taps * channels)?;
        let [width, pixels_per_block, rows_per_block] =
            [tile.columns(), pixels_per_block, rows_per_block].map(|len| len as i32);
        launcher.launch(
            self.lanes.kernel(by_lanes!("depthwise_gradient")),
            [blocks, tiles, 1 + taps.div_ceil(TAPS)],
            &[
                &self.inputs,
                geometry,
                &depthwise,
                &middle,
                &self.input_gradients,
                &partials,
                &width,
                &pixels_per_block,
                &rows_per_block,
            ],
        )?;
        let of = |data, count, len, at: usize| {
            let (gradient, add) = self.gradients[at];
            Partials { data, gradient, count, len, stride: len, add }
        };
        let dense = of(dense, dense_count, channels * geometry.channels_out, 1);
        sum(launcher, of(partials, blocks, taps * channels, 0), Some(dense))
    }

    /// Gradient by the input of a dense stage.
    fn input<M: Machine>(
        &self,
        launcher: &Launcher<'_, M>,
        inputs: &Inputs,
        geometry: &Geometry,
        [first, second]: [Address; 2],
        to: &InputGradients,
    ) -> Result<(), KernelError> {
        let tile = Tile::of(geometry.channels_in);
        launcher.launch(
            tile.kernel(INPUT, self.lanes),
            [geometry.pixels().div_ceil(tile.rows()), geometry.channels_in.div_ceil(tile.columns()), 1],
            &[inputs, geometry, &first, &second, &self.output, to],
        )
    }

    /// Partial gradients by the dense weights, and how many there are.
    fn dense_weights<M: Machine>(
        &self,
        launcher: &mut Launcher<'_, M>,
        kernels: [[&'static str; 2]; 3],
        depthwise: Address,
    ) -> Result<(Address, usize), KernelError> {
        let geometry = &self.geometry;
        let columns = geometry.channels_out / geometry.groups;
        let tile = Tile::of(columns);
        let taps = if depthwise == Address::default() { geometry.taps() } else { 1 };
        let depth = taps * geometry.channels_in;
        let slices = depth.div_ceil(SLICE);
        let tiles = geometry.groups * columns.div_ceil(tile.columns());
        let step = batch(launcher.machine.precision());
        let [rows_per_block, blocks] = chunks(geometry.rows(), slices * tiles, step);
        let partials = launcher.area(Area::DenseWeights, 4 * blocks * depth * geometry.channels_out)?;
        let rows_per_block = rows_per_block as i32;
        launcher.launch(
            tile.kernel(kernels, self.lanes),
            [blocks, slices, tiles],
            &[&self.inputs, geometry, &depthwise, &self.output, &partials, &rows_per_block],
        )?;
        Ok((partials, blocks))
    }
}

/// Adds up the partial gradients of one or two weights.
fn sum<M: Machine>(
    launcher: &Launcher<'_, M>,
    first: Partials,
    second: Option<Partials>,
) -> Result<(), KernelError> {
    let weights = if second.is_some() { 2 } else { 1 };
    let second = second.unwrap_or_default();
    let blocks = first.len.max(second.len).div_ceil(WEIGHTS);
    launcher.launch("sum_partials", [blocks, weights, 1], &[&first, &second])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cuda::SOURCE;

    #[test]
    fn constants_are_those_of_the_kernels() {
        let [single, rounded] = [Precision::F32, Precision::Bf16].map(batch);
        for (text, times) in [
            (format!("constexpr int SLICE = {SLICE};"), 1),
            (format!("constexpr int TAPS = {TAPS};"), 1),
            (format!("WEIGHT_HEIGHT = 4, BATCH = {single};"), 1),
            (format!("WEIGHT_HEIGHT = 2, BATCH = {rounded};"), 1),
            (", BATCH = ".to_owned(), 2),
        ] {
            assert_eq!(SOURCE.matches(&text).count(), times, "{text}");
        }
    }
}
