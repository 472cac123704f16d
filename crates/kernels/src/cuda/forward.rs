//! The forward pass of a block: one launch, and with batch statistics a second that normalises.

use super::call::{countable, refuse_deferral};
use super::launcher::{Lanes, Launcher, Tile, by_lanes, by_tiles, chunks};
use super::records::{Address, Finish, Geometry, Inputs, Reduction};
use super::{CudaBuffer, Machine};
use crate::{Block, BlockKind, Forward, KernelError, Normalise, Store};

const DENSE: [[&str; 2]; 3] = by_tiles!("dense");
const DEPTHWISE: [[&str; 2]; 3] = by_tiles!("depthwise");

/// Rows of a pool's block are a multiple of this many.
const POOL_ROWS: usize = 64;

/// A block's window on `n` samples.
pub(super) fn geometry(block: &Block, n: usize) -> Result<Geometry, KernelError> {
    let output = block.output_size();
    countable(n * block.output_len())?;
    let plain = Geometry {
        samples: n,
        input: [block.height, block.width],
        channels_in: block.total_in(),
        output,
        channels_out: block.channels_out,
        groups: 1,
        kernel: [1, 1],
        stride: [1, 1],
        padding: [0, 0],
        dilation: 1,
        maximum: false,
    };
    let square = |kernel: usize, stride: usize, padding: usize| Geometry {
        kernel: [kernel; 2],
        stride: [stride; 2],
        padding: [padding; 2],
        ..plain
    };
    Ok(match block.kind {
        BlockKind::DepthwisePointwise { kernel, stride, dilation } => {
            Geometry { dilation, ..square(kernel, stride, dilation * (kernel - 1) / 2) }
        }
        BlockKind::Pointwise | BlockKind::Identity => plain,
        BlockKind::FactorizedReduce => Geometry { groups: 2, ..square(1, 2, 0) },
        BlockKind::Convolution { kernel, stride, padding } => Geometry { kernel, stride, padding, ..plain },
        BlockKind::MaxPool { stride } => Geometry { maximum: true, ..square(3, stride, 1) },
        BlockKind::AveragePool { kernel, stride, padding } => square(kernel, stride, padding),
    })
}

/// `Backend::forward`.
pub(super) fn forward<M: Machine>(
    launcher: &mut Launcher<'_, M>,
    block: &Block,
    n: usize,
    call: Forward<'_, CudaBuffer<M::Memory>>,
) -> Result<(), KernelError> {
    refuse_deferral(call.deferred.iter().any(Option::is_some) || call.addend.is_some())?;
    let geometry = geometry(block, n)?;
    let channels = block.channels_out;
    let elements = n * block.output_len();
    let inputs =
        launcher.inputs(&block.channels_in, geometry.pixels(), block.activation, call.values, call.inputs)?;
    let weights = launcher.weights(block, call.weights, call.parameters)?;
    let mut finish = Finish {
        output: launcher.checked_map(call.output, elements, "output")?,
        affine: weights.affine,
        sample_scale: launcher.sample_scale(call.sample_scale, n)?,
        add: call.store == Store::Add,
        ..Finish::default()
    };
    let mut batch = [Address::default(); 2];
    match call.normalise {
        Normalise::None => {}
        Normalise::Deferred { .. } => return Err(KernelError::Deferred),
        Normalise::Fixed { mean, variance } => {
            finish.statistics = [
                launcher.checked(mean, channels, "running mean")?,
                launcher.checked(variance, channels, "running variance")?,
            ];
        }
        Normalise::Batch { mean, variance, linear } => {
            batch = [
                launcher.checked(mean, channels, "batch mean")?,
                launcher.checked(variance, channels, "batch variance")?,
            ];
            finish.linear = launcher.checked_map(linear, elements, "linear output")?;
        }
    }
    stage(launcher, block, &geometry, &inputs, weights.linear, finish, batch)?;
    if finish.linear == Address::default() {
        return Ok(());
    }
    finish.statistics = batch;
    let lanes = Lanes::of(block);
    let pieces = elements / lanes.count();
    let [elements, channels, per_sample] = [elements, channels, block.output_len()].map(|len| len as i32);
    let kernel = lanes.kernel(by_lanes!("normalise"));
    launcher.launch_over(kernel, pieces, &[&finish, &elements, &channels, &per_sample])
}

/// The linear stage; with `batch`, its mean and variance are written there.
fn stage<M: Machine>(
    launcher: &mut Launcher<'_, M>,
    block: &Block,
    geometry: &Geometry,
    inputs: &Inputs,
    weights: [Address; 2],
    finish: Finish,
    batch: [Address; 2],
) -> Result<(), KernelError> {
    let rows = geometry.rows();
    let [mean, variance] = batch;
    let with_statistics = mean != Address::default();
    let mut room = |blocks: usize, columns: usize| {
        if with_statistics {
            launcher.reduction(blocks, geometry.channels_out, columns)
        } else {
            Ok(Reduction::default())
        }
    };
    let columns = geometry.channels_out / geometry.groups;
    let (tile, lanes) = (Tile::of(columns), Lanes::of(block));
    let tiles = geometry.groups * columns.div_ceil(tile.columns());
    let (kernels, weights) = match block.kind {
        BlockKind::MaxPool { .. } | BlockKind::AveragePool { .. } | BlockKind::Identity => {
            let [rows_per_block, blocks] = chunks(rows, tiles, POOL_ROWS);
            let room = room(blocks, tiles)?;
            let [width, rows_per_block] = [tile.columns(), rows_per_block].map(|len| len as i32);
            return launcher.launch(
                lanes.kernel(by_lanes!("pool")),
                [blocks, tiles, 1],
                &[inputs, geometry, &finish, &room, &mean, &variance, &width, &rows_per_block],
            );
        }
        BlockKind::DepthwisePointwise { .. } => (DEPTHWISE, [weights[0], weights[1], Address::default()]),
        _ => (DENSE, [Address::default(), weights[0], weights[1]]),
    };
    let blocks = rows.div_ceil(tile.rows());
    let room = room(blocks, tiles)?;
    let [depthwise, first, second] = weights;
    launcher.launch(
        tile.kernel(kernels, lanes),
        [blocks, tiles, 1],
        &[inputs, geometry, &depthwise, &first, &second, &finish, &room, &mean, &variance],
    )
}
