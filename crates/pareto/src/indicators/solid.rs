//! The part of a box that a growing set of rows of three objectives dominates, as the list of its undominated rows by the
//! third objective. A row that enters is compared with all; only the few that bound what it adds are swept.

use super::stairs::Stairs;

/// Undominated rows, ascending in the third coordinate.
#[derive(Debug, Clone, Default)]
pub(super) struct Solid {
    x: Vec<f64>,
    y: Vec<f64>,
    z: Vec<f64>,
    limit: [f64; 3],
    stairs: Stairs,
    /// Rows that cut into what a new row adds.
    below: Vec<[f64; 2]>,
    above: Vec<[f64; 3]>,
    covered: Vec<usize>,
}

impl Solid {
    /// Empties the box, whose upper corner is `limit`.
    pub(super) fn reset(&mut self, limit: [f64; 3]) {
        self.x.clear();
        self.y.clear();
        self.z.clear();
        self.limit = limit;
    }

    /// Adds a row strictly below the limit and returns the volume that no row before dominated.
    pub(super) fn insert(&mut self, [x, y, z]: [f64; 3]) -> f64 {
        let n = self.z.len();
        let start = self.z.partition_point(|other| *other < z);
        // The rows below bound what is added to the right and upwards.
        let (mut x_limit, mut y_limit) = (self.limit[0], self.limit[1]);
        for (&other_x, &other_y) in self.x[..start].iter().zip(&self.y[..start]) {
            let right = if other_y <= y { other_x } else { f64::INFINITY };
            let up = if other_x <= x { other_y } else { f64::INFINITY };
            x_limit = if right < x_limit { right } else { x_limit };
            y_limit = if up < y_limit { up } else { y_limit };
        }
        if x_limit <= x {
            return 0.0;
        }
        self.below.resize(n + 1, [0.0; 2]);
        let mut n_below = 0;
        for (&other_x, &other_y) in self.x[..start].iter().zip(&self.y[..start]) {
            self.below[n_below] = [other_x, other_y];
            n_below += usize::from((other_x < x_limit) & (other_y < y_limit));
        }
        self.above.resize(n + 1, [0.0; 3]);
        self.covered.resize(n + 1, 0);
        let (mut n_above, mut n_covered) = (0, 0);
        let mut z_limit = self.limit[2];
        for at in start..n {
            let (other_x, other_y, other_z) = (self.x[at], self.y[at], self.z[at]);
            if (other_x <= x) & (other_y <= y) {
                z_limit = other_z;
                break;
            }
            self.above[n_above] = [other_x.max(x), other_y.max(y), other_z];
            n_above += usize::from((other_x < x_limit) & (other_y < y_limit));
            self.covered[n_covered] = at;
            n_covered += usize::from((other_x >= x) & (other_y >= y));
        }
        if z_limit <= z {
            return 0.0;
        }
        self.stairs.reset([x_limit, y_limit]);
        let mut area = (x_limit - x) * (y_limit - y);
        for &corner in &self.below[..n_below] {
            area -= self.stairs.insert(corner);
        }
        let (mut volume, mut level) = (0.0, z);
        for &[other_x, other_y, other_z] in &self.above[..n_above] {
            volume += area * (other_z - level);
            level = other_z;
            area -= self.stairs.insert([other_x, other_y]);
        }
        volume += area * (z_limit - level);
        let covered = &self.covered[..n_covered];
        replace(&mut self.x, start, covered, x);
        replace(&mut self.y, start, covered, y);
        replace(&mut self.z, start, covered, z);
        volume
    }
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
