//! Where a run computes: the device of its config or another, opened, and named for people.

use kernels::cuda::CudaOptions;
use kernels::{CudaError, Device, Opened};

/// What a run is carried out on. The default: the device of the config, and kernels compiled at every start.
///
/// Results of one config differ between devices in their last bits only, as they do between processor families; a run may
/// be resumed on another device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hardware {
    /// The device, instead of that of the config.
    pub device: Option<Device>,
    /// Where CUDA's things lie.
    pub cuda: CudaOptions,
}

/// A device that is ready.
pub(super) struct Site {
    pub(super) device: Opened,
    /// What to tell people; nothing of a processor that was asked for.
    pub(super) name: Option<String>,
}

impl Hardware {
    pub(super) fn open(&self, configured: Device) -> Result<Site, CudaError> {
        let (device, reason) = self.device.unwrap_or(configured).open(&self.cuda)?;
        let name = match (&device, reason) {
            (Opened::Cuda(cuda), _) => Some(cuda.machine().description()?),
            (Opened::Cpu(_), Some(reason)) => Some(format!("the processor, because there is {reason}")),
            (Opened::Cpu(_), None) => None,
        };
        Ok(Site { device, name })
    }
}
