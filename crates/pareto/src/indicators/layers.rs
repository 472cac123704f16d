//! Five and more objectives: rows enter in ascending last objective, and each adds what it alone dominates of the others, up to
//! the limit (While, Bradstreet, Barone 2012, DOI 10.1109/TEVC.2010.2077298). That is the row's box, cut at the nearest
//! rows that bound it in one objective, less the volume of the rows that reach into it: far fewer, one objective less.

use super::volume::Volumes;
use crate::dominance::is_below;

/// The buffers of one depth of the recursion.
#[derive(Debug, Clone, Default)]
pub(super) struct Layer {
    order: Vec<u32>,
    /// The rows so far, without the last objective, that no other dominates.
    front: Vec<f64>,
    limit: Vec<f64>,
    /// The rows that reach into the box at hand, cut down to it.
    cut: Vec<f64>,
}

/// The volume that `rows` dominate below `limit`.
pub(super) fn below(volumes: &mut Volumes, rows: &[f64], limit: &[f64]) -> f64 {
    let m = limit.len();
    let last = m - 1;
    if volumes.layers.len() <= m {
        volumes.layers.resize_with(m + 1, Layer::default);
    }
    let mut layer = std::mem::take(&mut volumes.layers[m]);
    volumes.order.sort(rows.iter().skip(last).step_by(m).copied());
    layer.order.clear();
    layer.order.extend(volumes.order.rows());
    layer.front.clear();
    let mut volume = 0.0;
    for &i in &layer.order {
        let row = &rows[i as usize * m..][..m];
        let added =
            exclusive(volumes, &mut layer.limit, &mut layer.cut, &layer.front, &row[..last], &limit[..last]);
        volume += added * (limit[last] - row[last]);
        if added > 0.0 {
            remove_dominated(&mut layer.front, &row[..last]);
            layer.front.extend_from_slice(&row[..last]);
        }
    }
    volumes.layers[m] = layer;
    volume
}

/// The volume below `limit` that `row` dominates and no row of `others` does.
pub(super) fn exclusive(
    volumes: &mut Volumes,
    bound: &mut Vec<f64>,
    cut: &mut Vec<f64>,
    others: &[f64],
    row: &[f64],
    limit: &[f64],
) -> f64 {
    bound.clear();
    bound.extend_from_slice(limit);
    cut.clear();
    // The loops over objectives are unrolled where their number is a constant.
    let is_covered = match row.len() {
        2 => cut_others(bound, cut, others, &row[..2]),
        3 => cut_others(bound, cut, others, &row[..3]),
        4 => cut_others(bound, cut, others, &row[..4]),
        _ => cut_others(bound, cut, others, row),
    };
    if is_covered {
        return 0.0;
    }
    let full: f64 = row.iter().zip(&*bound).map(|(x, limit)| limit - x).product();
    if cut.is_empty() { full } else { full - volumes.below(cut, bound) }
}

/// Lowers `bound` to the rows of `others` that are above `row` in one objective only, and cuts those that reach below it down to
/// the box in between. Returns whether some row dominates or equals `row`.
#[inline(always)]
fn cut_others(bound: &mut [f64], cut: &mut Vec<f64>, others: &[f64], row: &[f64]) -> bool {
    let m = row.len();
    let bound = &mut bound[..m];
    for other in others.chunks_exact(m) {
        let (mut n_above, mut above) = (0, 0);
        for at in 0..m {
            let is_above = other[at] > row[at];
            n_above += usize::from(is_above);
            above = if is_above { at } else { above };
        }
        match n_above {
            0 => return true,
            1 => bound[above] = bound[above].min(other[above]),
            _ => {}
        }
    }
    for other in others.chunks_exact(m) {
        if (0..m).fold(true, |inside, at| inside & (other[at] < bound[at])) {
            cut.extend(other.iter().zip(row).map(|(y, x)| y.max(*x)));
        }
    }
    false
}

/// Removes the rows that `row` dominates or equals.
pub(super) fn remove_dominated(rows: &mut Vec<f64>, row: &[f64]) {
    let m = row.len();
    let mut kept = 0;
    for at in (0..rows.len()).step_by(m) {
        if !is_below(row, &rows[at..][..m]) {
            if kept < at {
                rows.copy_within(at..at + m, kept);
            }
            kept += m;
        }
    }
    rows.truncate(kept);
}
