//! Parent selection of U-NSGA-III, the niching-based tournament (Seada and Deb 2016, DOI 10.1109/TEVC.2015.2459718): it
//! gives NSGA-III selection pressure where niches are crowded, as they are with one or two objectives. Survivor selection is
//! that of `nsga3`.

use crate::draw::{below, sample_to_front};
use crate::nsga3::Tie;
use rand_core::Rng;

/// The winners of `n_winners` tournaments between two individuals each.
///
/// Of two individuals in one niche the one with the better rank wins, of equal ranks the nearer one to the niche's
/// reference direction; otherwise chance decides. Opponents are neighbours in a random order of all individuals, and
/// a new order is drawn whenever one is used up: so all individuals compete equally often, but for the last order. A single
/// individual wins unopposed.
///
/// ```
/// use pareto::{Objectives, nsga3, ranks, reference, unsga3};
/// # use random::{Purpose, stream};
/// # let mut rng = stream(1, Purpose::Test, 0, 0);
/// let rows = [0.0, 1.0, 0.1, 1.1, 1.0, 0.0, 1.1, 0.1];
/// let objectives = Objectives::new(&rows, 2)?;
/// let ties = nsga3::associate(&objectives, &reference::das_dennis(2, 3));
/// let parents = unsga3::tournament(&ranks(&objectives), &ties, 4, &mut rng);
/// assert_eq!(parents.len(), 4);
/// # Ok::<(), pareto::ObjectivesError>(())
/// ```
///
/// # Panics
///
/// If `ranks` and `ties` differ in length, or if there is no individual but `n_winners` is not 0.
pub fn tournament(ranks: &[u32], ties: &[Tie], n_winners: usize, rng: &mut impl Rng) -> Vec<usize> {
    assert_eq!(ranks.len(), ties.len(), "each individual needs a rank and a tie");
    assert!(!ranks.is_empty() || n_winners == 0, "a tournament needs an individual");
    let n = ranks.len();
    if n == 1 {
        return vec![0; n_winners];
    }
    let mut order: Vec<usize> = (0..n).collect();
    let mut winners = Vec::with_capacity(n_winners);
    while winners.len() < n_winners {
        sample_to_front(rng, &mut order, n);
        // One individual of an odd number sits out this order.
        for pair in order.chunks_exact(2).take(n_winners - winners.len()) {
            winners.push(winner(pair[0], pair[1], ranks, ties, rng));
        }
    }
    winners
}

fn winner(a: usize, b: usize, ranks: &[u32], ties: &[Tie], rng: &mut impl Rng) -> usize {
    let same_niche = ties[a].niche == ties[b].niche;
    let better = ranks[a].cmp(&ranks[b]).then(ties[a].distance.total_cmp(&ties[b].distance));
    if same_niche && better.is_ne() { if better.is_lt() { a } else { b } } else { [a, b][below(rng, 2)] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use random::{Purpose, stream};

    /// How often each individual wins `n` times 400 tournaments.
    fn wins(ranks: &[u32], niches: &[(u32, f64)]) -> Vec<usize> {
        let ties: Vec<Tie> = niches.iter().map(|&(niche, distance)| Tie { niche, distance }).collect();
        let mut counts = vec![0; ranks.len()];
        for seed in 0..400 {
            let mut rng = stream(seed, Purpose::Test, 0, 0);
            for winner in tournament(ranks, &ties, ranks.len(), &mut rng) {
                counts[winner] += 1;
            }
        }
        counts
    }

    #[test]
    fn within_a_niche_rank_and_then_distance_decide() {
        assert_eq!(wins(&[1, 0], &[(3, 0.1), (3, 0.9)]), [0, 800]);
        assert_eq!(wins(&[1, 1], &[(3, 0.1), (3, 0.9)]), [800, 0]);
    }

    #[test]
    fn otherwise_chance_decides() {
        // Five standard deviations of a binomial(800, 1/2) are 71.
        for niches in [[(0, 0.1), (1, 0.9)], [(2, 0.5), (2, 0.5)]] {
            let counts = wins(&[0, u32::from(niches[0].0 != niches[1].0)], &niches);
            assert!(counts.iter().all(|count| count.abs_diff(400) < 71), "{niches:?}: {counts:?}");
        }
    }

    #[test]
    fn everyone_competes_equally_often() {
        // All in one niche: the best wins each of its two tournaments, the worst none.
        let counts = wins(&[0, 1, 2, 3], &[(0, 0.0); 4]);
        assert_eq!((counts[0], counts[3]), (800, 0));
        assert_eq!(counts.iter().sum::<usize>(), 1600);
    }

    #[test]
    fn none_and_one() {
        let mut rng = stream(1, Purpose::Test, 0, 0);
        assert!(tournament(&[], &[], 0, &mut rng).is_empty());
        assert_eq!(tournament(&[5], &[Tie { niche: 0, distance: 0.0 }], 3, &mut rng), [0; 3]);
    }
}
