//! The part of a rectangle that a growing set of corners dominates, as the staircase of its undominated corners in
//! one sorted array: a search and a short move for each corner. Sweeps over three and four objectives rest on it.

/// Corners with the first coordinate ascending and the second descending, between two sentinels.
#[derive(Debug, Clone, Default)]
pub(super) struct Stairs {
    corners: Vec<[f64; 2]>,
}

impl Stairs {
    /// Empties the rectangle, whose upper corner is `limit`.
    #[inline(always)]
    pub(super) fn reset(&mut self, limit: [f64; 2]) {
        self.corners.clear();
        self.corners.extend([[f64::NEG_INFINITY, limit[1]], [limit[0], f64::NEG_INFINITY]]);
    }

    /// Adds a corner strictly below the limit and returns the area that no corner before dominated.
    #[inline(always)]
    pub(super) fn insert(&mut self, [x, y]: [f64; 2]) -> f64 {
        // Not before the first sentinel, nor behind the last one.
        let start = self.corners.partition_point(|corner| corner[0] <= x);
        let (mut left, mut above) = (x, self.corners[start - 1][1]);
        if above <= y {
            return 0.0;
        }
        // Column by column to the right, until a corner lies below.
        let (mut end, mut gained) = (start, 0.0);
        loop {
            let [right, height] = self.corners[end];
            gained += (right - left) * (above - y);
            if height < y {
                break;
            }
            (left, above) = (right, height);
            end += 1;
        }
        if end == start {
            self.corners.insert(start, [x, y]);
        } else {
            self.corners[start] = [x, y];
            let n_left = self.corners.len() - (end - start - 1);
            self.corners.copy_within(end.., start + 1);
            self.corners.truncate(n_left);
        }
        gained
    }

    /// The volume between `corner` and `limit` that no row of `reach` dominates. The rows are below the limit and
    /// ascending in the third coordinate from that of the corner on.
    pub(super) fn free_volume(&mut self, corner: [f64; 3], limit: [f64; 3], reach: &[[f64; 3]]) -> f64 {
        let [x, y, z] = corner;
        self.reset([limit[0], limit[1]]);
        let mut area = (limit[0] - x) * (limit[1] - y);
        let (mut volume, mut level) = (0.0, z);
        for row in reach {
            volume += area * (row[2] - level);
            level = row[2];
            area -= self.insert([row[0].max(x), row[1].max(y)]);
        }
        volume + area * (limit[2] - level)
    }
}
