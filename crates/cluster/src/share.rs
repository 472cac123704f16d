//! Who takes which pieces of work, by their order or by their length. All ranks come to the same. Does not know what the work is.

use std::cmp::Reverse;
use std::ops::Range;

/// The positions of the pieces that one of `ranks` takes where they are to stay in order: a run of neighbours, as long as any
/// other's or one longer or shorter, and empty for some if there are more ranks than pieces.
pub fn neighbours(pieces: usize, rank: usize, ranks: usize) -> Range<usize> {
    let first = |rank: usize| rank * pieces / ranks;
    first(rank)..first(rank + 1)
}

/// The positions of the pieces that each of `ranks` (at least 1) takes: the longest first, each to whoever has least so far (R. L.
/// Graham, Bounds on multiprocessing timing anomalies, SIAM Journal on Applied Mathematics 17, 1969, DOI 10.1137/0117039). Of equal
/// pieces the first goes first, of equally busy ranks the first takes it.
///
/// The busiest rank has at most 4/3 - 1/(3 `ranks`) times the work that it has under the best of all shares.
pub fn longest_first(work: &[u64], ranks: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..work.len()).collect();
    order.sort_by_key(|&piece| Reverse(work[piece]));
    let mut shares = vec![Vec::new(); ranks];
    let mut loads = vec![0; ranks];
    for piece in order {
        let Some(rank) = (0..ranks).min_by_key(|&rank| loads[rank]) else { break };
        loads[rank] += work[piece];
        shares[rank].push(piece);
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_case_of_two_ranks() {
        // The best is 3 + 3 and 2 + 2 + 2; Graham's bound, 7/6 of it, is met.
        let shares = longest_first(&[2, 3, 2, 3, 2], 2);
        assert_eq!(shares, [vec![1, 0, 4], vec![3, 2]]);
    }

    #[test]
    fn more_ranks_than_pieces_leave_some_without() {
        assert_eq!(longest_first(&[0, 5], 3), [vec![1], vec![0], vec![]]);
        assert_eq!(longest_first(&[], 1), [Vec::<usize>::new()]);
    }
}
