//! The niche-preserving draw of NSGA-III (Deb and Jain 2014, algorithm 4): the emptiest niche first, its nearest
//! individual if nobody holds it yet, a random one of its individuals otherwise.
//!
//! The niches that hold equally few are filled in turns. While all of them fit, each gets one individual, in whatever order;
//! only which of them get the last ones is drawn. The survivors have the distribution of algorithm 4, with less to draw.

use super::association::Tie;
use crate::draw::{below, sample_to_front};
use rand_core::Rng;

/// Chooses `missing` of the open individuals: their positions in `ties`, which must hold at least as many.
///
/// `ties` are those of all individuals, and `is_open` says which are to be drawn from; the others hold their niches.
pub(super) fn fill(
    n_niches: usize,
    ties: &[Tie],
    is_open: &impl Fn(usize) -> bool,
    missing: usize,
    rng: &mut impl Rng,
) -> Vec<u32> {
    let mut holders = vec![0_u32; n_niches];
    let mut ends = vec![0_u32; n_niches];
    for (position, tie) in ties.iter().enumerate() {
        let open = u32::from(is_open(position));
        ends[tie.niche as usize] += open;
        holders[tie.niche as usize] += 1 - open;
    }
    let mut waiting: Vec<u32> = (0..n_niches as u32).filter(|&niche| ends[niche as usize] > 0).collect();
    let mut niches = Niches::new(ends, ties, is_open);
    waiting.sort_by_key(|&niche| holders[niche as usize]);
    let mut waiting = waiting.into_iter().peekable();

    let mut chosen = Vec::with_capacity(missing);
    let mut current: Vec<u32> = Vec::new();
    let mut held = 0;
    while chosen.len() < missing {
        if current.is_empty() {
            let next = waiting.peek().expect("niching: an individual is left to draw");
            held = holders[*next as usize];
        }
        while let Some(niche) = waiting.next_if(|&niche| holders[niche as usize] == held) {
            current.push(niche);
        }
        let left = missing - chosen.len();
        if left < current.len() {
            sample_to_front(rng, &mut current, left);
            current.truncate(left);
        }
        for &niche in &current {
            chosen.push(if held == 0 { niches.nearest(niche) } else { niches.any(niche, rng) });
        }
        current.retain(|&niche| niches.is_open(niche));
        held += 1;
    }
    chosen
}

/// The open individuals of every niche.
struct Niches {
    /// All of them, niche by niche, nearest first; of equally near ones the first.
    members: Vec<u32>,
    /// Where the niches' lists begin and end.
    starts: Vec<u32>,
    ends: Vec<u32>,
}

impl Niches {
    /// Sorts the open individuals into their niches, of which `counts` says how many each has.
    fn new(mut counts: Vec<u32>, ties: &[Tie], is_open: &impl Fn(usize) -> bool) -> Self {
        let mut total = 0;
        let mut starts = Vec::with_capacity(counts.len());
        for count in &mut counts {
            starts.push(total);
            total += *count;
            // From here on the end of what has been filled in.
            *count = total - *count;
        }
        let mut ends = counts;
        let mut members = vec![0; total as usize];
        for (position, tie) in ties.iter().enumerate().filter(|(position, _)| is_open(*position)) {
            let end = &mut ends[tie.niche as usize];
            members[*end as usize] = position as u32;
            *end += 1;
        }
        let distance = |position: u32| ties[position as usize].distance;
        for (&start, &end) in starts.iter().zip(&ends).filter(|(start, end)| *end - *start > 1) {
            members[start as usize..end as usize].sort_by(|&a, &b| distance(a).total_cmp(&distance(b)));
        }
        Self { members, starts, ends }
    }

    fn is_open(&self, niche: u32) -> bool {
        self.starts[niche as usize] < self.ends[niche as usize]
    }

    /// Takes the nearest individual of a niche from which nothing has been taken.
    fn nearest(&mut self, niche: u32) -> u32 {
        let start = &mut self.starts[niche as usize];
        *start += 1;
        self.members[*start as usize - 1]
    }

    /// Takes a random individual of a niche.
    fn any(&mut self, niche: u32, rng: &mut impl Rng) -> u32 {
        let (start, end) = (self.starts[niche as usize] as usize, self.ends[niche as usize] as usize);
        let at = if end - start == 1 { start } else { start + below(rng, end - start) };
        self.members.swap(at, end - 1);
        self.ends[niche as usize] -= 1;
        self.members[end - 1]
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
        let ties = [&held[..], &open[..]].concat();
        let mut second = [0; 8];
        for seed in 0..600 {
            let draw = |missing| {
                let mut rng = stream(seed, Purpose::Test, 0, missing as u64);
                fill(4, &ties, &|position| position >= 3, missing, &mut rng)
            };
            assert_eq!(draw(1), [6], "niche 2 is empty, and this is its nearest");
            let two = draw(2);
            assert_eq!(two[0], 6);
            second[two[1] as usize] += 1;
            let mut three = draw(3)[1..].to_vec();
            three.sort_unstable();
            assert!(three == [4, 5] || three == [4, 7], "one of niche 1 and one of niche 2: {three:?}");
            let mut all = draw(5);
            all.sort_unstable();
            assert_eq!(all, [3, 4, 5, 6, 7]);
        }
        // The second is from niche 1 or from what is left of niche 2, each half of the time. Five standard deviations
        // are 61.
        assert!((240..=360).contains(&second[4]) && second[5] > 90 && second[7] > 90, "{second:?}");
        assert_eq!(second[3], 0, "niche 0 is the fullest");
    }
}
