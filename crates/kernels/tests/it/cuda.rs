//! CUDA as far as this machine goes: NVRTC compiles every kernel if its library can be found (the environment variable
//! CARS_NVRTC may name its folder), and the numerical suite runs if there is a device. What is skipped says so.

use std::path::PathBuf;

use kernel_suite::{agreement, classifier, errors, gallery, optimiser, promises};
use kernels::cuda::{CudaOptions, Driver, image};
use kernels::{Backend as _, Cuda, CudaError, Precision};

/// The oldest architecture that CUDA 13 compiles for, and those of A100 and H100; bf16 begins with A100's.
const ARCHITECTURES: [(&str, Precision); 5] = [
    ("sm_75", Precision::F32),
    ("sm_80", Precision::F32),
    ("sm_80", Precision::Bf16),
    ("sm_90", Precision::F32),
    ("sm_90", Precision::Bf16),
];

fn options(precision: Precision) -> CudaOptions {
    let nvrtc = std::env::var_os("CARS_NVRTC").map(PathBuf::from);
    CudaOptions { nvrtc, precision, ..CudaOptions::default() }
}

#[test]
fn every_kernel_compiles() {
    for (arch, precision) in ARCHITECTURES {
        match image(arch, &options(precision)) {
            Ok(image) => assert!(image.starts_with(b"\x7fELF") && image.len() > 10_000, "{arch}"),
            Err(error @ CudaError::NoCompiler { .. }) => {
                eprintln!("SKIPPED: no CUDA kernel was compiled for {arch} in {precision}: {error}");
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn an_unknown_architecture_is_an_error_that_names_it() {
    match image("sm_1", &options(Precision::F32)) {
        Err(error @ CudaError::NoCompiler { .. }) => eprintln!("SKIPPED: {error}"),
        Err(error @ CudaError::Compile { .. }) => assert!(error.to_string().contains("sm_1"), "{error}"),
        other => panic!("{:?}", other.map(|image| image.len())),
    }
}

#[test]
fn a_folder_without_the_compiler_is_an_error_that_says_what_to_install() {
    let nvrtc = Some(PathBuf::from("/no/such/folder"));
    let error = image("sm_90", &CudaOptions { nvrtc, ..CudaOptions::default() }).unwrap_err();
    assert!(error.to_string().contains("nvidia-cuda-nvrtc"), "{error}");
}

#[test]
fn a_device_agrees_with_the_reference() {
    for precision in [Precision::F32, Precision::Bf16] {
        match Driver::open(0, &options(precision)) {
            Ok(driver) => agrees(&Cuda::on(driver)),
            Err(
                error @ (CudaError::NoDriver { .. } | CudaError::NoDevice { .. } | CudaError::NoBf16 { .. }),
            ) => eprintln!("SKIPPED: nothing ran on a CUDA device in {precision}: {error}"),
            Err(error) => panic!("{error}"),
        }
    }
}

fn agrees(cuda: &Cuda) {
    let worst = agreement::check(cuda, 0, 1).unwrap();
    let device = cuda.machine().description().unwrap();
    eprintln!("{device}, {}: largest relative error {worst:e}", cuda.precision());
    classifier::check(cuda).unwrap();
    optimiser::check(cuda).unwrap();
    errors::check(cuda).unwrap();
    gallery::check(cuda).unwrap();
    promises::nan_is_kept(cuda, 5).unwrap();
    promises::equal_maxima_share_nothing(cuda).unwrap();
    promises::infinities_do_not_panic(cuda, 5);
    promises::calls_repeat(cuda, 7).unwrap();
}
