//! The image set in the device's memory. A batch is one copy of a few numbers an image, and one launch.

use super::call::countable;
use super::records::{Address, Shape};
use super::workspace::Area;
use super::{Cuda, CudaBuffer, Machine};
use crate::gallery::check_draws;
use crate::{Draw, Gallery, Images, KernelError};

/// Bytes and table on the device.
pub(super) struct Resident<M: Machine> {
    bytes: M::Memory,
    table: M::Memory,
    images: usize,
    shape: Shape,
}

impl<M: Machine> Resident<M> {
    /// Copies a set to the machine.
    pub(super) fn new(machine: &M, set: &Images<'_>) -> Result<Self, KernelError> {
        set.check()?;
        let keep = |content: &[u8]| -> Result<M::Memory, KernelError> {
            let mut memory = machine.allocate(content.len())?;
            machine.write(content, &mut memory)?;
            Ok(memory)
        };
        Ok(Self {
            bytes: keep(set.pixels)?,
            table: keep(bytemuck::cast_slice(set.table))?,
            images: set.pixels.len() / set.image_len().max(1),
            shape: Shape { height: set.height, width: set.width, channels: set.channels },
        })
    }
}

impl<M: Machine> Gallery<Cuda<M>> for Resident<M> {
    fn images(&self) -> usize {
        self.images
    }

    fn image_len(&self) -> usize {
        self.shape.height * self.shape.width * self.shape.channels
    }

    fn batch(
        &self,
        backend: &Cuda<M>,
        draws: &[Draw],
        output: &mut CudaBuffer<M::Memory>,
    ) -> Result<(), KernelError> {
        check_draws(draws, self.images)?;
        let elements = draws.len() * self.image_len();
        countable(elements)?;
        let rows: Vec<[i32; 8]> = draws.iter().map(row).collect();
        backend.with(|launcher| {
            let rows =
                launcher.workspace.filled(launcher.machine, Area::Draws, bytemuck::cast_slice(&rows))?;
            let [bytes, table] =
                [&self.bytes, &self.table].map(|memory| Address(launcher.machine.address(memory)));
            let (to, count) = (launcher.checked_map(output, elements, "batch")?, elements as i32);
            launcher.launch_over("assemble", elements, &[&bytes, &table, &rows, &self.shape, &to, &count])
        })
    }
}

/// A draw as the kernel reads it.
fn row(draw: &Draw) -> [i32; 8] {
    let [top, bottom, left, right] = draw.hole.map(|edge| edge as i32);
    [draw.image as i32, draw.down, draw.right, i32::from(draw.mirrored), top, bottom, left, right]
}
