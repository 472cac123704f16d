//! Where a run computes: the device of its config or another, opened, and named for people.

use kernels::cuda::{self, CudaOptions, Driver};
use kernels::{CudaError, Device, Opened, Precision};

use super::RunError;
use super::team::Team;
use crate::event::Event;
use crate::observe::Observer;

/// What a run is carried out on. The default: the device of the config, and kernels compiled at every start.
///
/// Results of one config differ between devices in their last bits only (in `bf16`, which is for CUDA devices, in more), as they do
/// between processor families; a run may be resumed on another device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hardware {
    /// The device, instead of that of the config.
    pub device: Option<Device>,
    /// Where CUDA's things lie; the precision is the config's.
    pub cuda: CudaOptions,
}

impl Hardware {
    /// The first CUDA device, opened and named, or why it cannot be used.
    pub fn cuda_device(&self) -> Result<String, CudaError> {
        Driver::open(0, &self.cuda)?.description()
    }

    /// Whether NVRTC is there and compiles the kernels, for an architecture that every version of it knows; needs no
    /// device.
    pub fn cuda_compiler(&self) -> Result<(), CudaError> {
        cuda::image("sm_80", &self.cuda).map(|_| ())
    }

    /// The same for one rank of several: each has a CUDA device of its own, counted from the one that was asked for.
    pub(crate) fn on_rank(&self, configured: Device, team: Team<'_>) -> Result<Self, RunError> {
        let device = match self.device.unwrap_or(configured) {
            Device::Cuda(first) => Device::Cuda(first + team.local_rank()),
            Device::Auto if !team.is_one() => return Err(RunError::AutoDevice),
            device => device,
        };
        Ok(Self { device: Some(device), cuda: self.cuda.clone() })
    }

    /// Opens the device for a config, and tells observers which it is unless it is the processor that was asked for. Told to observers
    /// alone: equal runs have equal journals, wherever they were made.
    pub(crate) fn open_for(
        &self,
        configured: Device,
        precision: Precision,
        observers: &mut [Box<dyn Observer>],
    ) -> Result<Opened, CudaError> {
        let options = CudaOptions { precision, ..self.cuda.clone() };
        let (device, reason) = self.device.unwrap_or(configured).open(&options)?;
        let name = match (&device, reason) {
            (Opened::Cuda(cuda), _) => Some(format!("{}, {precision}", cuda.machine().description()?)),
            (Opened::Cpu(_), Some(reason)) => {
                Some(format!("the processor, which computes in f32, because there is {reason}"))
            }
            (Opened::Cpu(_), None) if precision != Precision::F32 => {
                Some("the processor, which computes in f32".to_owned())
            }
            (Opened::Cpu(_), None) => None,
        };
        if let Some(name) = name {
            let event = Event::Device { name };
            for observer in observers.iter_mut() {
                observer.event(&event);
            }
        }
        Ok(device)
    }
}
