//! NVRTC, NVIDIA's run-time compiler, as a library that is looked for when it is needed: from text to machine code for one
//! architecture, without a device and without a toolkit. <https://docs.nvidia.com/cuda/nvrtc/>

#![allow(unsafe_code, reason = "a C library, loaded at run time; each block states what it relies on")]

use std::ffi::{CString, c_char, c_int, c_void};
use std::path::Path;
use std::ptr;

use libloading::{Library, Symbol};

use super::CudaError;
use crate::Precision;

/// Names of the library, newest first.
const NAMES: &[&str] = if cfg!(windows) {
    &["nvrtc64_130_0.dll", "nvrtc64_120_0.dll"]
} else {
    &["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"]
};

/// What a compilation is asked for, beside the architecture.
pub(super) const fn options(precision: Precision) -> &'static [&'static str] {
    match precision {
        Precision::F32 => &["--std=c++17"],
        Precision::Bf16 => &["--std=c++17", "--define-macro=BF16"],
    }
}

/// The success of every call; anything else is a failure.
const SUCCESS: c_int = 0;

type Program = *mut c_void;

/// A function of the library with these parameters.
macro_rules! function {
    ($($parameter:ty),*) => {
        // SAFETY: `symbol` states what makes a call of this type sound.
        unsafe extern "C" fn($($parameter),*) -> c_int
    };
}

/// The loaded library.
pub(super) struct Nvrtc {
    library: Library,
    /// The library's own parts, which it finds by name among those that are loaded.
    _builtins: Option<Library>,
    version: (i32, i32),
}

impl Nvrtc {
    /// From this folder, or from where the system looks for libraries.
    pub(super) fn open(folder: Option<&Path>) -> Result<Self, CudaError> {
        let mut reason = String::new();
        for name in NAMES {
            let path = folder.map_or_else(|| Path::new(name).to_owned(), |folder| folder.join(name));
            // SAFETY: loading NVRTC runs its initialisers only, which have no requirements.
            match unsafe { Library::new(&path) } {
                Ok(library) => return Self::with(library, folder),
                Err(error) if reason.is_empty() => reason = why(&error),
                Err(_) => {}
            }
        }
        Err(CudaError::NoCompiler { reason })
    }

    fn with(library: Library, folder: Option<&Path>) -> Result<Self, CudaError> {
        let mut version = (0, 0);
        let get = symbol::<function!(*mut c_int, *mut c_int)>(&library, "nvrtcVersion")?;
        // SAFETY: the function writes two integers.
        unsafe { get(&raw mut version.0, &raw mut version.1) };
        let builtins = folder.and_then(|folder| {
            let name = format!("libnvrtc-builtins.so.{}.{}", version.0, version.1);
            // SAFETY: as above; where it is missing, NVRTC says so when it compiles.
            unsafe { Library::new(folder.join(name)) }.ok()
        });
        Ok(Self { library, _builtins: builtins, version })
    }

    /// Major and minor version.
    pub(super) fn version(&self) -> (i32, i32) {
        self.version
    }

    /// Machine code of `source` for `arch`, such as `sm_90`.
    pub(super) fn compile(&self, source: &str, arch: &str, options: &[&str]) -> Result<Vec<u8>, CudaError> {
        type Create = function!(
            *mut Program,
            *const c_char,
            *const c_char,
            c_int,
            *const *const c_char,
            *const *const c_char
        );
        type Compile = function!(Program, c_int, *const *const c_char);
        type Destroy = function!(*mut Program);
        let create = self.symbol::<Create>("nvrtcCreateProgram")?;
        let compile = self.symbol::<Compile>("nvrtcCompileProgram")?;
        let destroy = self.symbol::<Destroy>("nvrtcDestroyProgram")?;

        let source = text(source);
        let mut texts = vec![text(&format!("--gpu-architecture={arch}"))];
        texts.extend(options.iter().map(|option| text(option)));
        let options: Vec<*const c_char> = texts.iter().map(|option| option.as_ptr()).collect();
        let mut program: Program = ptr::null_mut();
        // SAFETY: the text ends in NUL, there is no name and there are no headers.
        let created = unsafe {
            create(&raw mut program, source.as_ptr(), c"cars.cu".as_ptr(), 0, ptr::null(), ptr::null())
        };
        if created != SUCCESS {
            return Err(self.refused(arch, format!("no program could be made (error {created})")));
        }
        // SAFETY: the program is live, the options are as many as stated and end in NUL each.
        let compiled = unsafe { compile(program, options.len() as c_int, options.as_ptr()) };
        let result = if compiled == SUCCESS {
            self.bytes(program, ["nvrtcGetCUBINSize", "nvrtcGetCUBIN"])
        } else {
            let log = self.bytes(program, ["nvrtcGetProgramLogSize", "nvrtcGetProgramLog"])?;
            let log = String::from_utf8_lossy(&log).trim_end_matches(['\0', '\n']).to_owned();
            Err(self.refused(arch, log))
        };
        // SAFETY: the program is live, and not used afterwards.
        unsafe { destroy(&raw mut program) };
        result
    }

    /// What a pair of functions says of a program: how long it is, and the bytes.
    fn bytes(&self, program: Program, [size, get]: [&str; 2]) -> Result<Vec<u8>, CudaError> {
        let size = self.symbol::<function!(Program, *mut usize)>(size)?;
        let get = self.symbol::<function!(Program, *mut c_char)>(get)?;
        let mut len = 0;
        // SAFETY: the program is live.
        unsafe { size(program, &raw mut len) };
        let mut bytes = vec![0u8; len];
        // SAFETY: the program is live, and the function writes as many bytes as it has announced.
        unsafe { get(program, bytes.as_mut_ptr().cast()) };
        Ok(bytes)
    }

    fn symbol<F>(&self, name: &str) -> Result<Symbol<'_, F>, CudaError> {
        symbol(&self.library, name)
    }

    fn refused(&self, arch: &str, log: String) -> CudaError {
        CudaError::Compile { arch: arch.to_owned(), version: self.version, log }
    }
}

/// A function of the library; `F` is its type in NVRTC's documentation.
fn symbol<'a, F>(library: &'a Library, name: &str) -> Result<Symbol<'a, F>, CudaError> {
    // SAFETY: every caller states the documented type, which has not changed since CUDA 11.
    let symbol = unsafe { library.get::<F>(name.as_bytes()) };
    symbol.map_err(|error| CudaError::NoCompiler { reason: why(&error) })
}

/// Why a library cannot be used: the system's words, which the error holds as its cause.
pub(super) fn why(error: &libloading::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// C's text; ours holds no NUL.
fn text(of: &str) -> CString {
    CString::new(of).unwrap_or_default()
}
