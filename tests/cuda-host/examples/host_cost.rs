//! What a training step costs the host on CUDA, the driver aside: steps on a machine that takes every order and carries out none.
//! `cargo run --release -p cars-cuda-host --example host_cost`.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "an example for a terminal")]
#![allow(clippy::disallowed_methods, reason = "it is about the clock")]

use std::hint::black_box;
use std::time::Instant;

use kernels::cuda::{Launch, Machine};
use kernels::{Cuda, KernelError, Precision};
use random::{Purpose, stream};
use space::{DartsSpace, MacroPlan, Primitive, SearchSpace};
use supernet::{Sgd, Supernet};

const SGD: Sgd = Sgd { learning_rate: 0.025, momentum: 0.9, weight_decay: 3e-4, gradient_clip: 5.0 };

/// Takes orders; what is read from it is zeros.
struct Idle;

/// Memory by its size; where it lies does not matter.
#[derive(Default)]
struct Nothing(usize);

impl Machine for Idle {
    type Memory = Nothing;
    type Recording = ();

    fn precision(&self) -> Precision {
        Precision::F32
    }

    fn begin_recording(&self) -> Result<(), KernelError> {
        Ok(())
    }

    fn end_recording(&self) -> Result<(), KernelError> {
        Ok(())
    }

    fn replay(&self, (): &()) -> Result<(), KernelError> {
        Ok(())
    }

    fn allocate(&self, bytes: usize) -> Result<Nothing, KernelError> {
        Ok(Nothing(bytes))
    }

    fn address(&self, memory: &Nothing) -> u64 {
        4096 * memory.0 as u64
    }

    fn write(&self, _: &[u8], _: &mut Nothing) -> Result<(), KernelError> {
        Ok(())
    }

    fn read(&self, _: &Nothing, to: &mut [u8]) -> Result<(), KernelError> {
        to.fill(0);
        Ok(())
    }

    fn clear(&self, _: &mut Nothing, _: usize) -> Result<(), KernelError> {
        Ok(())
    }

    fn launch(&self, mut launch: Launch) -> Result<(), KernelError> {
        black_box(launch.arguments());
        Ok(())
    }
}

/// The paths that `gpu-check` measures; the least of many steps of each.
fn main() {
    let space = DartsSpace { primitives: Primitive::DARTS[1..].to_vec(), ..DartsSpace::new() };
    let mut supernet = Supernet::new(Cuda::on(Idle), &MacroPlan::search(), 1).unwrap();
    let (images, labels) = (vec![0.5; 128 * 3072], vec![0; 128]);
    println!("path  launches  us a step  ns a launch");
    for index in 0..8 {
        let path = space.sample(&mut stream(1, Purpose::Test, 1, index));
        let (mut least, mut launches) = (f64::INFINITY, 0);
        for _ in 0..300 {
            let before = supernet.backend().launches();
            let begun = Instant::now();
            supernet.train_step(&[&path], &images, &labels, &SGD).unwrap();
            least = least.min(begun.elapsed().as_secs_f64());
            launches = supernet.backend().launches() - before;
        }
        println!("{index:4}  {launches:8}  {:9.0}  {:11.0}", 1e6 * least, 1e9 * least / launches as f64);
    }
}
