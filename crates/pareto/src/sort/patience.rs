//! One or two objectives: O(n log n). In lexicographic order only the lowest second objective of each front so far
//! matters, and these grow with the front, so a binary search finds a row's front (patience sorting; Jensen 2003,
//! DOI 10.1109/TEVC.2003.817234). Three and more objectives need more than one number a front.

use crate::objectives::Objectives;

/// Ranks from rows in lexicographic `order`.
pub(super) fn ranks(objectives: &Objectives<'_>, order: &[u32]) -> Vec<u32> {
    let mut ranks = vec![0; objectives.n()];
    let mut lowest: Vec<f64> = Vec::new();
    let mut previous: Option<(&[f64], u32)> = None;
    for &i in order {
        let row = objectives.row(i as usize);
        let rank = match previous {
            Some((same, rank)) if same == row => rank,
            _ => {
                let last = row.get(1).copied().unwrap_or(0.0);
                let front = lowest.partition_point(|&low| low <= last);
                match lowest.get_mut(front) {
                    Some(low) => *low = last,
                    None => lowest.push(last),
                }
                front as u32
            }
        };
        ranks[i as usize] = rank;
        previous = Some((row, rank));
    }
    ranks
}
