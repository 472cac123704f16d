//! Pareto dominance of two rows, in its minimising form. Sorting whole populations is in `sort`.

/// Whether `a` dominates `b`: nowhere greater, somewhere smaller.
///
/// Equal rows do not dominate each other. Comparisons are IEEE's, so −0 equals +0 and infinities equal themselves.
///
/// ```
/// assert!(pareto::dominates(&[1.0, 2.0], &[1.0, 3.0]));
/// assert!(!pareto::dominates(&[1.0, 2.0], &[1.0, 2.0]));
/// ```
///
/// # Panics
///
/// If the rows have different lengths.
pub fn dominates(a: &[f64], b: &[f64]) -> bool {
    assert_eq!(a.len(), b.len(), "rows to compare must have the same number of objectives");
    let mut smaller = false;
    for (x, y) in a.iter().zip(b) {
        if x > y {
            return false;
        }
        smaller |= x < y;
    }
    smaller
}

/// Whether `row` is nowhere greater than `other`; without a branch, since nothing can foresee it.
#[inline(always)]
pub(crate) fn is_below(row: &[f64], other: &[f64]) -> bool {
    row.iter().zip(other).fold(true, |below, (x, y)| below & (x <= y))
}
