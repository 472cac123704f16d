//! NSGA-II survivor selection: fronts first, then crowding distance in the front that does not fit (Deb et al. 2002,
//! DOI 10.1109/4235.996017). Parent selection and variation are the caller's.

use crate::crowding::crowding;
use crate::objectives::Objectives;
use crate::sort::{group, ranks_until};

/// The `keep` survivors, indices ascending: whole fronts while they fit, then the loneliest of the next front.
///
/// Deterministic: of equally lonely rows the lower index stays. `keep >= n` keeps all.
pub fn select(objectives: &Objectives<'_>, keep: usize) -> Vec<usize> {
    let mut survivors = Vec::with_capacity(keep.min(objectives.n()));
    for front in group(&ranks_until(objectives, keep)) {
        let missing = keep - survivors.len();
        if front.len() <= missing {
            survivors.extend(front);
        } else {
            let distances = crowding(objectives, &front);
            let mut order: Vec<usize> = (0..front.len()).collect();
            order.sort_by(|&a, &b| distances[b].total_cmp(&distances[a]));
            survivors.extend(order[..missing].iter().map(|&position| front[position]));
        }
    }
    survivors.sort_unstable();
    survivors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lonely_stay() {
        let rows = [0.0, 4.0, 1.0, 2.0, 1.1, 1.9, 2.0, 1.0, 4.0, 0.0, 5.0, 5.0];
        let objectives = Objectives::new(&rows, 2).unwrap();
        let check = |keep, expected: &[usize]| assert_eq!(select(&objectives, keep), expected, "keep {keep}");
        check(0, &[]);
        check(2, &[0, 4]);
        check(3, &[0, 3, 4]);
        check(5, &[0, 1, 2, 3, 4]);
        check(9, &[0, 1, 2, 3, 4, 5]);
    }
}
