//! The niche-preserving draw of NSGA-III (Deb and Jain 2014, algorithm 4): the emptiest niche first, its nearest
//! individual if nobody holds it yet, a random one of its individuals otherwise. O(1) a draw, apart from the sorting.

use super::association::Tie;
use crate::draw::below;
use rand_core::Rng;

/// The niches that can still be filled, by how many survivors they hold.
pub(super) struct Niches {
    /// Per niche the open individuals, nearest first (of equally near ones the first).
    open: Vec<Vec<u32>>,
    /// Niches whose turn is yet to come, with the survivors they hold: fullest first, so that they leave from the end.
    waiting: Vec<(u32, u32)>,
    /// How many survivors the niches in turn hold.
    held: u32,
    /// The niches in turn, and those already raised to `held + 1`.
    current: Vec<u32>,
    raised: Vec<u32>,
}

impl Niches {
    /// `held` are the ties of the survivors so far, `open` those of the individuals to draw from.
    pub(super) fn new(n_niches: usize, held: &[Tie], open: &[Tie]) -> Self {
        let mut holders = vec![0_u32; n_niches];
        for tie in held {
            holders[tie.niche as usize] += 1;
        }
        let mut members = vec![Vec::new(); n_niches];
        for (position, tie) in open.iter().enumerate() {
            members[tie.niche as usize].push(position as u32);
        }
        let distance = |position: u32| open[position as usize].distance;
        for positions in &mut members {
            positions.sort_by(|&a, &b| distance(a).total_cmp(&distance(b)));
        }
        let mut waiting: Vec<(u32, u32)> = (0..n_niches as u32)
            .filter(|&niche| !members[niche as usize].is_empty())
            .map(|niche| (holders[niche as usize], niche))
            .collect();
        waiting.sort_unstable_by(|a, b| b.cmp(a));
        Self { open: members, waiting, held: 0, current: Vec::new(), raised: Vec::new() }
    }

    /// Draws one open individual: its position in the list the niches were built from.
    ///
    /// # Panics
    ///
    /// If no individual is open any more.
    pub(super) fn draw(&mut self, rng: &mut impl Rng) -> usize {
        if self.current.is_empty() {
            self.advance();
        }
        let at = below(rng, self.current.len());
        let niche = self.current.swap_remove(at);
        let members = &mut self.open[niche as usize];
        let chosen = if self.held == 0 { 0 } else { below(rng, members.len()) };
        let individual = members.remove(chosen);
        if !members.is_empty() {
            self.raised.push(niche);
        }
        individual as usize
    }

    /// Moves on to the least number of holders that some niche with open individuals has.
    fn advance(&mut self) {
        self.held = if self.raised.is_empty() {
            self.waiting.last().expect("niching: an individual is left to draw").0
        } else {
            self.held + 1
        };
        self.current.append(&mut self.raised);
        while let Some((_, niche)) = self.waiting.pop_if(|(holders, _)| *holders == self.held) {
            self.current.push(niche);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use random::{Purpose, stream};

    fn tie(niche: u32, distance: f64) -> Tie {
        Tie { niche, distance }
    }

    #[test]
    fn the_emptiest_niche_gives_its_nearest() {
        let held = [tie(0, 0.0), tie(0, 0.0), tie(1, 0.0)];
        let open = [tie(0, 0.1), tie(1, 0.2), tie(2, 0.9), tie(2, 0.3), tie(2, 0.5)];
        for seed in 0..50 {
            let mut rng = stream(seed, Purpose::Test, 0, 0);
            let mut niches = Niches::new(4, &held, &open);
            let drawn: Vec<usize> = (0..5).map(|_| niches.draw(&mut rng)).collect();
            assert_eq!(drawn[0], 3, "niche 2 is empty, and 3 is its nearest");
            let mut second = drawn[1..3].to_vec();
            second.sort_unstable();
            assert!(
                second == [1, 2] || second == [1, 4],
                "then one of niche 1 and one of niche 2: {drawn:?}"
            );
            let mut all = drawn.clone();
            all.sort_unstable();
            assert_eq!(all, [0, 1, 2, 3, 4]);
        }
    }
}
