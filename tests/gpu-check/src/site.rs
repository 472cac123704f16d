//! What measurements need of a backend that the trait does not know: how to make one, to wait for it, to count its launches.

use anyhow::{Result, bail};
use kernels::cuda::CudaOptions;
use kernels::{Backend, Cpu, Cuda, CudaError, Device, Opened, Precision};

use crate::time;

/// A device, and where the things lie that it needs.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) device: Device,
    pub(crate) cuda: CudaOptions,
}

/// A device, and what it took to make it ready.
pub(crate) struct Ready {
    pub(crate) opened: Opened,
    pub(crate) seconds: f64,
}

impl Place {
    /// The same with feature maps in this precision.
    pub(crate) fn in_precision(&self, precision: Precision) -> Self {
        Self { device: self.device, cuda: CudaOptions { precision, ..self.cuda.clone() } }
    }

    /// Makes the device ready.
    pub(crate) fn open(&self) -> Result<Ready, CudaError> {
        let start = time::now();
        let (opened, _) = self.device.open(&self.cuda)?;
        Ok(Ready { opened, seconds: start.elapsed().as_secs_f64() })
    }
}

/// A backend that can be measured.
pub(crate) trait Site: Backend {
    /// Makes another one at the same place.
    fn open(place: &Place) -> Result<Self>
    where
        Self: Sized;

    /// Waits until all work is done.
    fn wait(&self) -> Result<()>;

    /// Kernels launched so far; a processor launches none.
    fn launches(&self) -> u64;
}

impl Site for Cpu {
    fn open(_: &Place) -> Result<Self> {
        Ok(Self::new())
    }

    fn wait(&self) -> Result<()> {
        Ok(())
    }

    fn launches(&self) -> u64 {
        0
    }
}

impl Site for Cuda {
    fn open(place: &Place) -> Result<Self> {
        match place.open()?.opened {
            Opened::Cuda(cuda) => Ok(cuda),
            Opened::Cpu(_) => bail!("{} opens no CUDA device any more", place.device),
        }
    }

    fn wait(&self) -> Result<()> {
        Ok(self.machine().wait()?)
    }

    fn launches(&self) -> u64 {
        Self::launches(self)
    }
}
