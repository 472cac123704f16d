//! The part of a box that a growing set of rows of three objectives dominates, as the list of its undominated rows by the
//! third objective. A row that enters is compared with all; only the few that reach into what it adds are swept.

use super::columns;
use super::stairs::Stairs;

/// Undominated rows, ascending in the third coordinate.
#[derive(Debug, Clone, Default)]
pub(super) struct Solid {
    x: Vec<f64>,
    y: Vec<f64>,
    z: Vec<f64>,
    limit: [f64; 3],
    /// The rows that cut into what a new row adds, none below it, and the places of those that it dominates. There is room
    /// for all.
    cuts: Vec<[f64; 3]>,
    covered: Vec<usize>,
    stairs: Stairs,
}

impl Solid {
    /// Empties the box, whose upper corner is `limit`, for at most `n` rows.
    #[inline(always)]
    pub(super) fn reset(&mut self, limit: [f64; 3], n: usize) {
        self.x.clear();
        self.y.clear();
        self.z.clear();
        self.limit = limit;
        if self.cuts.len() < n + 1 {
            self.cuts.resize(n + 1, [0.0; 3]);
            self.covered.resize(n + 1, 0);
        }
    }

    /// Adds a row strictly below the limit and returns the volume that no row before dominated.
    #[inline(always)]
    pub(super) fn insert(&mut self, [x, y, z]: [f64; 3]) -> f64 {
        let start = self.z.partition_point(|other| *other < z);
        // The rows below bound what is added to the right and upwards.
        let [x_limit, y_limit] =
            nearest(&self.x[..start], &self.y[..start], [x, y], [self.limit[0], self.limit[1]]);
        if x_limit <= x {
            return 0.0;
        }
        let (cuts, covered) = (self.cuts.as_mut_slice(), self.covered.as_mut_slice());
        let (mut n_cuts, mut n_covered) = (0, 0);
        // Every place is written, and kept by moving on: no branch to mispredict.
        for (&other_x, &other_y) in self.x[..start].iter().zip(&self.y[..start]) {
            cuts[n_cuts] = [other_x, other_y, z];
            n_cuts += usize::from((other_x < x_limit) & (other_y < y_limit));
        }
        let mut z_limit = self.limit[2];
        let above = self.x[start..].iter().zip(&self.y[start..]).zip(&self.z[start..]);
        for (at, ((&other_x, &other_y), &other_z)) in (start..).zip(above) {
            if (other_x <= x) & (other_y <= y) {
                z_limit = other_z;
                break;
            }
            cuts[n_cuts] = [other_x, other_y, other_z];
            n_cuts += usize::from((other_x < x_limit) & (other_y < y_limit));
            covered[n_covered] = at;
            n_covered += usize::from((other_x >= x) & (other_y >= y));
        }
        if z_limit <= z {
            return 0.0;
        }
        let (cuts, covered) = (&cuts[..n_cuts], &covered[..n_covered]);
        replace(&mut self.x, start, covered, x);
        replace(&mut self.y, start, covered, y);
        replace(&mut self.z, start, covered, z);
        let (corner, limit) = ([x, y, z], [x_limit, y_limit, z_limit]);
        if n_cuts <= columns::MOST {
            columns::free_volume(corner, limit, cuts)
        } else {
            self.stairs.free_volume(corner, limit, cuts)
        }
    }
}

/// The first coordinate of the nearest row to the right that is nowhere above, and the second of the nearest
/// upwards that is not to the right; the limits if there is none.
#[inline(always)]
fn nearest(xs: &[f64], ys: &[f64], [x, y]: [f64; 2], limit: [f64; 2]) -> [f64; 2] {
    const LANES: usize = 8;
    let least = |a: f64, b: f64| if a < b { a } else { b };
    let (mut right, mut up) = ([limit[0]; LANES], [limit[1]; LANES]);
    let ((x_blocks, x_rest), (y_blocks, y_rest)) = (xs.as_chunks::<LANES>(), ys.as_chunks::<LANES>());
    for (xs, ys) in x_blocks.iter().zip(y_blocks) {
        for lane in 0..LANES {
            right[lane] = if (ys[lane] <= y) & (xs[lane] < right[lane]) { xs[lane] } else { right[lane] };
            up[lane] = if (xs[lane] <= x) & (ys[lane] < up[lane]) { ys[lane] } else { up[lane] };
        }
    }
    let mut nearest = [right.into_iter().fold(limit[0], least), up.into_iter().fold(limit[1], least)];
    for (&other_x, &other_y) in x_rest.iter().zip(y_rest) {
        nearest[0] = if (other_y <= y) & (other_x < nearest[0]) { other_x } else { nearest[0] };
        nearest[1] = if (other_x <= x) & (other_y < nearest[1]) { other_y } else { nearest[1] };
    }
    nearest
}

/// Inserts a value at `start`, and removes those at the `covered` places behind it.
fn replace(values: &mut Vec<f64>, start: usize, covered: &[usize], value: f64) {
    let Some((&first, others)) = covered.split_first() else {
        values.insert(start, value);
        return;
    };
    values.copy_within(start..first, start + 1);
    values[start] = value;
    for (n_removed, &at) in others.iter().enumerate() {
        let end = others.get(n_removed + 1).map_or(values.len(), |next| *next);
        values.copy_within(at + 1..end, at - n_removed);
    }
    values.truncate(values.len() - others.len());
}
