//! A [`Machine`](kernels::cuda::Machine) that runs the `.cu` files of `kernels` on the host, compiled as C++ (`emulator.h`).
//! Slow, deterministic, and with an eye for mistakes that a device hides: barriers that not all threads reach, and, by
//! running the threads of a block upwards or downwards, results that depend on their order.

#![cfg_attr(emulated, allow(unsafe_code, reason = "calls the emulator; each block states what it relies on"))]

#[cfg(emulated)]
mod host;

#[cfg(emulated)]
pub use host::{Host, Memory, Operation};

/// The order in which the threads of a block take their turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// From the first to the last.
    Upwards,
    /// From the last to the first.
    Downwards,
}
