//! The volume above a corner that a few rows leave free, as columns between their first coordinates: each row lowers the
//! ceiling of the columns behind it. All columns are treated alike, so there is no branch to mispredict, and all
//! terms are positive, so nothing cancels.

/// So many rows fit: with the column at the corner itself they fill the widest vectors used.
pub(super) const MOST: usize = 31;

/// The volume between `corner` and `limit` that no row of `cuts` dominates. The rows are below the limit, ascending in
/// the third coordinate from that of the corner on, and at most [`MOST`].
#[inline(always)]
pub(super) fn free_volume(corner: [f64; 3], limit: [f64; 3], cuts: &[[f64; 3]]) -> f64 {
    match cuts.len() {
        0..8 => columns::<8>(corner, limit, cuts),
        8..16 => columns::<16>(corner, limit, cuts),
        _ => columns::<32>(corner, limit, cuts),
    }
}

/// The same with `N` columns. Their number is fixed, so that the loops over them become vectors.
#[inline(always)]
fn columns<const N: usize>(corner: [f64; 3], limit: [f64; 3], cuts: &[[f64; 3]]) -> f64 {
    // Columns in no order; those without width start at the limit.
    let mut from = [limit[0]; N];
    from[0] = corner[0];
    for (start, cut) in from[1..].iter_mut().zip(cuts) {
        *start = if cut[0] > corner[0] { cut[0] } else { limit[0] };
    }
    let ends = ends(&from, limit[0], cuts.len() + 1);
    let areas = sweep(&from, corner, limit, cuts);
    let mut volumes = [0.0; N];
    for at in 0..N {
        volumes[at] = areas[at] * (ends[at] - from[at]);
    }
    volumes.iter().sum()
}

/// Where the first `n` columns end: at the next start. Of equal starts, only the last has a width.
#[inline(always)]
fn ends<const N: usize>(from: &[f64; N], limit: f64, n: usize) -> [f64; N] {
    let places: [f64; N] = std::array::from_fn(|at| at as f64);
    let mut ends = [limit; N];
    for (&start, &place) in from.iter().zip(&places).take(n) {
        for at in 0..N {
            let is_next = (start > from[at]) | ((start == from[at]) & (place > places[at]));
            let end = if is_next { start } else { limit };
            ends[at] = if end < ends[at] { end } else { ends[at] };
        }
    }
    ends
}

/// The areas of the free sides of the columns that start at `from`.
#[inline(always)]
fn sweep<const N: usize>(from: &[f64; N], corner: [f64; 3], limit: [f64; 3], cuts: &[[f64; 3]]) -> [f64; N] {
    let mut ceilings = [limit[1] - corner[1]; N];
    let mut areas = [0.0; N];
    let mut level = corner[2];
    for &[cut_x, cut_y, cut_z] in cuts {
        let rise = cut_z - level;
        level = cut_z;
        let low = if cut_y > corner[1] { cut_y - corner[1] } else { 0.0 };
        for at in 0..N {
            areas[at] += ceilings[at] * rise;
            let lower = if low < ceilings[at] { low } else { ceilings[at] };
            ceilings[at] = if from[at] >= cut_x { lower } else { ceilings[at] };
        }
    }
    let rise = limit[2] - level;
    for at in 0..N {
        areas[at] += ceilings[at] * rise;
    }
    areas
}
