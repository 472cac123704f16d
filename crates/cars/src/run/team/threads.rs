//! Ranks that are threads of one process, for tests.

use std::sync::{Barrier, Mutex};
use std::thread;

use cluster::{ClusterError, Communicator};

/// What each of so many ranks returns that do this together.
pub(in crate::run) fn together<T: Send>(
    ranks: usize,
    each: impl Fn(&dyn Communicator) -> T + Sync,
) -> Vec<T> {
    let table = Table { messages: Mutex::new(vec![Vec::new(); ranks]), barrier: Barrier::new(ranks) };
    let of_rank = |number| each(&Rank { table: &table, number, size: ranks });
    let of_rank = &of_rank;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..ranks).map(|rank| scope.spawn(move || of_rank(rank))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// What ranks of one process share.
struct Table {
    messages: Mutex<Vec<Vec<u8>>>,
    barrier: Barrier,
}

/// A thread that is a rank.
struct Rank<'a> {
    table: &'a Table,
    number: usize,
    size: usize,
}

impl Communicator for Rank<'_> {
    fn rank(&self) -> usize {
        self.number
    }

    fn size(&self) -> usize {
        self.size
    }

    fn local_rank(&self) -> usize {
        self.number
    }

    fn broadcast(&self, bytes: Vec<u8>) -> Result<Vec<u8>, ClusterError> {
        Ok(self.gather(&bytes)?.swap_remove(0))
    }

    fn gather(&self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, ClusterError> {
        self.table.messages.lock().unwrap()[self.number] = bytes.to_vec();
        self.barrier()?;
        let all = self.table.messages.lock().unwrap().clone();
        self.barrier()?;
        Ok(all)
    }

    fn sum(&self, values: &mut [f32]) -> Result<(), ClusterError> {
        let all = self.gather(&to_bytes(values))?;
        for (at, value) in values.iter_mut().enumerate() {
            let of = |bytes: &Vec<u8>| f32::from_le_bytes(bytes.as_chunks().0[at]);
            *value = all.iter().map(of).sum();
        }
        Ok(())
    }

    fn barrier(&self) -> Result<(), ClusterError> {
        self.table.barrier.wait();
        Ok(())
    }

    fn abort(&self, code: i32) -> ! {
        unreachable!("no rank gives up, and none with {code}")
    }
}

fn to_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
