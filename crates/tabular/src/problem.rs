//! What is searched for in a table: which columns are objectives, which accuracy a search may look at, and
//! which it is judged by. The judge is an exact hypervolume against the true front.

use pareto::{Objectives, hypervolume, non_dominated};
use space::NasBench201Cell;

use crate::error::TabularError;
use crate::method::Found;
use crate::table::Table;

/// The reference point of the hypervolume, where the true front spans 0 to 1 in each objective.
const REFERENCE: f64 = 1.1;

/// A table with objectives: for every cell what drives a search and what judges it.
#[derive(Debug, Clone)]
pub struct Problem {
    drive: Side,
    judge: Side,
}

/// What a search found, seen by the judge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// Hypervolume of the front the search reports (the evaluated cells that no other dominates by the objectives that
    /// drive), measured by the objectives that judge: a share of that of the true front.
    pub share: f64,
    /// The same measured by the objectives that drive.
    pub drive_share: f64,
    /// The best judging accuracy on the reported front, in percent.
    pub best_accuracy: f64,
}

/// Objectives of all cells from one accuracy, and the front that is possible.
#[derive(Debug, Clone)]
struct Side {
    /// All minimised, row by row of cell numbers; the error first.
    rows: Vec<f64>,
    width: usize,
    /// The least of each objective on the true front, and the factor that makes its span 1.
    scale: Vec<[f64; 2]>,
    /// The hypervolume of the true front after scaling.
    volume: f64,
}

impl Problem {
    /// Objectives by name: first `accuracy` or `error` (the same: accuracy is maximised), then sizes: `parameters`, `macs` (or `multiply-adds`),
    /// or any column of the table, minimised. Of the two columns with accuracies in percent the first drives, the second judges.
    ///
    /// Fails for other objectives, unknown columns, or columns without a number for every cell.
    pub fn new(table: &Table, objectives: &[&str], [drive, judge]: [&str; 2]) -> Result<Self, TabularError> {
        let fault = || TabularError::Objectives { found: objectives.join(",") };
        let Some((&("accuracy" | "error"), sizes)) = objectives.split_first() else { return Err(fault()) };
        let repeated = sizes.iter().enumerate().any(|(at, size)| sizes[..at].contains(size));
        if sizes.is_empty() || repeated || sizes.iter().any(|size| ["accuracy", "error"].contains(size)) {
            return Err(fault());
        }
        let sizes: Result<Vec<Vec<f64>>, _> = sizes.iter().map(|size| column(table, size)).collect();
        let sizes = sizes?;
        Ok(Self {
            drive: Side::new(table.percentages(drive)?, &sizes),
            judge: Side::new(table.percentages(judge)?, &sizes),
        })
    }

    /// The number of objectives.
    pub const fn width(&self) -> usize {
        self.drive.width
    }

    /// What a search is told of a cell: the error, then the sizes, all minimised.
    pub fn objectives(&self, cell: &NasBench201Cell) -> &[f64] {
        self.drive.row(cell.number())
    }

    /// The cells of a set that no other dominates by the objectives that drive, in the set's order.
    pub fn front(&self, cells: &[NasBench201Cell]) -> Vec<NasBench201Cell> {
        let rows: Vec<f64> = cells.iter().flat_map(|cell| self.objectives(cell)).copied().collect();
        let rows = Objectives::new(&rows, self.width()).expect("a table's numbers are finite");
        non_dominated(&rows).into_iter().map(|row| cells[row]).collect()
    }

    /// Judges the front of what a search evaluated.
    pub fn judge(&self, found: &Found) -> Verdict {
        let front = self.front(&found.cells);
        let error = |cell: &NasBench201Cell| self.judge.row(cell.number())[0];
        Verdict {
            share: self.judge.share(&front),
            drive_share: self.drive.share(&front),
            best_accuracy: 100.0 * (1.0 - front.iter().map(error).fold(1.0, f64::min)),
        }
    }
}

/// The sizes of all cells.
fn column(table: &Table, name: &str) -> Result<Vec<f64>, TabularError> {
    match name {
        "parameters" => Ok(NasBench201Cell::all().map(|cell| cell.parameters() as f64).collect()),
        "macs" | "multiply-adds" => {
            Ok(NasBench201Cell::all().map(|cell| cell.multiply_adds() as f64).collect())
        }
        name => table.complete(name).map(<[f64]>::to_vec),
    }
}

impl Side {
    fn new(accuracy: &[f64], sizes: &[Vec<f64>]) -> Self {
        let row = |cell: usize| {
            let error = 1.0 - accuracy[cell] / 100.0;
            std::iter::once(error).chain(sizes.iter().map(move |size| size[cell]))
        };
        let rows: Vec<f64> = (0..NasBench201Cell::COUNT).flat_map(row).collect();
        let width = 1 + sizes.len();
        let all = Objectives::new(&rows, width).expect("a table's numbers are finite");
        let front = non_dominated(&all);
        let scale = (0..width).map(|objective| {
            let values = front.iter().map(|&row| all.row(row)[objective]);
            let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
            // A front of one point in this objective has no span; any factor will do.
            [low, if high > low { (high - low).recip() } else { 1.0 }]
        });
        let mut side = Self { scale: scale.collect(), volume: 1.0, rows, width };
        let cells: Vec<NasBench201Cell> = NasBench201Cell::all().collect();
        let front: Vec<NasBench201Cell> = front.into_iter().map(|number| cells[number]).collect();
        side.volume = side.share(&front);
        side
    }

    fn row(&self, number: usize) -> &[f64] {
        &self.rows[number * self.width..(number + 1) * self.width]
    }

    fn share(&self, cells: &[NasBench201Cell]) -> f64 {
        let scaled = |cell: &NasBench201Cell| {
            let row = self.row(cell.number()).iter().zip(&self.scale);
            row.map(|(value, [low, factor])| (value - low) * factor).collect::<Vec<f64>>()
        };
        let rows: Vec<f64> = cells.iter().flat_map(scaled).collect();
        let rows = Objectives::new(&rows, self.width).expect("a table's numbers are finite");
        hypervolume(&rows, &vec![REFERENCE; self.width]) / self.volume
    }
}
