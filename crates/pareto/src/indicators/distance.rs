//! Distances between a set and a reference front: IGD (Coello Coello and Reyes Sierra 2004,
//! DOI 10.1007/978-3-540-24694-7_71), IGD+ (Ishibuchi et al. 2015, DOI 10.1007/978-3-319-15892-1_8) and the additive
//! epsilon indicator (Zitzler et al. 2003, DOI 10.1109/TEVC.2003.810758). None normalises: scale the rows before.

use crate::objectives::Objectives;

/// Inverted generational distance: the mean, over the rows of `reference`, of the Euclidean distance to the nearest
/// row of `set`.
///
/// +inf for an empty `set`, 0 for an empty `reference`.
///
/// # Panics
///
/// If the numbers of objectives differ.
pub fn igd(set: &Objectives<'_>, reference: &Objectives<'_>) -> f64 {
    mean_nearest(set, reference, |a, z| gap(a, z).powi(2))
}

/// Like [`igd`], but a row is only charged where it is worse than the reference row: weakly Pareto compliant.
///
/// # Panics
///
/// If the numbers of objectives differ.
pub fn igd_plus(set: &Objectives<'_>, reference: &Objectives<'_>) -> f64 {
    mean_nearest(set, reference, |a, z| gap(a, z).max(0.0).powi(2))
}

/// The least amount to subtract from every objective of `set` so that every row of `reference` is weakly dominated.
///
/// +inf for an empty `set`, −inf for an empty `reference`.
///
/// # Panics
///
/// If the numbers of objectives differ.
pub fn additive_epsilon(set: &Objectives<'_>, reference: &Objectives<'_>) -> f64 {
    check(set, reference);
    let shift =
        |a: &[f64], z: &[f64]| a.iter().zip(z).map(|(a, z)| gap(*a, *z)).fold(f64::NEG_INFINITY, f64::max);
    reference
        .rows()
        .map(|z| set.rows().map(|a| shift(a, z)).fold(f64::INFINITY, f64::min))
        .fold(f64::NEG_INFINITY, f64::max)
}

fn mean_nearest(set: &Objectives<'_>, reference: &Objectives<'_>, charge: impl Fn(f64, f64) -> f64) -> f64 {
    check(set, reference);
    if reference.n() == 0 {
        return 0.0;
    }
    let squared = |a: &[f64], z: &[f64]| a.iter().zip(z).map(|(a, z)| charge(*a, *z)).sum::<f64>();
    let nearest = |z: &[f64]| set.rows().map(|a| squared(a, z)).fold(f64::INFINITY, f64::min).sqrt();
    reference.rows().map(nearest).sum::<f64>() / reference.n() as f64
}

/// `a - z`, and 0 between equal infinities.
fn gap(a: f64, z: f64) -> f64 {
    if a == z { 0.0 } else { a - z }
}

fn check(set: &Objectives<'_>, reference: &Objectives<'_>) {
    assert_eq!(set.m(), reference.m(), "the set and the reference front must have the same objectives");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(set: &[f64], reference: &[f64], expected: [f64; 3]) {
        let (set, reference) = (Objectives::new(set, 2).unwrap(), Objectives::new(reference, 2).unwrap());
        let got = [igd(&set, &reference), igd_plus(&set, &reference), additive_epsilon(&set, &reference)];
        assert_eq!(got, expected);
    }

    #[test]
    fn small_examples() {
        check(&[0.0, 1.0, 1.0, 0.0], &[0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0]);
        check(&[3.0, 4.0], &[0.0, 0.0, 3.0, 0.0], [4.5, 4.5, 4.0]);
        // A set that is better than the reference: IGD charges it, IGD+ does not, epsilon is negative.
        check(&[0.0, 0.0], &[3.0, 4.0], [5.0, 0.0, -3.0]);
    }

    #[test]
    fn empty_sets_and_infinities() {
        let inf = f64::INFINITY;
        check(&[], &[1.0, 1.0], [inf, inf, inf]);
        check(&[1.0, 1.0], &[], [0.0, 0.0, -inf]);
        check(&[inf, 0.0], &[inf, 0.0], [0.0, 0.0, 0.0]);
    }
}
