//! The volume above a corner that a few rows leave free, as columns between their first coordinates: each row lowers the
//! ceiling of the columns behind it. All columns are treated alike, so there is no branch to mispredict, and all
//! terms are positive, so nothing cancels.

/// Columns that one pass treats.
const LANES: usize = 8;
/// So many rows fit beside the column at the corner itself.
pub(super) const MOST: usize = 4 * LANES - 1;

type Lanes = [f64; LANES];

/// The volume between `corner` and `limit` that no row of `cuts` dominates. The rows are below the limit, ascending in
/// the third coordinate from that of the corner on, and at most [`MOST`].
#[inline(always)]
pub(super) fn free_volume(corner: [f64; 3], limit: [f64; 3], cuts: &[[f64; 3]]) -> f64 {
    // Columns in no order; those without width start at the limit.
    let mut starts = [limit[0]; MOST + 1];
    starts[0] = corner[0];
    for (start, cut) in starts[1..].iter_mut().zip(cuts) {
        *start = if cut[0] > corner[0] { cut[0] } else { limit[0] };
    }
    let (passes, _) = starts.as_chunks::<LANES>();
    let mut volume = 0.0;
    for (pass, from) in passes.iter().enumerate().take(cuts.len() / LANES + 1) {
        let ends = ends(*from, pass * LANES, limit[0], &starts[..=cuts.len()]);
        let areas = sweep(*from, corner, limit, cuts);
        let mut volumes = [0.0; LANES];
        for lane in 0..LANES {
            volumes[lane] = areas[lane] * (ends[lane] - from[lane]);
        }
        volume += volumes.iter().sum::<f64>();
    }
    volume
}

/// Where the columns end that start at `from`: at the next start. Of equal starts, only the last has a width.
#[inline(always)]
fn ends(from: Lanes, first: usize, limit: f64, starts: &[f64]) -> Lanes {
    let mut ends = [limit; LANES];
    let mut places = [0.0; LANES];
    for lane in 0..LANES {
        places[lane] = (first + lane) as f64;
    }
    let mut place = 0.0;
    for &start in starts {
        for lane in 0..LANES {
            let is_next = (start > from[lane]) | ((start == from[lane]) & (place > places[lane]));
            let end = if is_next { start } else { limit };
            ends[lane] = if end < ends[lane] { end } else { ends[lane] };
        }
        place += 1.0;
    }
    ends
}

/// The areas of the free sides of the columns that start at `from`.
#[inline(always)]
fn sweep(from: Lanes, corner: [f64; 3], limit: [f64; 3], cuts: &[[f64; 3]]) -> Lanes {
    let mut ceilings = [limit[1] - corner[1]; LANES];
    let mut areas = [0.0; LANES];
    let mut level = corner[2];
    for &[cut_x, cut_y, cut_z] in cuts {
        let rise = cut_z - level;
        level = cut_z;
        let low = if cut_y > corner[1] { cut_y - corner[1] } else { 0.0 };
        for lane in 0..LANES {
            areas[lane] += ceilings[lane] * rise;
            let lower = if low < ceilings[lane] { low } else { ceilings[lane] };
            ceilings[lane] = if from[lane] >= cut_x { lower } else { ceilings[lane] };
        }
    }
    let rise = limit[2] - level;
    for lane in 0..LANES {
        areas[lane] += ceilings[lane] * rise;
    }
    areas
}
