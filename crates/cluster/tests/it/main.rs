//! Properties of how work is shared out, for any work and any number of ranks.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests may panic")]

use cluster::{longest_first, neighbours};
use proptest::prelude::*;

fn busiest(work: &[u64], shares: &[Vec<usize>]) -> u64 {
    shares.iter().map(|share| share.iter().map(|&piece| work[piece]).sum()).max().unwrap()
}

/// The least that the busiest rank can have: every way to share out is tried.
fn best(work: &[u64], loads: &mut [u64]) -> u64 {
    let Some((&piece, rest)) = work.split_first() else { return *loads.iter().max().unwrap() };
    let mut least = u64::MAX;
    for rank in 0..loads.len() {
        loads[rank] += piece;
        least = least.min(best(rest, loads));
        loads[rank] -= piece;
    }
    least
}

proptest! {
    #[test]
    fn neighbours_are_all_pieces_in_order(pieces in 0_usize..300, ranks in 1_usize..80) {
        let runs: Vec<_> = (0..ranks).map(|rank| neighbours(pieces, rank, ranks)).collect();
        prop_assert!(runs.iter().cloned().flatten().eq(0..pieces));
        prop_assert!(runs.iter().all(|run| run.len() == pieces / ranks || run.len() == pieces.div_ceil(ranks)));
    }

    #[test]
    fn every_piece_is_taken_once(work in prop::collection::vec(0_u64..1 << 40, 0..300), ranks in 1_usize..80) {
        let shares = longest_first(&work, ranks);
        prop_assert_eq!(shares.len(), ranks);
        let mut taken: Vec<usize> = shares.iter().flatten().copied().collect();
        taken.sort_unstable();
        prop_assert_eq!(taken, (0..work.len()).collect::<Vec<_>>());
        for share in &shares {
            prop_assert!(share.is_sorted_by_key(|&piece| std::cmp::Reverse(work[piece])));
        }
    }

    #[test]
    fn the_busiest_rank_is_within_grahams_bound(
        work in prop::collection::vec(0_u64..20, 1..8),
        ranks in 1_usize..5,
    ) {
        let found = busiest(&work, &longest_first(&work, ranks));
        let best = best(&work, &mut vec![0; ranks]);
        // 4/3 - 1/(3 m), without fractions.
        let m = ranks as u64;
        prop_assert!(best <= found && 3 * m * found <= (4 * m - 1) * best, "{found} where {best} can be");
    }
}
