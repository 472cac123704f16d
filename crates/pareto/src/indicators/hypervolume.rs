//! Exact hypervolume of any number of objectives. The volume is that of the region between the rows and the reference
//! point; nothing is normalised. How each number of objectives is measured is in `volume.rs`.

use super::volume::Volumes;
use crate::objectives::Objectives;

/// The volume that the rows dominate and `reference` bounds.
///
/// A row that is not strictly below `reference` in every objective contributes nothing; neither do dominated and repeated
/// rows. +inf if a contributing row has an objective of −inf, or `reference` one of +inf, or if an area or a volume on
/// the way is beyond the largest double.
///
/// # Panics
///
/// If `reference` has another number of objectives than the rows.
pub fn hypervolume(objectives: &Objectives<'_>, reference: &[f64]) -> f64 {
    let mut kept = Vec::new();
    match rows_inside(objectives, reference, &mut kept) {
        Inside::Finite(rows) => finite_or_endless(Volumes::default().below(rows, reference)),
        Inside::Endless => f64::INFINITY,
    }
}

/// The rows strictly below a reference point.
enum Inside<'a> {
    /// All their distances to the reference point are finite.
    Finite(&'a [f64]),
    /// Some distance is infinite, and so is the volume.
    Endless,
}

/// Finds the rows strictly below `reference`; they are copied to `kept` only if some rows are not.
fn rows_inside<'a>(objectives: &Objectives<'a>, reference: &[f64], kept: &'a mut Vec<f64>) -> Inside<'a> {
    let m = objectives.m();
    assert_eq!(reference.len(), m, "the reference point must have one coordinate an objective");
    // With a fixed number of objectives this pass is vectors.
    let all_plain = match m {
        2 => all_plain::<2>(objectives.values(), reference),
        3 => all_plain::<3>(objectives.values(), reference),
        4 => all_plain::<4>(objectives.values(), reference),
        _ => objectives.rows().all(|row| is_plain(row, reference)),
    };
    if all_plain {
        return Inside::Finite(objectives.values());
    }
    kept.extend(objectives.rows().filter(|row| is_inside(row, reference)).flatten());
    if kept.chunks_exact(m).all(|row| is_plain(row, reference)) {
        Inside::Finite(kept)
    } else {
        Inside::Endless
    }
}

/// Infinities that an overflow made can meet as NaN.
pub(super) fn finite_or_endless(volume: f64) -> f64 {
    if volume.is_nan() { f64::INFINITY } else { volume }
}

fn all_plain<const M: usize>(values: &[f64], reference: &[f64]) -> bool {
    let (rows, _) = values.as_chunks::<M>();
    rows.iter().fold(true, |all, row| all & is_plain(row, &reference[..M]))
}

/// Whether a row is strictly below the reference point in every objective.
pub(super) fn is_inside(row: &[f64], reference: &[f64]) -> bool {
    row.iter().zip(reference).all(|(x, limit)| x < limit)
}

/// Whether it is, and all distances are finite.
#[inline(always)]
pub(super) fn is_plain(row: &[f64], reference: &[f64]) -> bool {
    row.iter()
        .zip(reference)
        .map(|(x, limit)| limit - x)
        .fold(true, |all, side| all & (side > 0.0) & (side < f64::INFINITY))
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
