//! Where targets are timed: the processor, or a CUDA device that all visits share.

use std::sync::Arc;

use kernels::cuda::Driver;
use kernels::{Cpu, Cuda, CudaError, Opened};
use latency::Milliseconds;

use super::{Error, Target, software, visit};
use crate::run::Hardware;

/// A device that is ready to time things.
pub enum Place {
    /// The processor, on the threads of the current pool.
    Cpu,
    /// A CUDA device.
    Cuda(Arc<Driver>),
}

impl Place {
    /// Makes a device ready.
    pub fn open(hardware: &Hardware) -> Result<Self, CudaError> {
        Ok(match hardware.device.unwrap_or_default().open(&hardware.cuda)?.0 {
            Opened::Cpu(_) => Self::Cpu,
            Opened::Cuda(cuda) => Self::Cuda(Arc::new(cuda.into_machine())),
        })
    }

    /// What a CUDA device is called; `None` for the processor.
    pub fn name(&self) -> Result<Option<String>, CudaError> {
        match self {
            Self::Cpu => Ok(None),
            Self::Cuda(driver) => driver.description().map(Some),
        }
    }

    /// What computes, for the head of a table.
    pub fn software(&self) -> String {
        match self {
            Self::Cpu => software(&Cpu::new()),
            Self::Cuda(_) => format!("cars {}, CUDA kernels", env!("CARGO_PKG_VERSION")),
        }
    }

    /// Times a target as [`visit`] does.
    pub fn visit(&self, target: &Target, batch: usize) -> Result<Milliseconds, Error> {
        match self {
            Self::Cpu => visit(Cpu::new(), target, batch),
            Self::Cuda(driver) => visit(Cuda::on(Arc::clone(driver)), target, batch),
        }
    }
}
