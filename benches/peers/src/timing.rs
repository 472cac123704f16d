//! Times peers in turn, so that noise of the machine hits all alike, and checks them against each other.
//! A turn is some milliseconds long: after a slow neighbour a single fast call would only measure cold caches.

use std::time::{Duration, Instant};

use crate::cases::Case;
use crate::peers::Peer;

const TURN: Duration = Duration::from_millis(10);

/// So many matrices of a rotation are checked.
const CHECKED: usize = 4;

/// The peer whose ranks the others must have where no file says what is right.
const MEASURE: &str = "non-dominated-sort";

/// Prints a line a peer, in the columns that the usage names.
pub(crate) fn run(case: &Case, peers: &mut [Box<dyn Peer + '_>], budget: Duration) {
    let mut clocks: Vec<Clock> = peers.iter().map(|_| Clock::default()).collect();
    while clocks.iter().any(|clock| clock.used < budget) {
        for (peer, clock) in peers.iter_mut().zip(&mut clocks).filter(|(_, clock)| clock.used < budget) {
            clock.turn(peer.as_mut(), case.matrices.len());
        }
    }
    let measure = peers.iter().position(|peer| peer.name() == MEASURE).filter(|_| case.ranks.is_none());
    let expected: Vec<Vec<u32>> = match (&case.ranks, measure) {
        (Some(ranks), _) => vec![ranks.clone()],
        (None, Some(measure)) => {
            (0..case.matrices.len().min(CHECKED)).map(|index| peers[measure].ranks(index)).collect()
        }
        (None, None) => Vec::new(),
    };
    for (place, (peer, clock)) in peers.iter_mut().zip(&mut clocks).enumerate() {
        let fronts = peer.ranks(0).iter().max().map_or(0, |&last| last + 1);
        // −1: there was nothing to compare with.
        let wrong = if expected.is_empty() || measure == Some(place) {
            -1
        } else {
            let wrong = |(index, ranks): (usize, &Vec<u32>)| differences(ranks, &peer.ranks(index));
            expected.iter().enumerate().map(wrong).sum::<usize>() as i64
        };
        println!(
            "{}\t{}\t{}\t{}\t{:.6}\t{:.6}\t{}\t{fronts}\t{wrong}",
            peer.name(),
            case.name,
            case.n,
            case.m,
            clock.least() * 1e3,
            clock.median() * 1e3,
            clock.seconds.len(),
        );
    }
}

fn differences(a: &[u32], b: &[u32]) -> usize {
    a.iter().zip(b).filter(|(a, b)| a != b).count() + a.len().abs_diff(b.len())
}

/// The times of one peer.
#[derive(Default)]
struct Clock {
    /// One entry a call.
    seconds: Vec<f64>,
    /// The least of each matrix.
    least: Vec<f64>,
    used: Duration,
}

impl Clock {
    /// Sorts matrices in rotation until the turn is over; at least one.
    fn turn(&mut self, peer: &mut dyn Peer, matrices: usize) {
        self.least.resize(matrices, f64::INFINITY);
        let mut turn = Duration::ZERO;
        while turn < TURN {
            let index = self.seconds.len() % matrices;
            let start = Instant::now();
            peer.sort(index);
            let taken = start.elapsed();
            turn += taken;
            self.seconds.push(taken.as_secs_f64());
            self.least[index] = self.least[index].min(taken.as_secs_f64());
        }
        self.used += turn;
    }

    /// The mean over the matrices of each one's least time; matrices that were never reached do not count.
    fn least(&self) -> f64 {
        let reached: Vec<f64> = self.least.iter().copied().filter(|least| least.is_finite()).collect();
        reached.iter().sum::<f64>() / reached.len() as f64
    }

    fn median(&mut self) -> f64 {
        self.seconds.sort_unstable_by(f64::total_cmp);
        self.seconds[self.seconds.len() / 2]
    }
}
