//! Where to compute, as a value that people write: `cpu`, `cuda`, `cuda:1`, `auto`.

use std::fmt;
use std::str::FromStr;

use crate::cuda::{CudaOptions, Driver};
use crate::{Cpu, Cuda, CudaError};

/// A choice of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// The CUDA device of this number, counted from 0.
    Cuda(usize),
    /// CUDA device 0 if it can be used, else the processor.
    Auto,
}

/// A text that names no device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected cpu, cuda, cuda:N (N counted from 0) or auto, got `{0}`")]
pub struct UnknownDevice(pub String);

/// A device that is ready.
pub enum Opened {
    /// The processor.
    Cpu(Cpu),
    /// A CUDA device.
    Cuda(Cuda),
}

impl Device {
    /// Makes the device ready. With [`Device::Auto`] the second part says why it is not a CUDA device, if it is none.
    pub fn open(self, options: &CudaOptions) -> Result<(Opened, Option<CudaError>), CudaError> {
        let cuda = |index| Ok(Opened::Cuda(Cuda::on(Driver::open(index, options)?)));
        match self {
            Self::Cpu => Ok((Opened::Cpu(Cpu::new()), None)),
            Self::Cuda(index) => Ok((cuda(index)?, None)),
            Self::Auto => Ok(match cuda(0) {
                Ok(opened) => (opened, None),
                Err(reason) => (Opened::Cpu(Cpu::new()), Some(reason)),
            }),
        }
    }
}

impl FromStr for Device {
    type Err = UnknownDevice;

    fn from_str(text: &str) -> Result<Self, UnknownDevice> {
        let unknown = || UnknownDevice(text.to_owned());
        match text {
            "cpu" => Ok(Self::Cpu),
            "auto" => Ok(Self::Auto),
            "cuda" => Ok(Self::Cuda(0)),
            _ => {
                let number = text.strip_prefix("cuda:").ok_or_else(unknown)?;
                let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
                number.parse().ok().filter(|_| is_plain).map(Self::Cuda).ok_or_else(unknown)
            }
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
            Self::Auto => f.write_str("auto"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        for (text, device) in [
            ("cpu", Device::Cpu),
            ("auto", Device::Auto),
            ("cuda", Device::Cuda(0)),
            ("cuda:0", Device::Cuda(0)),
            ("cuda:12", Device::Cuda(12)),
        ] {
            assert_eq!(text.parse(), Ok(device));
            assert_eq!(device.to_string().parse(), Ok(device));
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_choices() {
        for text in ["", "gpu", "CPU", "cuda:", "cuda:-1", "cuda:+1", "cuda:x", "cuda:99999999999999999999"] {
            let error = text.parse::<Device>().unwrap_err();
            assert!(error.to_string().contains("cuda:N"), "{error}");
        }
    }

    #[test]
    fn auto_always_finds_a_device() {
        let (opened, reason) = Device::Auto.open(&CudaOptions::default()).unwrap();
        assert_eq!(matches!(opened, Opened::Cpu(_)), reason.is_some());
    }
}
