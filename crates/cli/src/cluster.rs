//! Whether this process is one of several: what the launcher (`mpirun`, `srun`) has put into the environment decides. Rank 0 does
//! what a single process does; the others follow it and say nothing but what goes wrong with them.

use std::process::ExitCode;

use anyhow::{Result, bail};
use cars::run::{self, Hardware, Reduction, Team};
use clap::{Args, ValueEnum};
use cluster::{Communicator, Single};

use crate::{exit, output, stop};

/// How the ranks of a run work together.
#[derive(Args)]
pub(crate) struct Ranks {
    /// Under mpirun or srun: how gradients are added up
    #[arg(long, value_name = "ORDER", default_value = "fixed")]
    reduction: Order,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    /// In the order of the paths: the result is that of one process, to the last bit
    Fixed,
    /// As MPI likes: less to send, and last bits that depend on the number of ranks
    Fast,
    /// As fast, but by NCCL, between the first CUDA devices of each machine
    #[cfg(feature = "nccl")]
    Nccl,
}

impl Ranks {
    /// Joins the other processes, if there are any, and runs: rank 0 leads, the others follow it. An error of one rank ends all.
    pub(crate) fn run(
        &self,
        hardware: &Hardware,
        lead: impl FnOnce(Team<'_>) -> Result<ExitCode>,
    ) -> Result<ExitCode> {
        let cluster = join(self.reduction)?;
        let reduction = if self.reduction == Order::Fixed { Reduction::Fixed } else { Reduction::Fast };
        let team = Team::new(&*cluster, reduction);
        let outcome = if cluster.rank() == 0 {
            lead(team)
        } else {
            stop::be_silent();
            // That the run was interrupted, rank 0 tells: a launcher may end the others for an exit code.
            run::follow(team, hardware, stop::flag()).map(|_| ExitCode::SUCCESS).map_err(Into::into)
        };
        if let (Err(error), true) = (&outcome, cluster.size() > 1) {
            output::note(&format!("error on rank {}: {}", cluster.rank(), exit::message(error)));
            cluster.abort(exit::number(error).into());
        }
        // Nobody leaves before rank 0 has written everything: launchers may end the job when the first does.
        cluster.barrier()?;
        outcome
    }
}

/// The cluster that the launcher has started this process in.
fn join(order: Order) -> Result<Box<dyn Communicator>> {
    let cluster = if launched() == 1 { Box::new(Single) } else { started()? };
    match order {
        Order::Fixed | Order::Fast => Ok(cluster),
        #[cfg(feature = "nccl")]
        Order::Nccl => {
            let device = cluster.local_rank();
            Ok(Box::new(cluster::Nccl::over(cluster, device)?))
        }
    }
}

/// Refuses to work as one of several processes where that is not supported.
pub(crate) fn refuse_ranks(what: &str) -> Result<()> {
    if launched() > 1 {
        bail!("{what} is done by one process: start it without mpirun or srun");
    }
    Ok(())
}

#[cfg(feature = "mpi")]
fn started() -> Result<Box<dyn Communicator>> {
    Ok(Box::new(cluster::Mpi::start()?))
}

#[cfg(not(feature = "mpi"))]
fn started() -> Result<Box<dyn Communicator>> {
    bail!(
        "{} processes were started together, but this cars was built without MPI: build it with \
         `cargo build --release --features mpi`, or start one process",
        launched()
    )
}

/// How many processes a launcher has started together, from what Open MPI and PMI (MPICH, Slurm) put into the environment, and
/// Slurm where it speaks PMIx.
fn launched() -> usize {
    let number = |name: &str| std::env::var(name).ok()?.parse::<usize>().ok();
    let slurm = || std::env::var_os("PMIX_RANK").and_then(|_| number("SLURM_STEP_NUM_TASKS"));
    number("OMPI_COMM_WORLD_SIZE").or_else(|| number("PMI_SIZE")).or_else(slurm).unwrap_or(1)
}
