//! What a call has at hand: the machine, room between launches, the counter. Chooses grids where all calls choose alike.

use std::sync::atomic::{AtomicU64, Ordering};

use super::records::{Address, Launch, Record, Reduction};
use super::workspace::{Area, Workspace};
use super::{CudaBuffer, Machine, THREADS};
use crate::{Block, BlockKind, KernelError};

/// Blocks that fill a large device once; a constant, so that sums have the same order on every device.
const BLOCKS: usize = 512;

/// Most blocks of a kernel whose threads stride.
const STRIDING_BLOCKS: usize = 4096;

/// Elements from one round of their threads to the next, at most.
pub(super) const MOST_STRIDE: usize = STRIDING_BLOCKS * THREADS as usize * 4;

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

    /// Starts a kernel whose threads stride over this many pieces of work.
    pub(super) fn launch_over(
        &self,
        kernel: &'static str,
        pieces: usize,
        records: &[&dyn Record],
    ) -> Result<(), KernelError> {
        let blocks = pieces.div_ceil(THREADS as usize).min(STRIDING_BLOCKS);
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

    /// The kernel for this tile and so many channels at once.
    pub(super) fn kernel(self, kernels: [[&'static str; 2]; 3], lanes: Lanes) -> &'static str {
        lanes.kernel(kernels[self as usize])
    }
}

/// Channels that a thread moves at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lanes {
    One,
    Four,
}

impl Lanes {
    /// Four where every buffer that the block reads or writes has channels in fours.
    pub(super) fn of(block: &Block) -> Self {
        let halves = if block.kind == BlockKind::FactorizedReduce { 2 } else { 1 };
        let outputs = block.channels_out / halves;
        let fours = block.channels_in.iter().chain([&outputs]).all(|channels| channels % 4 == 0);
        if fours { Self::Four } else { Self::One }
    }

    pub(super) fn count(self) -> usize {
        match self {
            Self::One => 1,
            Self::Four => 4,
        }
    }

    /// The kernel for so many.
    pub(super) fn kernel(self, kernels: [&'static str; 2]) -> &'static str {
        kernels[self as usize]
    }
}

/// The names of a kernel that exists by one channel and by four.
macro_rules! by_lanes {
    ($($name:literal),+) => {
        [concat!($($name,)+ "_by_1"), concat!($($name,)+ "_by_4")]
    };
}
pub(super) use by_lanes;

/// The names of one that also exists for each tile.
macro_rules! by_tiles {
    ($name:literal) => {
        [
            $crate::cuda::launcher::by_lanes!($name, "_16"),
            $crate::cuda::launcher::by_lanes!($name, "_32"),
            $crate::cuda::launcher::by_lanes!($name, "_64"),
        ]
    };
}
pub(super) use by_tiles;

/// How `rows` are cut among the blocks of each of `columns` columns: rows a block (a multiple of `step`), and blocks.
pub(super) fn chunks(rows: usize, columns: usize, step: usize) -> [usize; 2] {
    let wanted = (BLOCKS / columns.max(1)).max(1);
    let rows_per_block = rows.div_ceil(wanted).next_multiple_of(step);
    [rows_per_block, rows.div_ceil(rows_per_block)]
}
