//! The CUDA backend. `forward`, `backward`, `classifier` and `optimiser` decide what is launched; a [`Machine`] launches it: a
//! device behind the driver, or a test's emulation on the host. The kernels are the `.cu` files beside this one.

mod backward;
mod cache;
mod call;
mod classifier;
mod driver;
mod error;
mod forward;
mod gallery;
mod launcher;
mod machine;
mod nvrtc;
mod optimiser;
mod records;
mod repeat;
mod source;
mod workspace;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use half::bf16;
use half::slice::HalfFloatSliceExt as _;

use crate::{
    Backend, Backward, Blend, Block, Classify, ClassifyBackward, Forward, Gallery, Head, Images, KernelError,
    Outcome, Precision, SgdStep,
};
use call::long_enough;
use launcher::Launcher;
use repeat::Last;
use source::MAX_INPUTS;
use workspace::Workspace;

pub use driver::{CudaOptions, DeviceGraph, DeviceMemory, Driver, image};
pub use error::CudaError;
pub use machine::Machine;
pub use records::Launch;
pub use source::{SOURCE, THREADS};

/// The backend for NVIDIA devices, on one stream, in its machine's precision. Results do not depend on the device's timing: the same
/// calls give the same bits on the same kind of device.
pub struct Cuda<M: Machine = Driver> {
    machine: M,
    workspace: Mutex<Workspace<M>>,
    launches: AtomicU64,
    last: Mutex<Last<M>>,
}

/// A buffer on the device.
#[derive(Debug, Default)]
pub struct CudaBuffer<Memory> {
    memory: Memory,
    len: usize,
    precision: Precision,
}

impl<M: Machine> Cuda<M> {
    /// On this machine.
    pub fn on(machine: M) -> Self {
        Self {
            machine,
            workspace: Mutex::default(),
            launches: AtomicU64::new(0),
            last: Mutex::new(Last::Nothing),
        }
    }

    /// The machine.
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// The machine, without the backend.
    pub fn into_machine(self) -> M {
        self.machine
    }

    /// Kernels launched so far; launches that are replayed together count as one.
    pub fn launches(&self) -> u64 {
        self.launches.load(Ordering::Relaxed)
    }

    fn buffer(&self, len: usize, precision: Precision) -> Result<CudaBuffer<M::Memory>, KernelError> {
        Ok(CudaBuffer { memory: self.machine.allocate(precision.bytes() * len)?, len, precision })
    }

    /// Lets a call launch, one call at a time.
    fn with<R>(&self, run: impl FnOnce(&mut Launcher<'_, M>) -> R) -> R {
        // A panic cannot leave the areas in a state that matters: every call writes what it reads.
        let mut workspace = self.workspace.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        run(&mut Launcher { machine: &self.machine, workspace: &mut workspace, launches: &self.launches })
    }
}

impl<M: Machine> Backend for Cuda<M> {
    type Buffer = CudaBuffer<M::Memory>;

    fn repeated(
        &self,
        round: u64,
        mut calls: impl FnMut() -> Result<(), KernelError>,
    ) -> Result<(), KernelError> {
        self.repeat(round, &mut calls)
    }

    fn precision(&self) -> Precision {
        self.machine.precision()
    }

    fn zeros(&self, len: usize) -> Result<Self::Buffer, KernelError> {
        self.buffer(len, Precision::F32)
    }

    fn feature_map(&self, len: usize) -> Result<Self::Buffer, KernelError> {
        self.buffer(len, self.precision())
    }

    fn len(&self, buffer: &Self::Buffer) -> usize {
        buffer.len
    }

    fn upload(&self, from: &[f32], to: &mut Self::Buffer) -> Result<(), KernelError> {
        long_enough(to, from.len(), "upload")?;
        match to.precision {
            Precision::F32 => self.machine.write(bytemuck::cast_slice(from), &mut to.memory),
            Precision::Bf16 => {
                let mut rounded = vec![bf16::ZERO; from.len()];
                rounded.convert_from_f32_slice(from);
                self.machine.write(bytemuck::cast_slice(&rounded), &mut to.memory)
            }
        }
    }

    fn download(&self, from: &Self::Buffer, to: &mut [f32]) -> Result<(), KernelError> {
        long_enough(from, to.len(), "download")?;
        match from.precision {
            Precision::F32 => self.machine.read(&from.memory, bytemuck::cast_slice_mut(to)),
            Precision::Bf16 => {
                let mut rounded = vec![bf16::ZERO; to.len()];
                self.machine.read(&from.memory, bytemuck::cast_slice_mut(&mut rounded))?;
                rounded.convert_to_f32_slice(to);
                Ok(())
            }
        }
    }

    fn gallery(&self, images: &Images<'_>) -> Result<Option<Box<dyn Gallery<Self>>>, KernelError> {
        match gallery::Resident::new(&self.machine, images) {
            Ok(gallery) => Ok(Some(Box::new(gallery))),
            // A set that does not fit stays with the host.
            Err(KernelError::Cuda(CudaError::OutOfMemory { .. })) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn forward(&self, block: &Block, n: usize, call: Forward<'_, Self::Buffer>) -> Result<(), KernelError> {
        self.with(|launcher| forward::forward(launcher, block, n, call))
    }

    fn backward(&self, block: &Block, n: usize, call: Backward<'_, Self::Buffer>) -> Result<(), KernelError> {
        self.with(|launcher| backward::backward(launcher, block, n, &call))
    }

    fn classify(
        &self,
        head: &Head,
        n: usize,
        call: Classify<'_, Self::Buffer>,
    ) -> Result<Outcome, KernelError> {
        self.with(|launcher| classifier::classify(launcher, head, n, &call))
    }

    fn classify_backward(
        &self,
        head: &Head,
        n: usize,
        call: ClassifyBackward<'_, Self::Buffer>,
    ) -> Result<(), KernelError> {
        self.with(|launcher| classifier::classify_backward(launcher, head, n, &call))
    }

    fn clear(&self, buffer: &mut Self::Buffer, len: usize) -> Result<(), KernelError> {
        long_enough(buffer, len, "clear")?;
        self.machine.clear(&mut buffer.memory, buffer.precision.bytes() * len)
    }

    fn blend(&self, blends: Vec<Blend<'_, Self::Buffer>>) -> Result<(), KernelError> {
        self.with(|launcher| optimiser::blend(launcher, &blends))
    }

    fn squared_norm(&self, gradients: &[Self::Buffer], touched: &[usize]) -> Result<f64, KernelError> {
        self.with(|launcher| optimiser::squared_norm(launcher, gradients, touched))
    }

    fn sgd(
        &self,
        step: SgdStep,
        weights: &mut [Self::Buffer],
        velocities: &mut [Self::Buffer],
        gradients: &[Self::Buffer],
        touched: &[usize],
    ) -> Result<(), KernelError> {
        self.with(|launcher| optimiser::sgd(launcher, step, [weights, velocities, gradients], touched))
    }
}
