//! What the environment says of CUDA: where compiled kernels are kept, and where the compiler is.

use std::path::PathBuf;

use cars::config::Device;
use cars::run::{CudaOptions, Hardware};

/// The device, or that of the config, with the folders that the environment names.
pub(crate) fn hardware(device: Option<Device>) -> Hardware {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || folder("HOME").map(|home| home.join(".cache"));
    // The XDG base directories: a path that is not absolute is to be ignored.
    let cache = folder("XDG_CACHE_HOME").filter(|path| path.is_absolute()).or_else(home);
    let cache = cache.or_else(|| folder("LOCALAPPDATA")).map(|cache| cache.join("cars"));
    Hardware { device, cuda: CudaOptions { cache, nvrtc: folder("CARS_NVRTC"), ..CudaOptions::default() } }
}
