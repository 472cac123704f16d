//! The seam between what is launched and where: a device behind the driver, or a test's emulation on the host. Everything
//! on this side of it is the same for both.

use std::sync::Arc;

use super::records::Launch;
use crate::{KernelError, Precision};

/// Where kernels run and their buffers lie. Calls take effect in the order in which they are made.
pub trait Machine: Send + Sync + 'static {
    /// Memory of the machine, freed when dropped; the default is empty.
    type Memory: Default + Send + Sync;

    /// Launches and clearings that can be made again.
    type Recording: Send;

    /// How its kernels keep feature maps.
    fn precision(&self) -> Precision;

    /// From now on launches and clearings are recorded instead of made; nothing else may be asked for meanwhile.
    fn begin_recording(&self) -> Result<(), KernelError>;

    /// What was recorded; from now on calls are made again, even if this fails.
    fn end_recording(&self) -> Result<Self::Recording, KernelError>;

    /// Makes all that was recorded, in its order.
    fn replay(&self, recording: &Self::Recording) -> Result<(), KernelError>;

    /// Memory of this size, zeroed.
    fn allocate(&self, bytes: usize) -> Result<Self::Memory, KernelError>;

    /// Address of the memory's first byte; 0 for empty memory.
    fn address(&self, memory: &Self::Memory) -> u64;

    /// Copies to the start of the memory, which is at least as long.
    fn write(&self, from: &[u8], to: &mut Self::Memory) -> Result<(), KernelError>;

    /// Copies from the start of the memory, which is at least as long, after all launches so far.
    fn read(&self, from: &Self::Memory, to: &mut [u8]) -> Result<(), KernelError>;

    /// Zeroes the first bytes of the memory, which is at least as long.
    fn clear(&self, memory: &mut Self::Memory, bytes: usize) -> Result<(), KernelError>;

    /// Starts a kernel on a grid of blocks of [`super::THREADS`] threads.
    fn launch(&self, launch: Launch) -> Result<(), KernelError>;
}

/// A machine that several backends share.
impl<M: Machine> Machine for Arc<M> {
    type Memory = M::Memory;
    type Recording = M::Recording;

    fn precision(&self) -> Precision {
        M::precision(self)
    }

    fn begin_recording(&self) -> Result<(), KernelError> {
        M::begin_recording(self)
    }

    fn end_recording(&self) -> Result<Self::Recording, KernelError> {
        M::end_recording(self)
    }

    fn replay(&self, recording: &Self::Recording) -> Result<(), KernelError> {
        M::replay(self, recording)
    }

    fn allocate(&self, bytes: usize) -> Result<Self::Memory, KernelError> {
        M::allocate(self, bytes)
    }

    fn address(&self, memory: &Self::Memory) -> u64 {
        M::address(self, memory)
    }

    fn write(&self, from: &[u8], to: &mut Self::Memory) -> Result<(), KernelError> {
        M::write(self, from, to)
    }

    fn read(&self, from: &Self::Memory, to: &mut [u8]) -> Result<(), KernelError> {
        M::read(self, from, to)
    }

    fn clear(&self, memory: &mut Self::Memory, bytes: usize) -> Result<(), KernelError> {
        M::clear(self, memory, bytes)
    }

    fn launch(&self, launch: Launch) -> Result<(), KernelError> {
        M::launch(self, launch)
    }
}
