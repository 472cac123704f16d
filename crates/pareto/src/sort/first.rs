//! The first front alone, without ranking the rest: rows that a pivot dominates are dropped first, and only what is left is
//! sorted (after the sort-filter skyline of Chomicki, Godfrey, Gryz and Liang 2003, DOI 10.1109/ICDE.2003.1260846).
//! Which rows are pivots changes the time, never the answer: what dominates a row that stays, stays.

use crate::objectives::Objectives;

/// Most pivots: after these few more rows would fall.
const PIVOTS: usize = 6;
/// Fewer rows than this are sorted at once.
const FEW: usize = 64;
/// A pivot that drops less than one in so many rows is the last.
const WORTH: usize = 8;
/// Most rows of a sample.
const GLANCE: usize = 256;
/// How much more a pivot's own objective counts than the others.
const OWN: f64 = 8.0;

/// The rows that are left, kept from call to call.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    pub(super) kept: Vec<u32>,
    values: Vec<f64>,
}

impl Filter {
    /// Drops rows that others dominate. What is left, in order, with the rows' indices in `kept`; `None` if too few would
    /// fall.
    pub(super) fn drop_dominated<'a>(&'a mut self, objectives: &Objectives<'_>) -> Option<Objectives<'a>> {
        let has_dropped = match objectives.m() {
            2 => self.drop_by_pivots::<2>(objectives),
            3 => self.drop_by_pivots::<3>(objectives),
            4 => self.drop_by_pivots::<4>(objectives),
            5 => self.drop_by_pivots::<5>(objectives),
            _ => self.drop_by_pivots::<0>(objectives),
        };
        has_dropped.then(|| Objectives::from_checked(&self.values, objectives.m()))
    }

    /// `M` is the number of objectives, or 0 where that is only known at run time.
    fn drop_by_pivots<const M: usize>(&mut self, objectives: &Objectives<'_>) -> bool {
        let m = if M == 0 { objectives.m() } else { M };
        let n = objectives.n();
        if n <= FEW {
            return false;
        }
        // A sample sets the scale, and tells whether a pivot is worth it.
        self.values.clear();
        let sample = objectives.values().chunks_exact(m).step_by(n.div_ceil(GLANCE));
        sample.for_each(|row| self.values.extend_from_slice(row));
        let scale = scales::<M>(&self.values, m);
        let Some(pivot) = lowest::<M>(&self.values, &scale) else { return false };
        let sample = self.values.chunks_exact(m);
        let n_sample = sample.len();
        if sample.filter(|row| is_dominated::<M>(row, &pivot)).count() * WORTH < n_sample {
            return false;
        }
        self.kept.clear();
        self.kept.extend(0..n as u32);
        self.values.clear();
        self.values.extend_from_slice(objectives.values());
        // The first pivot is balanced; the others are good in one objective each.
        for favoured in std::iter::once(None).chain((0..m).map(Some)).take(PIVOTS) {
            let before = self.kept.len();
            if before <= FEW {
                break;
            }
            let mut weights = scale.clone();
            if let Some(favoured) = favoured {
                weights[favoured] *= OWN;
            }
            if let Some(pivot) = lowest::<M>(&self.values, &weights) {
                self.drop::<M>(&pivot);
            }
            if (before - self.kept.len()) * WORTH < before {
                break;
            }
        }
        true
    }

    /// Keeps the rows that `pivot` does not dominate.
    fn drop<const M: usize>(&mut self, pivot: &[f64]) {
        let m = if M == 0 { pivot.len() } else { M };
        let Self { kept, values } = self;
        let mut n = 0;
        for at in 0..kept.len() {
            let (before, rest) = values.split_at_mut(at * m);
            let row = &rest[..m];
            let falls = is_dominated::<M>(row, pivot);
            if n < at {
                // A row is a few values: a loop, not a call to copy memory.
                before[n * m..][..m].iter_mut().zip(row).for_each(|(to, value)| *to = *value);
                kept[n] = kept[at];
            }
            n += usize::from(!falls);
        }
        kept.truncate(n);
        values.truncate(n * m);
    }
}

/// What makes the objectives comparable: one over the width of each.
fn scales<const M: usize>(values: &[f64], m: usize) -> Vec<f64> {
    let m = if M == 0 { m } else { M };
    let (mut low, mut high) = (vec![f64::INFINITY; m], vec![f64::NEG_INFINITY; m]);
    for row in values.chunks_exact(m) {
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

/// Whether `pivot` dominates a row, without a branch.
#[inline(always)]
fn is_dominated<const M: usize>(row: &[f64], pivot: &[f64]) -> bool {
    let m = if M == 0 { pivot.len() } else { M };
    let (mut below, mut smaller) = (true, false);
    for (x, y) in pivot[..m].iter().zip(row) {
        below &= x <= y;
        smaller |= x < y;
    }
    below & smaller
}
