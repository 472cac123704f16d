//! Three and more objectives: efficient non-dominated sort with a binary search over the fronts (ENS-BS; Zhang, Tian,
//! Cheng, Jin 2015, DOI 10.1109/TEVC.2014.2308305). O(m n²) at worst, O(m n √n) typically.

use crate::objectives::Objectives;

/// Ranks from rows in lexicographic `order`.
///
/// A row dominated by a member of one front is dominated by a member of every earlier front, so the fronts
/// that dominate a row are the first ones, and a binary search finds their number.
pub(super) fn ranks(objectives: &Objectives<'_>, order: &[u32]) -> Vec<u32> {
    let mut ranks = vec![0; objectives.n()];
    let mut fronts: Vec<Vec<u32>> = Vec::new();
    let mut previous: Option<(&[f64], u32)> = None;
    for &i in order {
        let row = objectives.row(i as usize);
        let rank = match previous {
            // An equal row needs no place of its own: whatever it dominates, its twin does.
            Some((same, rank)) if same == row => rank,
            _ => {
                let front = fronts.partition_point(|members| is_dominated(objectives, members, row));
                match fronts.get_mut(front) {
                    Some(members) => members.push(i),
                    None => fronts.push(vec![i]),
                }
                front as u32
            }
        };
        ranks[i as usize] = rank;
        previous = Some((row, rank));
    }
    ranks
}

/// Whether some member dominates `row`. Members come earlier in lexicographic order and differ from it, so being
/// nowhere greater is enough. The latest members are the nearest and the likeliest to dominate.
fn is_dominated(objectives: &Objectives<'_>, members: &[u32], row: &[f64]) -> bool {
    members.iter().rev().any(|&j| objectives.row(j as usize).iter().zip(row).skip(1).all(|(x, y)| x <= y))
}
