//! Random search: distinct cells, drawn uniformly.

use random::{Purpose, stream};
use space::{NasBench201Space, SearchSpace};

use super::{Memory, Method};

pub(super) fn run(seed: u64, memory: &mut Memory) {
    let mut rng = stream(seed, Purpose::Tabular, Method::Random as u64, 0);
    while !memory.is_spent() {
        memory.look(NasBench201Space.sample(&mut rng));
    }
}
