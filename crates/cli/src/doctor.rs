//! `cars doctor`: what this machine has for a run, and what is missing. Decides nothing and changes nothing.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use cars::Cpu;
use clap::Args;

use crate::hardware::hardware;
use crate::{output, profile};

/// Show what this machine has for a run, and what is missing
///
/// Version, processor, vector unit, threads, memory, free disk space, and CUDA: device, driver and the compiler of its
/// kernels, each with what to do if it cannot be used. A run on the processor needs none of CUDA.
#[derive(Args)]
pub(crate) struct Doctor {}

impl Doctor {
    #[expect(clippy::unused_self, reason = "as every command")]
    pub(crate) fn run(&self) -> Result<ExitCode> {
        output::write(&report())?;
        Ok(ExitCode::SUCCESS)
    }
}

fn report() -> String {
    let hardware = hardware(None);
    let unknown = || "unknown".to_owned();
    let threads = std::thread::available_parallelism().map_or_else(|_| unknown(), |count| count.to_string());
    let compiler = hardware.cuda_compiler().map(|()| "NVRTC compiles the kernels".to_owned());
    let cache = hardware
        .cuda
        .cache
        .as_deref()
        .map_or("none: kernels are compiled at each start".to_owned(), |cache| cache.display().to_string());
    let lines = [
        ("cars", env!("CARGO_PKG_VERSION").to_owned()),
        ("system", format!("{} on {}", std::env::consts::OS, std::env::consts::ARCH)),
        ("processor", profile::processor()),
        ("vector unit", format!("{:?}", Cpu::new().level())),
        ("threads", threads),
        ("free memory", available_memory().map_or_else(unknown, gibibytes)),
        ("free disk", free_disk(Path::new(".")).map_or_else(unknown, gibibytes)),
        ("CUDA device", hardware.cuda_device().unwrap_or_else(|error| format!("missing: {error}"))),
        ("CUDA compiler", compiler.unwrap_or_else(|error| format!("missing: {error}"))),
        ("CUDA cache", cache),
    ];
    lines.iter().fold(String::new(), |mut text, (name, value)| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:14} {value}");
        text
    })
}

fn gibibytes(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
}

/// The memory that new programs can have, where Linux says so.
pub(crate) fn available_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

/// The space that a user may fill on the disk of a folder.
#[cfg(unix)]
fn free_disk(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail * disk.f_frsize)
}

#[cfg(not(unix))]
fn free_disk(_folder: &Path) -> Option<u64> {
    None
}
