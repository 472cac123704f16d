//! Sums between GPUs by NVIDIA's NCCL, through cudarc. Everything else goes by another communicator, which also carries the name
//! that NCCL's ranks find each other by. NCCL and the driver are loaded when it is opened. Numbers come from the host's memory
//! and go back to it: a path's gradients are few.

#![allow(unsafe_code, reason = "libraries are loaded at run time; the one block says what it relies on")]

use std::sync::Arc;

use cudarc::driver::{CudaContext, CudaStream, DriverError};
use cudarc::nccl::result::NcclError;
use cudarc::nccl::{Comm, Id, ReduceOp};

use crate::{ClusterError, Communicator};

/// A communicator whose sums are NCCL's.
pub struct Nccl {
    control: Box<dyn Communicator>,
    stream: Arc<CudaStream>,
    comm: Comm,
}

impl Nccl {
    /// Joins the ranks of `control`, each with the device of this number. Collective.
    pub fn over(control: Box<dyn Communicator>, device: usize) -> Result<Self, ClusterError> {
        check_libraries()?;
        let stream = CudaContext::new(device).map_err(driver)?.default_stream();
        let name = if control.rank() == 0 { to_bytes(&Id::new().map_err(nccl)?) } else { Vec::new() };
        let id = from_bytes(&control.broadcast(name)?)?;
        let comm = Comm::from_rank(Arc::clone(&stream), control.rank(), control.size(), id).map_err(nccl)?;
        Ok(Self { control, stream, comm })
    }
}

impl Communicator for Nccl {
    fn rank(&self) -> usize {
        self.control.rank()
    }

    fn size(&self) -> usize {
        self.control.size()
    }

    fn local_rank(&self) -> usize {
        self.control.local_rank()
    }

    fn broadcast(&self, bytes: Vec<u8>) -> Result<Vec<u8>, ClusterError> {
        self.control.broadcast(bytes)
    }

    fn gather(&self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, ClusterError> {
        self.control.gather(bytes)
    }

    fn sum(&self, values: &mut [f32]) -> Result<(), ClusterError> {
        let mut on_device = self.stream.clone_htod(&*values).map_err(driver)?;
        self.comm.all_reduce_in_place(&mut on_device, &ReduceOp::Sum).map_err(nccl)?;
        self.stream.memcpy_dtoh(&on_device, values).map_err(driver)?;
        self.stream.synchronize().map_err(driver)
    }

    fn barrier(&self) -> Result<(), ClusterError> {
        self.control.barrier()
    }

    fn abort(&self, code: i32) -> ! {
        self.control.abort(code)
    }
}

/// Whether both libraries can be loaded, under the names that cudarc, which panics without them, looks for.
fn check_libraries() -> Result<(), ClusterError> {
    for name in ["libcuda.so", "libnccl.so"] {
        // SAFETY: loading these libraries runs their initialisers only, which have no requirements.
        let library = unsafe { libloading::Library::new(name) };
        let library = library.map_err(|error| ClusterError::Nccl { reason: error.to_string() })?;
        // It stays loaded: cudarc is about to load it, too.
        std::mem::forget(library);
    }
    Ok(())
}

fn to_bytes(id: &Id) -> Vec<u8> {
    bytemuck::cast_slice(id.internal()).to_vec()
}

fn from_bytes(bytes: &[u8]) -> Result<Id, ClusterError> {
    let name = bytemuck::cast_slice(bytes)
        .try_into()
        .map_err(|_| ClusterError::Nccl { reason: format!("rank 0 sent a name of {} bytes", bytes.len()) })?;
    Ok(Id::uninit(name))
}

fn driver(error: DriverError) -> ClusterError {
    ClusterError::Nccl { reason: error.to_string() }
}

#[allow(clippy::needless_pass_by_value, reason = "passed to `map_err`")]
fn nccl(error: NcclError) -> ClusterError {
    ClusterError::Nccl { reason: format!("{error:?}") }
}
