//! A cluster of one: nothing is sent.

use crate::{ClusterError, Communicator};

/// The only process of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Single;

impl Communicator for Single {
    fn rank(&self) -> usize {
        0
    }

    fn size(&self) -> usize {
        1
    }

    fn local_rank(&self) -> usize {
        0
    }

    fn broadcast(&self, bytes: Vec<u8>) -> Result<Vec<u8>, ClusterError> {
        Ok(bytes)
    }

    fn gather(&self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, ClusterError> {
        Ok(vec![bytes.to_vec()])
    }

    fn sum(&self, _: &mut [f32]) -> Result<(), ClusterError> {
        Ok(())
    }

    fn barrier(&self) -> Result<(), ClusterError> {
        Ok(())
    }

    #[allow(clippy::exit, reason = "it is what the caller asks for")]
    fn abort(&self, code: i32) -> ! {
        std::process::exit(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_keeps_what_it_has() {
        let single = Single;
        assert_eq!((single.rank(), single.size(), single.local_rank()), (0, 1, 0));
        assert_eq!(single.broadcast(vec![1, 2]).unwrap(), [1, 2]);
        assert_eq!(single.gather(&[3]).unwrap(), [[3]]);
        let mut values = [1.5, -0.0];
        single.sum(&mut values).unwrap();
        assert_eq!(values.map(f32::to_bits), [1.5_f32, -0.0].map(f32::to_bits));
        single.barrier().unwrap();
    }
}
