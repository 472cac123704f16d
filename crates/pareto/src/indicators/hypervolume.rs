//! Exact hypervolume of any number of objectives. The volume is that of the region between the rows and the reference
//! point; nothing is normalised. How each number of objectives is measured is in `volume.rs`.

use super::volume::Volumes;
use crate::objectives::Objectives;

/// The volume that the rows dominate and `reference` bounds.
///
/// A row that is not strictly below `reference` in every objective contributes nothing. +inf if a contributing row
/// has an objective of −inf, or `reference` one of +inf.
///
/// # Panics
///
/// If `reference` has another number of objectives than the rows.
pub fn hypervolume(objectives: &Objectives<'_>, reference: &[f64]) -> f64 {
    assert_eq!(reference.len(), objectives.m(), "the reference point must have one coordinate an objective");
    let is_inside = |row: &&[f64]| row.iter().zip(reference).fold(true, |all, (x, r)| all & (x < r));
    let kept: Vec<f64>;
    let rows = if objectives.rows().fold(true, |all, row| all & is_inside(&row)) {
        objectives.values()
    } else {
        kept = objectives.rows().filter(is_inside).flatten().copied().collect();
        &kept
    };
    let is_endless = |row: &[f64]| row.iter().zip(reference).fold(false, |any, (x, r)| any | (r - x).is_infinite());
    if rows.chunks_exact(objectives.m()).fold(false, |any, row| any | is_endless(row)) {
        return f64::INFINITY;
    }
    Volumes::default().below(rows, reference)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[f64], reference: &[f64], expected: f64) {
        let objectives = Objectives::new(rows, reference.len()).unwrap();
        assert_eq!(hypervolume(&objectives, reference), expected, "{rows:?} below {reference:?}");
    }

    #[test]
    fn small_examples() {
        check(&[], &[1.0, 1.0], 0.0);
        check(&[0.25, 0.5], &[1.0], 0.75);
        check(&[0.0, 2.0, 1.0, 1.0, 2.0, 0.0], &[3.0, 3.0], 6.0);
        check(&[1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 4.0, 0.0, 0.0, 4.0], &[3.0, 3.0], 4.0);
        check(&[0.0, 0.0, 2.0, 0.0, 2.0, 0.0, 2.0, 0.0, 0.0], &[3.0; 3], 9.0 + 9.0 + 9.0 - 3.0 * 3.0 + 1.0);
        check(&[0.0; 5], &[2.0; 5], 32.0);
    }

    #[test]
    fn infinities() {
        let inf = f64::INFINITY;
        check(&[-inf, 0.0], &[1.0, 1.0], inf);
        check(&[-inf, 1.0, 0.0, 0.0], &[1.0, 1.0], 1.0);
        check(&[0.0, 0.0], &[inf, 1.0], inf);
        check(&[inf, inf], &[inf, 1.0], 0.0);
    }
}
