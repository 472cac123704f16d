//! What of a long search goes into its page, so that the page stays a page: some generations, evenly spread, and the cells
//! of some networks, newest first.

use crate::event::Generation;

/// The most generations that a page shows one by one.
const GENERATIONS: usize = 100;

/// The most individuals in all of them together, as long as there are a few generations.
const INDIVIDUALS: usize = 10_000;

/// Generations that a page shows however large they are.
const AT_LEAST: usize = 5;

/// The most networks whose cells are drawn.
pub(super) const DRAWINGS: usize = 200;

/// The most warnings, newest ones.
pub(super) const WARNINGS: usize = 50;

/// The generations that are shown: the first, the last, and others evenly between.
pub(super) fn generations<'a>(all: &[&'a Generation]) -> Vec<&'a Generation> {
    let population = all.iter().map(|generation| generation.individuals.len()).max().unwrap_or(0).max(1);
    let room = (INDIVIDUALS / population).clamp(AT_LEAST, GENERATIONS);
    if all.len() <= room {
        return all.to_vec();
    }
    (0..room).map(|index| all[index * (all.len() - 1) / (room - 1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(count: usize) -> Vec<usize> {
        let generation = |generation| Generation {
            generation,
            generations: count,
            epoch: 0,
            evaluated: 0,
            individuals: Vec::new(),
            front: Vec::new(),
            hypervolume: 0.0,
            reference: Vec::new(),
        };
        let all: Vec<Generation> = (0..count).map(generation).collect();
        generations(&all.iter().collect::<Vec<_>>()).iter().map(|generation| generation.generation).collect()
    }

    #[test]
    fn a_short_search_is_kept_whole_and_a_long_one_evenly() {
        assert_eq!(kept(0), Vec::<usize>::new());
        assert_eq!(kept(100), (0..100).collect::<Vec<_>>());
        let long = kept(1000);
        assert_eq!((long.len(), long[0], long[99]), (100, 0, 999));
        assert!(long.windows(2).all(|pair| (10..=11).contains(&(pair[1] - pair[0]))));
    }
}
