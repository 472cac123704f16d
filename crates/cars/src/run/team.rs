//! The processes of a run, and what they tell each other. Every one holds the whole state and takes the same decisions; what
//! they share out is the paths of a step and the individuals of a generation. So the result does not depend on how many there
//! are. Rank 0 leads: it alone has the run directory and observers.

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(super) mod threads;

use std::ops::Range;

use cluster::{Communicator, Single, neighbours};
use serde::Serialize;
use serde::de::DeserializeOwned;
use supernet::{Contribution, Pool};

use super::RunError;
use crate::run_dir::binary;

/// In which order the gradients of several ranks are added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reduction {
    /// In the order of the paths: the result is that of one process, to the last bit.
    #[default]
    Fixed,
    /// As the library likes (MPI's or NCCL's all-reduce): less is sent, and the last bits depend on the number of ranks.
    Fast,
}

/// The processes that work on a run, and how they add up gradients.
#[derive(Clone, Copy)]
pub struct Team<'a> {
    cluster: &'a dyn Communicator,
    reduction: Reduction,
}

impl Team<'static> {
    /// One process.
    pub fn alone() -> Self {
        Self { cluster: &Single, reduction: Reduction::Fixed }
    }
}

impl<'a> Team<'a> {
    /// All ranks of a cluster.
    pub fn new(cluster: &'a dyn Communicator, reduction: Reduction) -> Self {
        Self { cluster, reduction }
    }

    pub(crate) fn is_one(&self) -> bool {
        self.cluster.size() == 1
    }

    pub(crate) fn size(&self) -> usize {
        self.cluster.size()
    }

    pub(crate) fn rank(&self) -> usize {
        self.cluster.rank()
    }

    pub(crate) fn local_rank(&self) -> usize {
        self.cluster.local_rank()
    }

    /// The leader's value, which the others lack, for everybody.
    pub(crate) fn broadcast<T: Serialize + DeserializeOwned>(&self, value: Option<T>) -> Result<T, RunError> {
        let bytes = value.as_ref().map(binary::encode).transpose()?.unwrap_or_default();
        let bytes = self.cluster.broadcast(bytes)?;
        match value {
            Some(value) => Ok(value),
            None => Ok(binary::decode(&bytes)?),
        }
    }

    /// Everybody's values, in the order of ranks.
    pub(crate) fn gather<T: Serialize + DeserializeOwned>(&self, value: &T) -> Result<Vec<T>, RunError> {
        let all = self.cluster.gather(&binary::encode(value)?)?;
        all.iter().map(|bytes| Ok(binary::decode(bytes)?)).collect()
    }

    /// Whether it is so for any rank.
    pub(crate) fn any(&self, here: bool) -> Result<bool, RunError> {
        if self.is_one() {
            return Ok(here);
        }
        Ok(self.cluster.gather(&[u8::from(here)])?.iter().flatten().any(|&there| there != 0))
    }

    /// Refuses to go on if this is not the same for all ranks.
    pub(crate) fn agree(&self, what: &'static str, here: &[u8]) -> Result<(), RunError> {
        if self.is_one() {
            return Ok(());
        }
        let all = self.cluster.gather(here)?;
        match all.iter().position(|there| there != &all[0]) {
            Some(rank) => Err(RunError::RanksDiffer { what, rank }),
            None => Ok(()),
        }
    }

    /// Which of so many paths of a step are this rank's: a run of neighbours, or none if there are fewer paths than ranks.
    pub(crate) fn own(&self, paths: usize) -> Range<usize> {
        neighbours(paths, self.rank(), self.size())
    }

    /// The contributions of all ranks to a step, in the order of its paths.
    pub(crate) fn exchange(&self, mut own: Vec<Contribution>) -> Result<Vec<Contribution>, RunError> {
        if self.is_one() {
            return Ok(own);
        }
        match self.reduction {
            Reduction::Fixed => self.gather_all(&own),
            Reduction::Fast => {
                let sums = Pool::take(&mut own);
                let mut all = self.gather_all(&own)?;
                let mut pool = Pool::new(&all, &sums);
                self.cluster.sum(&mut pool.values)?;
                pool.give(&mut all);
                Ok(all)
            }
        }
    }

    fn gather_all(&self, own: &[Contribution]) -> Result<Vec<Contribution>, RunError> {
        unpack(&self.cluster.gather(&pack(own))?)
    }
}

/// The message that a rank sends.
pub(crate) fn pack(own: &[Contribution]) -> Vec<u8> {
    let mut message = Vec::new();
    for contribution in own {
        contribution.write(&mut message);
    }
    let mut bytes = vec![0; size_of::<u32>() * message.len()];
    for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(message) {
        *bytes = word.to_le_bytes();
    }
    bytes
}

/// What the messages of all ranks say.
pub(crate) fn unpack(messages: &[Vec<u8>]) -> Result<Vec<Contribution>, RunError> {
    let mut all = Vec::new();
    for bytes in messages {
        let words: Vec<u32> = bytes.as_chunks().0.iter().copied().map(u32::from_le_bytes).collect();
        let mut rest = &words[..];
        while !rest.is_empty() {
            all.push(Contribution::read(&mut rest)?);
        }
    }
    Ok(all)
}
