//! What can keep kernels from running on a CUDA device, and what to do about it.

use crate::Precision;

/// Errors of [`Cuda`](crate::Cuda).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CudaError {
    /// The machine has no driver.
    #[error(
        "no CUDA driver on this machine ({reason}); install NVIDIA's driver, or compute on the processor: --device cpu"
    )]
    NoDriver {
        /// Why the driver's library cannot be loaded.
        reason: String,
    },
    /// The machine lacks the device.
    #[error(
        "no CUDA device {index}: the driver sees {count}, counted from 0; to compute on the processor: --device cpu"
    )]
    NoDevice {
        /// The device asked for.
        index: usize,
        /// Devices there are.
        count: usize,
    },
    /// The driver is older than what this build needs.
    #[error("the driver supports CUDA {}.{}, at least {}.{} is needed: update the driver, or --device cpu", .found / 1000, .found % 1000 / 10, .needed / 1000, .needed % 1000 / 10)]
    OldDriver {
        /// Version the driver supports, as CUDA numbers them (12040 for 12.4).
        found: i32,
        /// Oldest version that will do.
        needed: i32,
    },
    /// The device's memory is full.
    #[error(
        "out of device memory: {wanted} bytes wanted, {free} of {total} free; lower the batch size, or close what \
         else uses the device"
    )]
    OutOfMemory {
        /// Bytes of the buffer that did not fit.
        wanted: usize,
        /// Bytes free.
        free: usize,
        /// Bytes the device has.
        total: usize,
    },
    /// The kernels have to be compiled, and nothing can do that.
    #[error(
        "NVRTC, which compiles the kernels, cannot be loaded ({reason}); install it (`pip install \
         nvidia-cuda-nvrtc`, or the package libnvrtc of NVIDIA's repositories) and let the environment variable CARS_NVRTC name the \
         folder with libnvrtc.so.*"
    )]
    NoCompiler {
        /// What was tried.
        reason: String,
    },
    /// NVRTC refused the kernels: a defect of this crate, or a device it does not know.
    #[error("NVRTC {}.{} cannot compile the kernels for {arch}: {log}", .version.0, .version.1)]
    Compile {
        /// The device's architecture, such as `sm_90`.
        arch: String,
        /// Version of NVRTC.
        version: (i32, i32),
        /// What it said.
        log: String,
    },
    /// More inputs than a kernel takes.
    #[error("a block reads {got} buffers, on CUDA at most {most}")]
    Inputs {
        /// Inputs of the block.
        got: usize,
        /// Most inputs of a kernel.
        most: usize,
    },
    /// A device without the instructions for bfloat16.
    #[error(
        "no bf16 on a device of architecture {arch}, it begins with sm_80; begin with --precision f32, or compute on the processor: --device cpu"
    )]
    NoBf16 {
        /// The device's architecture, such as `sm_75`.
        arch: String,
    },
    /// A buffer that was made for other numbers ([`Backend::zeros`](crate::Backend::zeros),
    /// [`Backend::feature_map`](crate::Backend::feature_map)).
    #[error("{what}: expected a buffer in {expected}, got one in {got}")]
    Precision {
        /// Which buffer.
        what: &'static str,
        /// How the kernel reads it.
        expected: Precision,
        /// How it is kept.
        got: Precision,
    },
    /// A feature map that a kernel cannot index.
    #[error(
        "a feature map of {elements} elements is too large for CUDA kernels (2^31 - 1 at most); lower the batch size"
    )]
    TooLarge {
        /// Elements of the map.
        elements: usize,
    },
    /// Any other failure of the driver.
    #[error("CUDA failed to {what}: {reason}")]
    Driver {
        /// The call.
        what: String,
        /// The driver's answer.
        reason: String,
    },
}
