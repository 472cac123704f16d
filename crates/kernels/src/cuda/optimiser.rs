//! Passes over whole buffers. The tensors that a step touches go to the device as one table, so that a step is one launch.

use super::call::{countable, kept_in};
use super::launcher::Launcher;
use super::records::{Address, Mixture, Record};
use super::workspace::Area;
use super::{CudaBuffer, Machine, THREADS};
use crate::{Blend, KernelError, Precision, SgdStep};

/// Elements that a thread updates at most, unless a tensor is very long.
const PER_THREAD: usize = 4;

/// Most blocks a tensor is cut into.
const MOST_BLOCKS: usize = 1024;

/// `Backend::blend`.
pub(super) fn blend<M: Machine>(
    launcher: &mut Launcher<'_, M>,
    blends: &[Blend<'_, CudaBuffer<M::Memory>>],
) -> Result<(), KernelError> {
    if blends.is_empty() {
        return Ok(());
    }
    let mut table = Vec::new();
    for blend in blends {
        kept_in(blend.into, Precision::F32, "blend")?;
        let from = launcher.checked(blend.from, blend.into.len, "blend")?;
        countable(blend.into.len)?;
        let mixture = Mixture {
            into: launcher.address(blend.into),
            from,
            len: blend.into.len,
            keep: blend.keep as f32,
            add: blend.add as f32,
        };
        mixture.pack(&mut table);
    }
    let longest = blends.iter().map(|blend| blend.into.len).max().unwrap_or(0);
    let table = launcher.workspace.filled(launcher.machine, Area::Table, bytemuck::cast_slice(&table))?;
    launcher.launch("blend", [longest.div_ceil(THREADS as usize), blends.len(), 1], &[&table])
}

/// `Backend::squared_norm`.
pub(super) fn squared_norm<M: Machine>(
    launcher: &mut Launcher<'_, M>,
    gradients: &[CudaBuffer<M::Memory>],
    touched: &[usize],
) -> Result<f64, KernelError> {
    if touched.is_empty() {
        return Ok(0.0);
    }
    let mut table = Vec::with_capacity(4 * touched.len());
    for &index in touched {
        let len = gradients[index].len;
        let Address(gradient) = launcher.checked(&gradients[index], len, "gradient")?;
        table.extend([0, 0, gradient, len as u64]);
    }
    let table = launcher.workspace.filled(launcher.machine, Area::Table, bytemuck::cast_slice(&table))?;
    let partials = launcher.area(Area::Outcomes, 8 * touched.len())?;
    let tickets = launcher.area(Area::Tickets, 4)?;
    let total = launcher.area(Area::Total, 16)?;
    launcher.launch("squared_norm", [touched.len(), 1, 1], &[&table, &partials, &tickets, &total])?;
    let mut sum = [0.0f64];
    launcher.workspace.read(launcher.machine, Area::Total, bytemuck::cast_slice_mut(&mut sum))?;
    Ok(sum[0])
}

/// `Backend::sgd` on weights, velocities and gradients.
pub(super) fn sgd<M: Machine>(
    launcher: &mut Launcher<'_, M>,
    step: SgdStep,
    [weights, velocities, gradients]: [&[CudaBuffer<M::Memory>]; 3],
    touched: &[usize],
) -> Result<(), KernelError> {
    let mut table = Vec::with_capacity(4 * touched.len());
    let mut longest = 0;
    for &index in touched {
        let len = weights[index].len;
        let Address(velocity) = launcher.checked(&velocities[index], len, "velocity")?;
        let Address(gradient) = launcher.checked(&gradients[index], len, "gradient")?;
        let Address(weight) = launcher.checked(&weights[index], len, "weight")?;
        table.extend([weight, velocity, gradient, len as u64]);
        longest = longest.max(len);
    }
    let table = launcher.workspace.filled(launcher.machine, Area::Table, bytemuck::cast_slice(&table))?;
    let blocks = longest.div_ceil(THREADS as usize * PER_THREAD).min(MOST_BLOCKS);
    let [learning_rate, momentum, weight_decay, scale] =
        [step.learning_rate, step.momentum, step.weight_decay, step.scale].map(|value| value as f32);
    launcher.launch(
        "sgd",
        [blocks, touched.len(), 1],
        &[&table, &learning_rate, &momentum, &weight_decay, &scale],
    )
}
