//! The first front alone, without ranking the rest: rows that a pivot dominates are dropped first, and only what is left is
//! sorted (after the sort-filter skyline of Chomicki, Godfrey, Gryz and Liang 2003, DOI 10.1109/ICDE.2003.1260846).
//! Which rows are pivots changes the time, never the answer: what dominates a row that stays, stays.

use super::Sorter;
use crate::objectives::Objectives;

/// Most pivots: after these few more rows would fall.
const PIVOTS: usize = 6;
/// Fewer rows than this are sorted at once.
const FEW: usize = 64;
/// A pivot that drops less than one in so many rows is the last.
const WORTH: usize = 16;
/// How much more a pivot's own objective counts than the others.
const OWN: f64 = 8.0;

/// The rows that no other row dominates, ascending.
pub(super) fn first_front(objectives: &Objectives<'_>) -> Vec<usize> {
    match objectives.m() {
        2 => filter_and_sort::<2>(objectives),
        3 => filter_and_sort::<3>(objectives),
        4 => filter_and_sort::<4>(objectives),
        5 => filter_and_sort::<5>(objectives),
        _ => filter_and_sort::<0>(objectives),
    }
}

/// `M` is the number of objectives, or 0 where that is only known at run time.
fn filter_and_sort<const M: usize>(objectives: &Objectives<'_>) -> Vec<usize> {
    let m = if M == 0 { objectives.m() } else { M };
    let scale = scales::<M>(objectives);
    let mut kept: Vec<u32> = (0..objectives.n() as u32).collect();
    let mut values = objectives.values().to_vec();
    // The first pivot is balanced; the others are good in one objective each.
    for favoured in std::iter::once(None).chain((0..m).map(Some)).take(PIVOTS) {
        let before = kept.len();
        if before <= FEW {
            break;
        }
        let weights: Vec<f64> =
            scale.iter().enumerate().map(|(j, s)| if Some(j) == favoured { OWN * s } else { *s }).collect();
        if let Some(pivot) = lowest::<M>(&values, &weights) {
            drop_dominated::<M>(&mut kept, &mut values, &pivot);
        }
        if (before - kept.len()) * WORTH < before {
            break;
        }
    }
    let rest = Objectives::from_checked(&values, m);
    let mut sorter = Sorter::default();
    let ranks = sorter.ranks(&rest);
    kept.iter().zip(ranks).filter(|(_, rank)| **rank == 0).map(|(&i, _)| i as usize).collect()
}

/// What makes the objectives comparable: one over the width of each.
fn scales<const M: usize>(objectives: &Objectives<'_>) -> Vec<f64> {
    let m = if M == 0 { objectives.m() } else { M };
    let (mut low, mut high) = (vec![f64::INFINITY; m], vec![f64::NEG_INFINITY; m]);
    for row in objectives.values().chunks_exact(m) {
        for ((&value, low), high) in row.iter().zip(&mut low).zip(&mut high) {
            *low = if value < *low { value } else { *low };
            *high = if value > *high { value } else { *high };
        }
    }
    let scale = |(low, high): (&f64, &f64)| 1.0 / (high - low);
    low.iter().zip(&high).map(scale).map(|scale| if scale.is_finite() { scale } else { 0.0 }).collect()
}

/// The row with the lowest weighted sum; `None` if no sum is a number.
fn lowest<const M: usize>(values: &[f64], weights: &[f64]) -> Option<Vec<f64>> {
    let m = if M == 0 { weights.len() } else { M };
    let weights = &weights[..m];
    let mut lowest: Option<(f64, &[f64])> = None;
    for row in values.chunks_exact(m) {
        let sum = row.iter().zip(weights).fold(0.0, |sum, (value, weight)| sum + value * weight);
        if lowest.map_or(!sum.is_nan(), |(least, _)| sum < least) {
            lowest = Some((sum, row));
        }
    }
    lowest.map(|(_, row)| row.to_vec())
}

/// Keeps the rows that `pivot` does not dominate, and their numbers, in order.
fn drop_dominated<const M: usize>(kept: &mut Vec<u32>, values: &mut Vec<f64>, pivot: &[f64]) {
    let m = if M == 0 { pivot.len() } else { M };
    let pivot = &pivot[..m];
    let mut n = 0;
    for at in 0..kept.len() {
        let (before, rest) = values.split_at_mut(at * m);
        let row = &rest[..m];
        let (mut below, mut smaller) = (true, false);
        for (x, y) in pivot.iter().zip(row) {
            below &= x <= y;
            smaller |= x < y;
        }
        if n < at {
            // A row is a few values: a loop, not a call to copy memory.
            before[n * m..][..m].iter_mut().zip(row).for_each(|(to, value)| *to = *value);
            kept[n] = kept[at];
        }
        n += usize::from(!(below & smaller));
    }
    kept.truncate(n);
    values.truncate(n * m);
}
