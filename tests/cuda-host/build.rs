//! Compiles the kernels and the emulator as host C++, if the machine has a compiler; without one the tests say that they skip.

const KERNELS: &str = "../../crates/kernels/src/cuda";

fn main() {
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed={KERNELS}");
    println!("cargo::rustc-check-cfg=cfg(emulated)");
    let mut build = cc::Build::new();
    build.cpp(true).std("c++20").opt_level(2).include(KERNELS).file("src/emulator.cpp");
    build.flag_if_supported("-Wno-unknown-pragmas");
    if build.try_get_compiler().is_ok_and(|compiler| compiler.to_command().arg("--version").output().is_ok())
    {
        build.clone().define("EMULATE", "emulate_f32").compile("emulate_f32");
        build.define("EMULATE", "emulate_bf16").define("BF16", None).compile("emulate_bf16");
        println!("cargo::rustc-cfg=emulated");
    } else {
        println!("cargo::warning=no C++ compiler: the CUDA kernels are not tested on the host");
    }
}
