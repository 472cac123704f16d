//! The processes that `mpirun` or `srun` started, through the system's MPI (rsmpi over Open MPI or MPICH). Errors of MPI itself
//! are fatal to all ranks, which is its default.

use mpi::Count;
use mpi::collective::SystemOperation;
use mpi::datatype::PartitionMut;
use mpi::environment::Universe;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator as _, CommunicatorCollectives as _, Root as _};

use crate::{ClusterError, Communicator};

/// One of the processes of an MPI job. Ends MPI when dropped, and all processes when dropped by a panic: the others would wait
/// for this one for ever.
pub struct Mpi {
    world: SimpleCommunicator,
    local_rank: usize,
    _universe: Universe,
}

/// Exit code of a panic in Rust.
const PANICKED: i32 = 101;

impl Mpi {
    /// Starts MPI, which a process can do once. Only the thread that calls this may use what it returns.
    pub fn start() -> Result<Self, ClusterError> {
        let (universe, threading) = mpi::initialize_with_threading(mpi::Threading::Funneled)
            .ok_or(ClusterError::Start { reason: "it was started before" })?;
        if threading < mpi::Threading::Funneled {
            return Err(ClusterError::Start { reason: "this MPI is built for programs without threads" });
        }
        let world = universe.world();
        let local_rank = world.split_shared(world.rank()).rank() as usize;
        Ok(Self { world, local_rank, _universe: universe })
    }
}

impl Communicator for Mpi {
    fn rank(&self) -> usize {
        self.world.rank() as usize
    }

    fn size(&self) -> usize {
        self.world.size() as usize
    }

    fn local_rank(&self) -> usize {
        self.local_rank
    }

    fn broadcast(&self, mut bytes: Vec<u8>) -> Result<Vec<u8>, ClusterError> {
        let leader = self.world.process_at_rank(0);
        let mut length = bytes.len() as u64;
        leader.broadcast_into(&mut length);
        count(length as usize)?;
        bytes.resize(length as usize, 0);
        leader.broadcast_into(&mut bytes[..]);
        Ok(bytes)
    }

    fn gather(&self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, ClusterError> {
        let mut lengths = vec![0_u64; self.size()];
        self.world.all_gather_into(&(bytes.len() as u64), &mut lengths[..]);
        let lengths: Vec<usize> = lengths.into_iter().map(|length| length as usize).collect();
        let total = lengths.iter().sum();
        count(total)?;
        let counts: Vec<Count> = lengths.iter().map(|&length| length as Count).collect();
        let starts: Vec<Count> = lengths
            .iter()
            .scan(0, |next, &length| Some(std::mem::replace(next, *next + length) as Count))
            .collect();
        let mut all = vec![0_u8; total];
        let mut parts = PartitionMut::new(&mut all[..], counts, starts);
        self.world.all_gather_varcount_into(bytes, &mut parts);
        let mut rest = &all[..];
        let take = |length| rest.split_off(..length).unwrap_or_default().to_vec();
        Ok(lengths.into_iter().map(take).collect())
    }

    fn sum(&self, values: &mut [f32]) -> Result<(), ClusterError> {
        count(values.len())?;
        let mine = values.to_vec();
        self.world.all_reduce_into(&mine[..], values, SystemOperation::sum());
        Ok(())
    }

    fn barrier(&self) -> Result<(), ClusterError> {
        self.world.barrier();
        Ok(())
    }

    fn abort(&self, code: i32) -> ! {
        self.world.abort(code)
    }
}

impl Drop for Mpi {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.abort(PANICKED);
        }
    }
}

/// Checks a length.
fn count(bytes: usize) -> Result<(), ClusterError> {
    let most = Count::MAX as usize;
    if bytes > most { Err(ClusterError::TooLong { bytes, most }) } else { Ok(()) }
}
