//! The host as a machine: memory from the allocator, launches through the C++ emulator.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kernels::cuda::{Launch, Machine};
use kernels::{CudaError, KernelError, Precision};

use crate::Order;

// SAFETY: the signature is that of `EMULATE` in emulator.cpp.
unsafe extern "C" {
    fn emulate_f32(
        name: *const c_char,
        grid: *const u32,
        arguments: *mut *mut c_void,
        downwards: c_int,
    ) -> c_int;
    fn emulate_bf16(
        name: *const c_char,
        grid: *const u32,
        arguments: *mut *mut c_void,
        downwards: c_int,
    ) -> c_int;
}

/// Runs kernels on the calling thread.
#[derive(Debug)]
pub struct Host {
    order: Order,
    precision: Precision,
    /// Bytes that its memory has, and those in use.
    total: usize,
    used: Arc<AtomicUsize>,
    recording: Mutex<Option<Vec<Operation>>>,
}

/// What a recording holds.
#[derive(Debug, Clone)]
pub enum Operation {
    /// A kernel.
    Launch(Launch),
    /// So many zero bytes from this address.
    Clear(usize, usize),
}

/// Memory that kernels read and write by address.
#[derive(Debug, Default)]
pub struct Memory {
    place: Option<(NonNull<u8>, Layout)>,
    /// The machine's count of bytes in use.
    used: Arc<AtomicUsize>,
}

// SAFETY: the memory is plain bytes that this value alone owns.
unsafe impl Send for Memory {}
// SAFETY: nothing is written through a shared reference but by launches, which the backend makes one at a time.
unsafe impl Sync for Memory {}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some((pointer, layout)) = self.place.take() {
            self.used.fetch_sub(layout.size(), Ordering::Relaxed);
            // SAFETY: allocated with this layout in `allocate`, and freed only here.
            unsafe { dealloc(pointer.as_ptr(), layout) };
        }
    }
}

impl Host {
    /// A host whose threads take turns in this order.
    pub fn new(order: Order) -> Self {
        Self::with_memory(order, usize::MAX)
    }

    /// The same with so many bytes of memory.
    pub fn with_memory(order: Order, total: usize) -> Self {
        Self { order, precision: Precision::F32, total, used: Arc::default(), recording: Mutex::default() }
    }

    /// The same with feature maps in this precision.
    #[must_use]
    pub fn in_precision(self, precision: Precision) -> Self {
        Self { precision, ..self }
    }

    /// Makes an operation, or notes it.
    fn carry_out(&self, operation: Operation) -> Result<(), KernelError> {
        if let Some(recording) = &mut *self.recording.lock().unwrap_or_else(PoisonError::into_inner) {
            recording.push(operation);
            return Ok(());
        }
        match operation {
            Operation::Launch(launch) => self.run(launch),
            Operation::Clear(address, bytes) => {
                // SAFETY: the memory at this address has as many bytes, and lives as long as the backend says a recording may be
                // replayed.
                unsafe { (address as *mut u8).write_bytes(0, bytes) };
                Ok(())
            }
        }
    }

    /// Refuses what a device cannot record.
    fn not_recording(&self, what: &str) -> Result<(), KernelError> {
        let recording = self.recording.lock().unwrap_or_else(PoisonError::into_inner);
        if recording.is_none() { Ok(()) } else { Err(failed(what, "launches are being recorded")) }
    }

    fn run(&self, mut launch: Launch) -> Result<(), KernelError> {
        let name = CString::new(launch.kernel()).map_err(|error| failed("launch", error.to_string()))?;
        let (grid, mut arguments) = (launch.grid(), launch.arguments());
        let downwards = c_int::from(self.order == Order::Downwards);
        // SAFETY: `kernels` packs the arguments as the kernel of this name takes them, with addresses of memory that lives
        // through this call; the emulator reads no more arguments than that.
        let result = unsafe {
            let (name, grid, arguments) = (name.as_ptr(), grid.as_ptr(), arguments.as_mut_ptr());
            match self.precision {
                Precision::F32 => emulate_f32(name, grid, arguments, downwards),
                Precision::Bf16 => emulate_bf16(name, grid, arguments, downwards),
            }
        };
        match result {
            0 => Ok(()),
            1 => Err(failed("launch", format!("the emulator knows no kernel {}", launch.kernel()))),
            _ => Err(failed("launch", format!("not all threads of {} reached a barrier", launch.kernel()))),
        }
    }
}

fn failed(what: &str, reason: impl Into<String>) -> KernelError {
    CudaError::Driver { what: what.to_owned(), reason: reason.into() }.into()
}

fn fits(memory: &Memory, bytes: usize) -> Result<*mut u8, KernelError> {
    match &memory.place {
        Some((pointer, layout)) if layout.size() >= bytes => Ok(pointer.as_ptr()),
        _ if bytes == 0 => Ok(std::ptr::dangling_mut()),
        _ => Err(failed("copy", format!("{bytes} bytes are more than the memory holds"))),
    }
}

impl Machine for Host {
    type Memory = Memory;
    type Recording = Vec<Operation>;

    fn precision(&self) -> Precision {
        self.precision
    }

    fn begin_recording(&self) -> Result<(), KernelError> {
        *self.recording.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
        Ok(())
    }

    fn end_recording(&self) -> Result<Vec<Operation>, KernelError> {
        let recording = self.recording.lock().unwrap_or_else(PoisonError::into_inner).take();
        recording.ok_or_else(|| failed("end a recording", "none was begun"))
    }

    fn replay(&self, recording: &Vec<Operation>) -> Result<(), KernelError> {
        recording.iter().try_for_each(|operation| self.carry_out(operation.clone()))
    }

    fn allocate(&self, bytes: usize) -> Result<Memory, KernelError> {
        self.not_recording("allocate")?;
        if bytes == 0 {
            return Ok(Memory::default());
        }
        let free = self.total - self.used.load(Ordering::Relaxed);
        if bytes > free {
            return Err(CudaError::OutOfMemory { wanted: bytes, free, total: self.total }.into());
        }
        let layout =
            Layout::from_size_align(bytes, 64).map_err(|error| failed("allocate", error.to_string()))?;
        // SAFETY: the size is not zero.
        let pointer = unsafe { alloc_zeroed(layout) };
        let Some(pointer) = NonNull::new(pointer) else { handle_alloc_error(layout) };
        self.used.fetch_add(bytes, Ordering::Relaxed);
        Ok(Memory { place: Some((pointer, layout)), used: Arc::clone(&self.used) })
    }

    fn address(&self, memory: &Memory) -> u64 {
        memory.place.map_or(0, |(pointer, _)| pointer.as_ptr() as u64)
    }

    fn write(&self, from: &[u8], to: &mut Memory) -> Result<(), KernelError> {
        self.not_recording("copy")?;
        let to = fits(to, from.len())?;
        // SAFETY: `to` has room for these bytes, and is not part of `from`, which Rust owns.
        unsafe { to.copy_from_nonoverlapping(from.as_ptr(), from.len()) };
        Ok(())
    }

    fn read(&self, from: &Memory, to: &mut [u8]) -> Result<(), KernelError> {
        self.not_recording("copy")?;
        let from = fits(from, to.len())?;
        // SAFETY: `from` holds this many bytes, and is not part of `to`, which Rust owns.
        unsafe { to.as_mut_ptr().copy_from_nonoverlapping(from, to.len()) };
        Ok(())
    }

    fn clear(&self, memory: &mut Memory, bytes: usize) -> Result<(), KernelError> {
        self.carry_out(Operation::Clear(fits(memory, bytes)? as usize, bytes))
    }

    fn launch(&self, launch: Launch) -> Result<(), KernelError> {
        self.carry_out(Operation::Launch(launch))
    }
}
