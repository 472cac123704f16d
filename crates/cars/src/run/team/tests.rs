//! Ranks as threads: for any number of them, the paths of a step are shared out whole, and what comes back is in their order.

use std::collections::BTreeSet;
use std::sync::{Barrier, Mutex};
use std::thread;

use cluster::{ClusterError, Communicator};
use proptest::collection::vec;
use proptest::prelude::*;
use supernet::Contribution;

use super::{Reduction, Team};

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

/// What each of so many ranks has after it has exchanged its paths' contributions with the others.
fn exchanged(paths: &[Contribution], ranks: usize, reduction: Reduction) -> Vec<Vec<u32>> {
    let table = Table { messages: Mutex::new(vec![Vec::new(); ranks]), barrier: Barrier::new(ranks) };
    let of_rank = |rank| {
        let cluster = Rank { table: &table, number: rank, size: ranks };
        let team = Team::new(&cluster, reduction);
        words(&team.exchange(paths[team.own(paths.len())].to_vec()).unwrap())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..ranks).map(|rank| scope.spawn(move || of_rank(rank))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn words(contributions: &[Contribution]) -> Vec<u32> {
    let mut words = Vec::new();
    for one in contributions {
        one.write(&mut words);
    }
    words
}

/// The contribution of a path that has touched some of eight weights, each of one number.
fn contribution() -> impl Strategy<Value = Contribution> {
    vec(prop::option::of(-1e3_f32..1e3), 8).prop_map(|weights| {
        let touched = weights.iter().enumerate().filter_map(|(index, value)| Some((index as u32, (*value)?)));
        let (indices, values): (Vec<u32>, Vec<f32>) = touched.unzip();
        let count = indices.len() as u32;
        let mut message = vec![4, 1, 0, 0, count, count, 0, 0];
        message.extend(indices.into_iter().flat_map(|index| [index, 1]));
        message.extend(values.into_iter().map(f32::to_bits));
        Contribution::read(&mut &message[..]).unwrap()
    })
}

/// The weights that a path has touched.
fn touched(path: &Contribution) -> Vec<u32> {
    let words = words(std::slice::from_ref(path));
    words[8..].chunks(2).take(words[4] as usize).map(|part| part[0]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_rank_has_all_paths_in_order(paths in vec(contribution(), 0..9), ranks in 1_usize..7) {
        for found in exchanged(&paths, ranks, Reduction::Fixed) {
            prop_assert_eq!(&found, &words(&paths));
        }
    }

    #[test]
    fn every_rank_has_the_same_sums(paths in vec(contribution(), 1..9), ranks in 2_usize..7) {
        let all = exchanged(&paths, ranks, Reduction::Fast);
        prop_assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
        // Gradients are there once, whichever paths share them.
        let weights = paths.iter().flat_map(touched).collect::<BTreeSet<_>>().len();
        prop_assert_eq!(all[0].len(), 8 * paths.len() + 3 * weights);
    }
}
