//! Memory that calls use between their launches, made once and grown when a call needs more.

use super::Machine;
use super::records::Address;
use crate::KernelError;

/// What an area is for. Areas of one call are distinct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Area {
    /// Partial results of a reduction over rows.
    Partials,
    /// Counters of arrived blocks; zero between calls.
    Tickets,
    /// Three numbers a channel of a batch-norm's gradient.
    Coefficients,
    /// Gradient by a depthwise convolution's output.
    Middle,
    /// Taps that won the windows of a max pool.
    Winners,
    /// Partial sums of dense weights.
    DenseWeights,
    /// Partial sums of depthwise weights.
    DepthwiseWeights,
    /// Labels of a batch.
    Labels,
    /// Losses and successes of a batch's samples.
    Outcomes,
    /// Gradient by the logits.
    Logits,
    /// The tensors that a pass over many touches.
    Table,
    /// How the images of a batch are made.
    Draws,
    /// What a call brings back to the host.
    Total,
}

/// Number of areas.
const AREAS: usize = Area::Total as usize + 1;

/// All areas of a backend.
pub(super) struct Workspace<M: Machine> {
    areas: Vec<(M::Memory, usize)>,
    growths: u64,
}

impl<M: Machine> Default for Workspace<M> {
    fn default() -> Self {
        Self { areas: (0..AREAS).map(|_| Default::default()).collect(), growths: 0 }
    }
}

impl<M: Machine> Workspace<M> {
    /// An area of at least this size; zeroed only when it is made.
    pub(super) fn area(&mut self, machine: &M, area: Area, bytes: usize) -> Result<Address, KernelError> {
        let (memory, size) = &mut self.areas[area as usize];
        if *size < bytes {
            // What was there goes first: both together might not fit.
            *memory = M::Memory::default();
            *size = 0;
            *memory = machine.allocate(bytes)?;
            *size = bytes;
            self.growths += 1;
        }
        Ok(Address(machine.address(memory)))
    }

    /// How often an area has moved.
    pub(super) fn growths(&self) -> u64 {
        self.growths
    }

    /// An area with this content.
    pub(super) fn filled(&mut self, machine: &M, area: Area, content: &[u8]) -> Result<Address, KernelError> {
        let address = self.area(machine, area, content.len())?;
        machine.write(content, &mut self.areas[area as usize].0)?;
        Ok(address)
    }

    /// Copies the start of an area to the host.
    pub(super) fn read(&self, machine: &M, area: Area, to: &mut [u8]) -> Result<(), KernelError> {
        machine.read(&self.areas[area as usize].0, to)
    }
}
