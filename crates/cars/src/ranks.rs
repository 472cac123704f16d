//! What a search would take on more ranks: a model without clock or chance, but for [`measure`], which times on this machine what
//! a shortened run does not tell. A rank trains its paths of a step and evaluates its share of a generation; all wait for the
//! busiest, and what passes between them costs by [`Link`]. Assumptions: a network takes time by its multiply-adds, all ranks are
//! as fast as the one that was measured, none waits for images, and nothing is sent while a rank computes.

mod gpu;
mod measure;

use cluster::{longest_first, neighbours};
use serde::Serialize;

pub use cluster::Link;
pub use gpu::{Floor, Gpu};
pub use measure::{Shared, measure};

use crate::foresee::{Amount, Paces};

/// What there is to share out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Load {
    /// Steps of the search.
    pub steps: usize,
    /// Paths of a step.
    pub paths: usize,
    /// Mean bytes of what a path gives to a step.
    pub bytes_per_path: f64,
    /// Generations that are evaluated.
    pub generations: usize,
    /// The individuals of a generation, each by the multiply-adds of its network.
    pub individuals: Vec<u64>,
}

/// What it takes, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Costs {
    /// One path of a step: its batch, forward and backward.
    pub path: f64,
    /// What every rank does in a step for all paths: gradients are added up, weights and statistics follow.
    pub update: f64,
    /// Putting what a path gives into a message.
    pub packing: f64,
    /// Taking it out of one.
    pub unpacking: f64,
    /// The evaluation of an individual of mean size.
    pub evaluation: f64,
    /// What more ranks do not shorten, in the whole search: the start, with its images, and checkpoints.
    pub fixed: f64,
}

/// A search on so many ranks; times in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Foreseen {
    /// Ranks.
    pub ranks: usize,
    /// A step.
    pub step: f64,
    /// The part of it that one process alone would not have: messages are made, sent and read.
    pub exchange: f64,
    /// The evaluation of a generation.
    pub generation: f64,
    /// The whole search.
    pub search: f64,
    /// How many times faster than on one rank.
    pub speed_up: f64,
    /// That by the number of ranks.
    pub efficiency: f64,
}

/// Bytes of the message in which a rank says whether it is to stop.
const STOP: usize = 1;

/// Bytes by which an individual's accuracy is sent.
const SCORE: usize = 16;

impl Costs {
    /// Of a search that was timed on one process. A lone path of a step is not shared out, so all of the step is its own.
    pub fn measured(paces: &Paces, amount: Amount, load: &Load, shared: &Shared) -> Self {
        let times = paces.times(amount);
        let step = times.steps / load.steps.max(1) as f64;
        let update = if load.paths > 1 { shared.update } else { 0.0 };
        Self {
            path: (step - update).max(0.0) / load.paths as f64,
            update,
            packing: shared.packing,
            unpacking: shared.unpacking,
            evaluation: times.evaluations / amount.evaluations.max(1) as f64,
            fixed: times.start + times.checkpoints,
        }
    }

    /// Of a search whose ranks are faster than this machine: by the times of a lone path's step and of an evaluation there, and of
    /// what is done in the host's memory here. How long images and checkpoints take is not known, and left out.
    ///
    /// A step of several paths has one optimiser, but each path's time contains one, and [`Shared::update`] another: it comes out
    /// too long by one optimiser here and one there for every path but the first of the busiest rank. That gradients go from and to
    /// the device is not counted.
    pub fn stated(step: f64, evaluation: f64, load: &Load, shared: &Shared) -> Self {
        let update = if load.paths > 1 { shared.update } else { 0.0 };
        let Shared { packing, unpacking, .. } = *shared;
        Self { path: step, update, packing, unpacking, evaluation, fixed: 0.0 }
    }
}

impl Load {
    /// What it takes on so many ranks (at least 1).
    pub fn on(&self, ranks: usize, costs: &Costs, link: &Link) -> Foreseen {
        let alone = self.search(1, costs, link);
        let search = self.search(ranks, costs, link);
        let speed_up = alone / search;
        Foreseen {
            ranks,
            step: self.step(ranks, costs, link),
            exchange: self.exchange(ranks, costs, link),
            generation: self.generation(ranks, costs, link),
            search,
            speed_up,
            efficiency: speed_up / ranks as f64,
        }
    }

    fn search(&self, ranks: usize, costs: &Costs, link: &Link) -> f64 {
        let steps = self.steps as f64 * self.step(ranks, costs, link);
        costs.fixed + steps + self.generations as f64 * self.generation(ranks, costs, link)
    }

    fn step(&self, ranks: usize, costs: &Costs, link: &Link) -> f64 {
        self.busiest(ranks) * costs.path + costs.update + self.exchange(ranks, costs, link)
    }

    /// Paths of mean size that the busiest rank has: the mean over as many steps as there are individuals, each on some neighbours
    /// among them, whose order is that of chance.
    fn busiest(&self, ranks: usize) -> f64 {
        let count = self.individuals.len();
        let share = |first: usize, rank: usize| {
            let own = neighbours(self.paths, rank, ranks);
            own.map(|path| self.individuals[(first + path) % count]).sum::<u64>()
        };
        let longest = |first| (0..ranks).map(|rank| share(first, rank)).max().unwrap_or(0);
        let total: u64 = (0..count).map(longest).sum();
        total as f64 / count.max(1) as f64 / self.mean()
    }

    fn exchange(&self, ranks: usize, costs: &Costs, link: &Link) -> f64 {
        let stop = link.gather(ranks, (ranks * STOP) as f64);
        if ranks == 1 || self.paths == 1 {
            return stop;
        }
        let (own, all) = (self.paths.div_ceil(ranks) as f64, self.paths as f64);
        stop + own * costs.packing + link.gather(ranks, all * self.bytes_per_path) + all * costs.unpacking
    }

    fn generation(&self, ranks: usize, costs: &Costs, link: &Link) -> f64 {
        let load = |share: &Vec<usize>| share.iter().map(|&one| self.individuals[one]).sum::<u64>();
        let busiest = longest_first(&self.individuals, ranks).iter().map(load).max().unwrap_or(0);
        let scores = (self.individuals.len() * SCORE) as f64;
        costs.evaluation * busiest as f64 / self.mean() + link.gather(ranks, scores)
    }

    /// The mean size of an individual.
    fn mean(&self) -> f64 {
        let count = self.individuals.len().max(1);
        (self.individuals.iter().sum::<u64>() as f64 / count as f64).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COSTS: Costs =
        Costs { path: 1.0, update: 0.25, packing: 0.0, unpacking: 0.0, evaluation: 2.0, fixed: 10.0 };

    fn load(paths: usize) -> Load {
        Load { steps: 100, paths, bytes_per_path: 0.0, generations: 5, individuals: vec![3, 1, 2, 2] }
    }

    /// A link that costs nothing.
    const FREE: Link = Link { bandwidth: f64::INFINITY, latency: 0.0 };

    #[test]
    fn paths_and_individuals_are_shared_out_and_the_rest_is_not() {
        let one = load(4).on(1, &COSTS, &FREE);
        assert_eq!((one.step, one.exchange, one.generation), (4.25, 0.0, 8.0));
        assert_eq!(one.search, 10.0 + 425.0 + 40.0);
        assert_eq!((one.speed_up, one.efficiency), (1.0, 1.0));
        // Generation: 3 + 1 and 2 + 2. Step: twice the same, twice 3 + 2 on one rank; by the mean size of 2.
        let two = load(4).on(2, &COSTS, &FREE);
        assert_eq!((two.step, two.generation), (2.25 + 0.25, 4.0));
        // Two of the three have one path, one has two: sizes of 4, 5, 4 and 3.
        assert_eq!(load(4).on(3, &COSTS, &FREE).step, 2.0 + 0.25);
        // No more than a path each, and the largest takes as long anywhere.
        let many = load(4).on(64, &COSTS, &FREE);
        assert_eq!((many.step, many.generation), (1.5 + 0.25, 3.0));
        assert_eq!(many.search, 10.0 + 175.0 + 15.0);
        assert!((many.efficiency - 475.0 / 200.0 / 64.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_sent_costs_by_its_bytes_and_rounds() {
        let load = Load { bytes_per_path: 1e6, ..load(4) };
        let costs = Costs { packing: 0.01, unpacking: 0.001, ..COSTS };
        let link = Link { bandwidth: 1e9, latency: 1e-3 };
        let exchange = load.on(2, &costs, &link).exchange;
        // Four rounds of one message; half of four contributions; two packed, four unpacked.
        let expected = 4e-3 + 2e-3 + 0.02 + 0.004;
        assert!((exchange - expected).abs() < 1e-6, "{exchange}");
        assert_eq!(load.on(1, &costs, &link).exchange, 0.0);
        // A lone path stays where it is.
        let lone = Load { paths: 1, ..load };
        assert!((lone.on(2, &costs, &link).exchange - 2e-3).abs() < 1e-6);
    }

    #[test]
    fn a_measured_step_is_its_paths_and_what_all_share() {
        let shared = Shared { update: 0.5, packing: 0.1, unpacking: 0.2 };
        let amount = Amount { warm_up: 40, training: 60, evaluations: 20, checkpoints: 3 };
        let paces = Paces::of_seconds([4.5, 4.5, 2.0, 1.0], 7.0);
        let expected =
            Costs { path: 1.0, update: 0.5, packing: 0.1, unpacking: 0.2, evaluation: 2.0, fixed: 10.0 };
        assert_eq!(Costs::measured(&paces, amount, &load(4), &shared), expected);
        let lone = Costs::measured(&paces, amount, &load(1), &shared);
        assert_eq!((lone.path, lone.update), (4.5, 0.0));
    }
}
