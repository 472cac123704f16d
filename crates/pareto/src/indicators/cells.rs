//! The volumes that single rows of three objectives alone dominate. A sweep in ascending third objective keeps the staircase of the
//! other two, and for every row on it the cell of the plane that it alone dominates. A newcomer changes only the cell it falls into, or
//! those of its two neighbours and of the rows that it replaces. Cf. Guerreiro and Fonseca 2018, DOI 10.1109/TEVC.2017.2729550.

use super::ascending::Ascending;
use super::stairs::Stairs;

/// A row on the staircase: first coordinates ascending, second descending.
#[derive(Debug, Clone, Copy)]
struct Step {
    x: f64,
    y: f64,
    row: usize,
    cell: usize,
}

/// What one row alone dominates of the plane, since `level`.
#[derive(Debug, Clone, Default)]
struct Cell {
    area: f64,
    level: f64,
    /// The part of the cell that other rows have covered.
    covered: Stairs,
}

impl Cell {
    /// Adds to `volume` what the cell held up to `level`.
    fn rise(&mut self, level: f64, volume: &mut f64) {
        *volume += self.area * (level - self.level);
        self.level = level;
    }

    /// Takes what `corner` dominates out of the cell of `step`.
    fn cover(&mut self, step: Step, corner: [f64; 2]) {
        let lost = self.covered.insert(corner);
        let is_all = (corner[0] <= step.x) & (corner[1] <= step.y);
        self.area = if is_all { 0.0 } else { (self.area - lost).max(0.0) };
    }
}

/// The volume below `limit` that each row alone dominates. Rows are finite and strictly below the limit.
pub(super) fn volumes(rows: &[f64], limit: [f64; 3]) -> Vec<f64> {
    let (rows, _) = rows.as_chunks::<3>();
    let mut order = Ascending::default();
    order.sort(rows.iter().map(|row| row[2]));
    let mut own = vec![0.0; rows.len()];
    let mut steps: Vec<Step> = Vec::new();
    // The cells of rows that have left the staircase are used again.
    let (mut cells, mut unused) = (Vec::<Cell>::new(), Vec::new());
    for row in order.rows() {
        let row = row as usize;
        let [x, y, z] = rows[row];
        let start = steps.partition_point(|step| step.x <= x);
        let covers = |step: &&Step| step.y <= y;
        if let Some(&left) = steps[..start].last().filter(covers) {
            if start < 2 || steps[start - 2].y > y {
                let cell = &mut cells[left.cell];
                cell.rise(z, &mut own[left.row]);
                cell.cover(left, [x, y]);
            }
            continue;
        }
        let end = start + steps[start..].partition_point(|step| step.y >= y);
        let above = steps[..start].last().map_or(limit[1], |left| left.y);
        let right = steps.get(end).map_or(limit[0], |right| right.x);
        let place = unused.pop().unwrap_or_else(|| {
            cells.push(Cell::default());
            cells.len() - 1
        });
        let mut cell = std::mem::take(&mut cells[place]);
        cell.area = (right - x) * (above - y);
        cell.level = z;
        cell.covered.reset([right, above]);
        let step = Step { x, y, row, cell: place };
        for replaced in &steps[start..end] {
            cell.cover(step, [replaced.x, replaced.y]);
            cells[replaced.cell].rise(z, &mut own[replaced.row]);
            unused.push(replaced.cell);
        }
        cells[place] = cell;
        let mut narrow = |neighbour: Step, corner: [f64; 2]| {
            let cell = &mut cells[neighbour.cell];
            cell.rise(z, &mut own[neighbour.row]);
            cell.cover(neighbour, corner);
        };
        if let Some(&left) = steps[..start].last() {
            narrow(left, [x, left.y]);
        }
        if let Some(&right) = steps.get(end) {
            narrow(right, [right.x, y]);
        }
        steps.splice(start..end, [step]);
    }
    for step in steps {
        cells[step.cell].rise(limit[2], &mut own[step.row]);
    }
    own
}
