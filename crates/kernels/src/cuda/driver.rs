//! A CUDA device behind NVIDIA's driver, through cudarc. The driver's library is looked for at run time, so a program with
//! this code in it starts everywhere; cudarc itself would panic without the library, so it is not called before.

#![allow(unsafe_code, reason = "the driver's C interface; each block states what it relies on")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use cudarc::driver::sys::{CUgraphInstantiate_flags, CUresult, CUstreamCaptureMode, cuDriverGetVersion};
use cudarc::driver::{
    CudaContext, CudaFunction, CudaGraph, CudaModule, CudaSlice, CudaStream, DevicePtr, DriverError,
    profiler_start, profiler_stop, result,
};
use cudarc::nvrtc::Ptx;

use super::nvrtc::{self, Nvrtc, why};
use super::records::Launch;
use super::{CudaError, Machine, SOURCE, THREADS, cache};
use crate::{KernelError, Precision};

/// The driver's library.
const LIBRARY: &str = if cfg!(windows) { "nvcuda.dll" } else { "libcuda.so.1" };

/// CUDA 12.0: the oldest driver whose calls cudarc is built for.
const OLDEST_DRIVER: i32 = 12_000;

/// The first compute capability whose instructions round to bfloat16 and multiply it.
const FIRST_WITH_BF16: (i32, i32) = (8, 0);

/// What a device needs before its first kernel: where things lie, and which kernels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CudaOptions {
    /// Folder for compiled kernels; without one, every start compiles them (some seconds).
    pub cache: Option<PathBuf>,
    /// Folder of the NVRTC library; without one, it is looked for where the system looks for libraries.
    pub nvrtc: Option<PathBuf>,
    /// How feature maps are kept; [`Precision::Bf16`] needs an A100 or a later device (compute capability 8.0).
    pub precision: Precision,
}

/// One device with its own stream.
pub struct Driver {
    context: Arc<CudaContext>,
    stream: Arc<CudaStream>,
    module: Arc<CudaModule>,
    functions: Mutex<BTreeMap<&'static str, CudaFunction>>,
    precision: Precision,
}

/// Memory of a device.
#[derive(Debug, Default)]
pub struct DeviceMemory(Option<CudaSlice<u8>>);

/// Launches that the driver has made a graph of.
pub struct DeviceGraph(CudaGraph);

// SAFETY: the driver's graphs may move between threads as long as one thread at a time uses them; whoever is not `Sync`, as this
// is not, is used by one.
unsafe impl Send for DeviceGraph {}

impl Driver {
    /// Opens device number `index`, and loads the kernels onto it.
    pub fn open(index: usize, options: &CudaOptions) -> Result<Self, CudaError> {
        check_driver()?;
        let devices = count_devices()?;
        if index >= devices {
            return Err(CudaError::NoDevice { index, count: devices });
        }
        let context = CudaContext::new(index).map_err(failed("open the device"))?;
        // SAFETY: there is one stream, so the driver's own order is the only one needed.
        unsafe { context.disable_event_tracking() };
        let stream = context.new_stream().map_err(failed("make a stream"))?;
        let capability = context.compute_capability().map_err(failed("ask for the device's architecture"))?;
        let arch = format!("sm_{}{}", capability.0, capability.1);
        if options.precision == Precision::Bf16 && capability < FIRST_WITH_BF16 {
            return Err(CudaError::NoBf16 { arch });
        }
        let image = image(&arch, options)?;
        let module = context.load_module(Ptx::from_binary(image)).map_err(failed("load the kernels"))?;
        Ok(Self { context, stream, module, functions: Mutex::default(), precision: options.precision })
    }

    /// The device's name and memory, such as `NVIDIA H100 80GB HBM3, 79 GiB`.
    pub fn description(&self) -> Result<String, CudaError> {
        let name = self.context.name().map_err(failed("ask for the device's name"))?;
        let memory = self.context.total_mem().map_err(failed("ask for the device's memory"))?;
        Ok(format!("{name}, {} GiB", memory >> 30))
    }

    /// Waits until all launches so far have ended.
    pub fn wait(&self) -> Result<(), CudaError> {
        self.stream.synchronize().map_err(failed("wait for the device"))
    }

    /// From here on a profiler looks that does not watch from the start (`ncu --profile-from-start off`).
    pub fn start_profiler(&self) -> Result<(), CudaError> {
        profiler_start().map_err(failed("start the profiler"))
    }

    /// Waits until all launches so far have ended; the profiler looks no further.
    pub fn stop_profiler(&self) -> Result<(), CudaError> {
        self.wait()?;
        profiler_stop().map_err(failed("stop the profiler"))
    }

    fn function(&self, kernel: &'static str) -> Result<CudaFunction, CudaError> {
        let mut functions = self.functions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(function) = functions.get(kernel) {
            return Ok(function.clone());
        }
        let function = self.module.load_function(kernel).map_err(failed(kernel))?;
        functions.insert(kernel, function.clone());
        Ok(function)
    }

    fn out_of_memory(&self, wanted: usize) -> CudaError {
        match self.context.mem_get_info() {
            Ok((free, total)) => CudaError::OutOfMemory { wanted, free, total },
            Err(error) => failed("ask for free memory")(error),
        }
    }
}

/// Machine code of the kernels for one architecture (`sm_90`), from the cache or from NVRTC. Needs no device.
pub fn image(arch: &str, options: &CudaOptions) -> Result<Vec<u8>, CudaError> {
    let nvrtc = Nvrtc::open(options.nvrtc.as_deref())?;
    let version = format!("{:?}", nvrtc.version());
    let choices = nvrtc::options(options.precision);
    let key = [SOURCE, arch, &choices.join(" "), &version];
    cache::cached(options.cache.as_deref(), &key, || nvrtc.compile(SOURCE, arch, choices))
}

fn check_driver() -> Result<(), CudaError> {
    // SAFETY: loading the driver's library runs its initialisers only, which have no requirements.
    let library = unsafe { libloading::Library::new(LIBRARY) };
    let library = library.map_err(|error| CudaError::NoDriver { reason: why(&error) })?;
    // It stays loaded: cudarc is about to load it, too.
    std::mem::forget(library);
    let mut found = 0;
    // SAFETY: the function writes one integer, and may be called before any other.
    let answer = unsafe { cuDriverGetVersion(&raw mut found) };
    answer.result().map_err(failed("ask for the driver's version"))?;
    if found < OLDEST_DRIVER {
        return Err(CudaError::OldDriver { found, needed: OLDEST_DRIVER });
    }
    Ok(())
}

fn count_devices() -> Result<usize, CudaError> {
    match result::init() {
        Err(DriverError(CUresult::CUDA_ERROR_NO_DEVICE)) => return Ok(0),
        initialised => initialised.map_err(failed("initialise the driver"))?,
    }
    let count = CudaContext::device_count().map_err(failed("count the devices"))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

fn failed(what: &str) -> impl FnOnce(DriverError) -> CudaError {
    let what = what.to_owned();
    move |error| CudaError::Driver { what, reason: error.to_string() }
}

impl Machine for Driver {
    type Memory = DeviceMemory;
    type Recording = DeviceGraph;

    fn precision(&self) -> Precision {
        self.precision
    }

    fn begin_recording(&self) -> Result<(), KernelError> {
        let mode = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
        Ok(self.stream.begin_capture(mode).map_err(failed("record launches"))?)
    }

    fn end_recording(&self) -> Result<DeviceGraph, KernelError> {
        let graph = self
            .stream
            .end_capture(CUgraphInstantiate_flags(0))
            .map_err(failed("make a graph of launches"))?;
        let nothing = || CudaError::Driver {
            what: "make a graph".to_owned(),
            reason: "nothing was recorded".to_owned(),
        };
        Ok(graph.map(DeviceGraph).ok_or_else(nothing)?)
    }

    fn replay(&self, recording: &DeviceGraph) -> Result<(), KernelError> {
        Ok(recording.0.launch().map_err(failed("replay launches"))?)
    }

    fn allocate(&self, bytes: usize) -> Result<DeviceMemory, KernelError> {
        if bytes == 0 {
            return Ok(DeviceMemory::default());
        }
        match self.stream.alloc_zeros::<u8>(bytes) {
            Ok(memory) => Ok(DeviceMemory(Some(memory))),
            Err(DriverError(CUresult::CUDA_ERROR_OUT_OF_MEMORY)) => Err(self.out_of_memory(bytes).into()),
            Err(error) => Err(failed("allocate memory")(error).into()),
        }
    }

    fn address(&self, memory: &DeviceMemory) -> u64 {
        // With event tracking off nothing happens when the second part is dropped.
        memory.0.as_ref().map_or(0, |memory| memory.device_ptr(&self.stream).0)
    }

    fn write(&self, from: &[u8], to: &mut DeviceMemory) -> Result<(), KernelError> {
        let Some(memory) = &mut to.0 else { return Ok(()) };
        let mut part = memory.slice_mut(..from.len());
        Ok(self.stream.memcpy_htod(from, &mut part).map_err(failed("copy to the device"))?)
    }

    fn read(&self, from: &DeviceMemory, to: &mut [u8]) -> Result<(), KernelError> {
        let Some(memory) = &from.0 else { return Ok(()) };
        let part = memory.slice(..to.len());
        self.stream.memcpy_dtoh(&part, to).map_err(failed("copy from the device"))?;
        Ok(self.wait()?)
    }

    fn clear(&self, memory: &mut DeviceMemory, bytes: usize) -> Result<(), KernelError> {
        let Some(memory) = &mut memory.0 else { return Ok(()) };
        let mut part = memory.slice_mut(..bytes);
        Ok(self.stream.memset_zeros(&mut part).map_err(failed("clear memory"))?)
    }

    fn launch(&self, mut launch: Launch) -> Result<(), KernelError> {
        let function = self.function(launch.kernel())?;
        let [x, y, z] = launch.grid();
        let kernel = launch.kernel();
        let mut arguments = launch.arguments();
        self.context.bind_to_thread().map_err(failed("use the device on this thread"))?;
        // SAFETY: this crate packs the arguments as the kernel of this name takes them, and the driver copies them before it
        // returns. The addresses are those of buffers that the caller borrows and of the backend's own areas, long enough for
        // the call; freeing waits its turn on the same stream.
        let result = unsafe {
            let (function, stream) = (function.cu_function(), self.stream.cu_stream());
            result::launch_kernel(function, (x, y, z), (THREADS, 1, 1), 0, stream, &mut arguments)
        };
        Ok(result.map_err(failed(&format!("launch {kernel}")))?)
    }
}
