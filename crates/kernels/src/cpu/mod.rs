//! The fast backend: images pass one by one through scratch that fits a core's cache, in channel-blocked layout (pools and the
//! identity row by row, as they are); batches are cut into fixed chunks whose sums are merged in order, so results do not
//! depend on the number of threads. They do depend, in the last bits, on the instruction set.

#![allow(
    clippy::inline_always,
    reason = "kernel bodies must be compiled within each instruction set's function"
)]

mod backward;
mod batch_norm;
mod buffer;
mod call;
mod classifier;
mod depthwise;
mod elementwise;
mod ending;
mod entry;
mod finish;
mod forward;
mod halves;
mod image;
mod layout;
mod pairs;
mod patches;
mod planes;
mod pool;
mod product;
mod rowwise;
mod scratch;
mod simd;
mod squares;
mod stage;
mod statistics;
mod sums;
mod vector;
mod weights;

use rayon::prelude::*;

use crate::{
    Backend, Backward, Blend, Block, Classify, ClassifyBackward, Forward, Head, KernelError, Outcome, SgdStep,
};
use call::{slice, slice_mut};
use scratch::Workspaces;
use simd::Simd;

pub use buffer::CpuBuffer;
pub use simd::SimdLevel;

/// The fast single-precision backend, on the threads of the current rayon pool.
#[derive(Debug)]
pub struct Cpu {
    level: SimdLevel,
    workspaces: Workspaces,
}

impl Cpu {
    /// With the best instruction set of this machine.
    pub fn new() -> Self {
        let level = SimdLevel::ALL.into_iter().find(|level| level.is_available());
        Self { level: level.unwrap_or(SimdLevel::Portable), workspaces: Workspaces::default() }
    }

    /// With a given instruction set; `None` where the machine lacks it.
    pub fn with_level(level: SimdLevel) -> Option<Self> {
        level.is_available().then(|| Self { level, workspaces: Workspaces::default() })
    }

    /// The instruction set in use.
    pub fn level(&self) -> SimdLevel {
        self.level
    }
}

impl Default for Cpu {
    fn default() -> Self {
        Self::new()
    }
}

/// Samples of a forward pass with fixed statistics: a few, so that what one block writes is in the second-level cache when
/// the next one reads it.
const FORWARD_SAMPLES: usize = 4;

impl Backend for Cpu {
    type Buffer = CpuBuffer;

    fn each<T: Send>(&self, items: &mut [T], run: impl Fn(&mut T) + Send + Sync) {
        items.par_iter_mut().for_each(run);
    }

    fn at_a_time(&self) -> usize {
        rayon::current_num_threads()
    }

    fn preferred_samples(&self) -> Option<usize> {
        Some(FORWARD_SAMPLES)
    }

    fn together<R: Send>(&self, calls: impl FnOnce() -> R + Send) -> R {
        // A call from outside the pool wakes a thread of it and waits, tens of microseconds each time.
        rayon::scope(|_| calls())
    }

    fn defers(&self) -> bool {
        true
    }

    fn zeros(&self, len: usize) -> Result<CpuBuffer, KernelError> {
        Ok(CpuBuffer::zeros(len))
    }

    fn len(&self, buffer: &CpuBuffer) -> usize {
        buffer.len()
    }

    fn upload(&self, from: &[f32], to: &mut CpuBuffer) -> Result<(), KernelError> {
        slice_mut(to, from.len(), "upload")?.copy_from_slice(from);
        Ok(())
    }

    fn download(&self, from: &CpuBuffer, to: &mut [f32]) -> Result<(), KernelError> {
        to.copy_from_slice(slice(from, to.len(), "download")?);
        Ok(())
    }

    fn forward(&self, block: &Block, n: usize, call: Forward<'_, CpuBuffer>) -> Result<(), KernelError> {
        self.workspaces.with(|workspace| forward::forward(self.level, workspace, block, n, call))
    }

    fn backward(&self, block: &Block, n: usize, call: Backward<'_, CpuBuffer>) -> Result<(), KernelError> {
        self.workspaces.with(|workspace| backward::backward(self.level, workspace, block, n, call))
    }

    fn classify(&self, head: &Head, n: usize, call: Classify<'_, CpuBuffer>) -> Result<Outcome, KernelError> {
        classifier::classify(head, n, call)
    }

    fn classify_backward(
        &self,
        head: &Head,
        n: usize,
        call: ClassifyBackward<'_, CpuBuffer>,
    ) -> Result<(), KernelError> {
        self.workspaces.with(|workspace| classifier::classify_backward(workspace, head, n, call))
    }

    fn clear(&self, buffer: &mut CpuBuffer, len: usize) -> Result<(), KernelError> {
        slice_mut(buffer, len, "clear")?.fill(0.0);
        Ok(())
    }

    fn blend(&self, blends: Vec<Blend<'_, CpuBuffer>>) -> Result<(), KernelError> {
        for Blend { into, keep, from, add } in blends {
            let from = slice(from, into.len(), "blend")?;
            elementwise::blend(Simd::new(self.level, &[]), into, keep as f32, from, add as f32);
        }
        Ok(())
    }

    fn squared_norm(&self, gradients: &[CpuBuffer], touched: &[usize]) -> Result<f64, KernelError> {
        Ok(touched.iter().map(|&index| elementwise::squared_norm(&gradients[index])).sum())
    }

    fn sgd(
        &self,
        step: SgdStep,
        weights: &mut [CpuBuffer],
        velocities: &mut [CpuBuffer],
        gradients: &[CpuBuffer],
        touched: &[usize],
    ) -> Result<(), KernelError> {
        let simd = Simd::new(self.level, &[]);
        for &index in touched {
            let len = weights[index].len();
            let velocity = slice_mut(&mut velocities[index], len, "velocity")?;
            let gradient = slice(&gradients[index], len, "gradient")?;
            elementwise::sgd(simd, step, &mut weights[index], velocity, gradient);
        }
        Ok(())
    }
}
