//! Volumes below a limit, by number of objectives: a sort for two, a sweep over a staircase for three (Beume et al. 2009,
//! DOI 10.1109/TEVC.2009.2015575), a sweep over a front of three (cf. Guerreiro and Fonseca 2018,
//! DOI 10.1109/TEVC.2017.2729550) for four, slices of exclusive volumes for more. Rows are finite and strictly below the limit.

use super::ascending::Ascending;
use super::layers::{self, Layer};
use super::solid::Solid;
use super::stairs::Stairs;
use crate::simd::{Available, Task, Unit};

/// The buffers of all sweeps, kept from call to call.
#[derive(Debug, Clone, Default)]
pub(super) struct Volumes {
    unit: Available,
    pub(super) order: Ascending,
    stairs: Stairs,
    solid: Solid,
    pub(super) layers: Vec<Layer>,
}

impl Volumes {
    /// The volume that the rows dominate below `limit`, which has one coordinate an objective.
    pub(super) fn below(&mut self, rows: &[f64], limit: &[f64]) -> f64 {
        match *limit {
            [x] => x - rows.iter().fold(x, |least, row| least.min(*row)),
            [x, y] => self.area(rows, [x, y]),
            [x, y, z] => self.sweep(rows, [x, y, z]),
            [x, y, z, w] => self.sweep_solids(rows, [x, y, z, w]),
            _ => layers::below(self, rows, limit),
        }
    }

    /// Two objectives: each row in ascending order adds the strip from the lowest row before it down to itself.
    fn area(&mut self, rows: &[f64], limit: [f64; 2]) -> f64 {
        let (rows, _) = rows.as_chunks::<2>();
        self.order.sort(rows.iter().map(|row| row[0]));
        let (mut area, mut low) = (0.0, limit[1]);
        for i in self.order.rows() {
            let [x, y] = rows[i as usize];
            let lower = if y < low { y } else { low };
            area += (limit[0] - x) * (low - lower);
            low = lower;
        }
        area
    }

    /// Three objectives: rows enter in ascending third one, and the area that each adds lasts up to the limit.
    fn sweep(&mut self, rows: &[f64], limit: [f64; 3]) -> f64 {
        let (rows, _) = rows.as_chunks::<3>();
        self.order.sort(rows.iter().map(|row| row[2]));
        self.stairs.reset([limit[0], limit[1]]);
        let mut volume = 0.0;
        for i in self.order.rows() {
            let [x, y, z] = rows[i as usize];
            volume += self.stairs.insert([x, y]) * (limit[2] - z);
        }
        volume
    }

    /// Four objectives: as with three, with a volume in the place of the area.
    fn sweep_solids(&mut self, rows: &[f64], limit: [f64; 4]) -> f64 {
        let (rows, _) = rows.as_chunks::<4>();
        self.order.sort(rows.iter().map(|row| row[3]));
        let mut volume = 0.0;
        self.unit.run(SweepSolids {
            solid: &mut self.solid,
            order: &self.order,
            rows,
            limit,
            volume: &mut volume,
        });
        volume
    }
}

/// The sweep over four objectives, compiled for each vector unit.
struct SweepSolids<'a> {
    solid: &'a mut Solid,
    order: &'a Ascending,
    rows: &'a [[f64; 4]],
    limit: [f64; 4],
    volume: &'a mut f64,
}

impl Task for SweepSolids<'_> {
    #[inline(always)]
    fn run<U: Unit>(self) {
        let [x, y, z, w] = self.limit;
        self.solid.reset([x, y, z], self.rows.len());
        for i in self.order.rows() {
            let row = self.rows[i as usize];
            *self.volume += self.solid.insert([row[0], row[1], row[2]]) * (w - row[3]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums keep their order on every vector unit.
    #[test]
    fn every_unit_gives_the_same_bits() {
        let digit = |i: usize| (i * 7919 % 1009) as f64 / 1009.0;
        let rows: Vec<f64> = (0..300).flat_map(|i| (0..4).map(move |j| digit(i * 4 + j).sqrt())).collect();
        let volumes = Available::all().into_iter().map(|unit| {
            let mut volumes = Volumes { unit, ..Volumes::default() };
            volumes.below(&rows, &[1.1; 4])
        });
        let bits: Vec<u64> = volumes.map(f64::to_bits).collect();
        assert!(bits.iter().all(|other| *other == bits[0]), "{bits:?}");
    }
}
