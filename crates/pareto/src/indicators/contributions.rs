//! What single rows are worth: the volume that one row alone dominates. The definition is literal (hypervolume with the row less that
//! without it), so a row that only this one dominates counts too. Two objectives take a sort and a sweep, three a sweep over cells
//! (`cells.rs`, cf. Guerreiro and Fonseca 2018, DOI 10.1109/TEVC.2017.2729550), others one exclusive volume a row.

use super::cells;
use super::hypervolume::{finite_or_endless, is_inside, is_plain};
use super::layers;
use super::volume::Volumes;
use crate::dominance::is_below;
use crate::objectives::Objectives;
use crate::sort::order::Order;

/// The hypervolume that each row alone adds to that of the other rows.
///
/// 0 for a row that another dominates or equals, or that is not strictly below `reference` in every objective. +inf for any other
/// row with an infinite distance to `reference`.
///
/// O(n log n) for two objectives, about that for three; each row costs O(n) comparisons and the volume of
/// the rows near it for others.
///
/// # Panics
///
/// If `reference` has another number of objectives than the rows.
pub fn contributions(objectives: &Objectives<'_>, reference: &[f64]) -> Vec<f64> {
    let m = objectives.m();
    assert_eq!(reference.len(), m, "the reference point must have one coordinate an objective");
    let inside: Vec<usize> =
        (0..objectives.n()).filter(|&i| is_inside(objectives.row(i), reference)).collect();
    let rows: Vec<f64> = inside.iter().flat_map(|&i| objectives.row(i)).copied().collect();
    let own = match *reference {
        [x, y] if rows.chunks_exact(m).all(|row| is_plain(row, reference)) => strips(&rows, [x, y]),
        [x, y, z] if rows.chunks_exact(m).all(|row| is_plain(row, reference)) => {
            cells::volumes(&rows, [x, y, z])
        }
        _ => each(&rows, reference),
    };
    let mut contributions = vec![0.0; objectives.n()];
    for (i, own) in inside.into_iter().zip(own) {
        contributions[i] = own;
    }
    contributions
}

/// The hypervolume that each row of `candidates` would add to that of `set`, were it added alone.
///
/// 0 and +inf as for [`contributions`]. O(n) comparisons a candidate, and the volume of the rows near it.
///
/// # Panics
///
/// If the numbers of objectives differ.
pub fn gains(candidates: &Objectives<'_>, set: &Objectives<'_>, reference: &[f64]) -> Vec<f64> {
    assert_eq!(candidates.m(), set.m(), "the candidates and the set must have the same objectives");
    assert_eq!(reference.len(), set.m(), "the reference point must have one coordinate an objective");
    let mut gain = Gain::default();
    candidates.rows().map(|row| gain.of(row, set.values(), reference)).collect()
}

/// The buffers of exclusive volumes, kept from call to call.
#[derive(Debug, Clone, Default)]
pub(super) struct Gain {
    volumes: Volumes,
    bound: Vec<f64>,
    cut: Vec<f64>,
}

impl Gain {
    /// The volume that `row` adds to that of `others`.
    pub(super) fn of(&mut self, row: &[f64], others: &[f64], reference: &[f64]) -> f64 {
        let Self { volumes, bound, cut } = self;
        if is_plain(row, reference) {
            finite_or_endless(layers::exclusive(volumes, bound, cut, others, row, reference))
        } else if !is_inside(row, reference)
            || others.chunks_exact(row.len()).any(|other| is_below(other, row))
        {
            0.0
        } else {
            f64::INFINITY
        }
    }
}

/// Any number of objectives: every row against all others.
fn each(rows: &[f64], reference: &[f64]) -> Vec<f64> {
    let m = reference.len();
    let mut gain = Gain::default();
    let mut others = rows.to_vec();
    others.truncate(rows.len().saturating_sub(m));
    // `others` lacks the last row; then, step by step, the row before.
    let mut own = vec![0.0; rows.len() / m];
    for (i, row) in rows.chunks_exact(m).enumerate().rev() {
        own[i] = gain.of(row, &others, reference);
        if let Some(before) = i.checked_sub(1) {
            others[before * m..][..m].copy_from_slice(row);
        }
    }
    own
}

/// Two objectives, ascending: an undominated row owns the strips up to the next one, between itself and the lowest row
/// above it.
fn strips(rows: &[f64], limit: [f64; 2]) -> Vec<f64> {
    let mut order = Order::default();
    order.sort(&Objectives::from_checked(rows, 2));
    let (rows, _) = rows.as_chunks::<2>();
    let mut own = vec![0.0; rows.len()];
    let Some(first) = order.rows().next() else {
        return own;
    };
    let mut owner = first as usize;
    let (mut left, mut ceiling) = (rows[owner][0], limit[1]);
    for i in order.rows().skip(1) {
        let [x, y] = rows[i as usize];
        let floor = rows[owner][1];
        own[owner] += (x - left) * (ceiling - floor);
        left = x;
        if y < floor {
            (owner, ceiling) = (i as usize, floor);
        } else {
            ceiling = ceiling.min(y);
        }
    }
    own[owner] += (limit[0] - left) * (ceiling - rows[owner][1]);
    own
}
