//! What a call has at hand: the machine, room between launches, the counter. Chooses grids where all calls choose alike.

use std::sync::atomic::{AtomicU64, Ordering};

use super::records::{Address, Launch, Record, Reduction};
use super::workspace::{Area, Workspace};
use super::{CudaBuffer, Machine, THREADS};
use crate::KernelError;

/// Blocks that fill a large device once; a constant, so that sums have the same order on every device.
const BLOCKS: usize = 512;

/// Most blocks of a kernel that strides over elements.
const STRIDING_BLOCKS: usize = 4096;

/// The means of one call.
pub(super) struct Launcher<'a, M: Machine> {
    pub(super) machine: &'a M,
    pub(super) workspace: &'a mut Workspace<M>,
    pub(super) launches: &'a AtomicU64,
}

impl<M: Machine> Launcher<'_, M> {
    /// Starts a kernel; an empty grid is none.
    pub(super) fn launch(
        &self,
        kernel: &'static str,
        grid: [usize; 3],
        records: &[&dyn Record],
    ) -> Result<(), KernelError> {
        if grid.contains(&0) {
            return Ok(());
        }
        self.launches.fetch_add(1, Ordering::Relaxed);
        self.machine.launch(Launch::new(kernel, grid.map(|blocks| blocks as u32), records))
    }

    /// Starts a kernel that strides over this many elements.
    pub(super) fn launch_over(
        &self,
        kernel: &'static str,
        elements: usize,
        records: &[&dyn Record],
    ) -> Result<(), KernelError> {
        let blocks = elements.div_ceil(THREADS as usize).min(STRIDING_BLOCKS);
        self.launch(kernel, [blocks, 1, 1], records)
    }

    pub(super) fn address(&self, buffer: &CudaBuffer<M::Memory>) -> Address {
        Address(self.machine.address(&buffer.memory))
    }

    /// An area of the workspace.
    pub(super) fn area(&mut self, area: Area, bytes: usize) -> Result<Address, KernelError> {
        self.workspace.area(self.machine, area, bytes)
    }

    /// Room for two numbers a block and channel, and for the counters of `columns` columns of blocks.
    pub(super) fn reduction(
        &mut self,
        blocks: usize,
        channels: usize,
        columns: usize,
    ) -> Result<Reduction, KernelError> {
        Ok(Reduction {
            partials: self.area(Area::Partials, 8 * blocks * channels)?,
            tickets: self.area(Area::Tickets, 4 * columns)?,
        })
    }
}

/// Columns of the tile that suits this many channels; kernels exist for these three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tile {
    Narrow,
    Medium,
    Wide,
}

impl Tile {
    pub(super) fn of(channels: usize) -> Self {
        match channels {
            0..=16 => Self::Narrow,
            17..=32 => Self::Medium,
            _ => Self::Wide,
        }
    }

    pub(super) fn columns(self) -> usize {
        match self {
            Self::Narrow => 16,
            Self::Medium => 32,
            Self::Wide => 64,
        }
    }

    /// Rows of a product's tile: sixteen results a thread.
    pub(super) fn rows(self) -> usize {
        16 * THREADS as usize / self.columns()
    }

    /// The kernel for this tile.
    pub(super) fn kernel(self, [narrow, medium, wide]: [&'static str; 3]) -> &'static str {
        match self {
            Self::Narrow => narrow,
            Self::Medium => medium,
            Self::Wide => wide,
        }
    }
}

/// How `rows` are cut among the blocks of each of `columns` columns: rows a block (a multiple of `step`), and blocks.
pub(super) fn chunks(rows: usize, columns: usize, step: usize) -> [usize; 2] {
    let wanted = (BLOCKS / columns.max(1)).max(1);
    let rows_per_block = rows.div_ceil(wanted).next_multiple_of(step);
    [rows_per_block, rows.div_ceil(rows_per_block)]
}
