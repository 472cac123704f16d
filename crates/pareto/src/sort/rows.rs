//! Distinct rows in lexicographic order, laid out for those who rank them. Nothing is ranked here.

use crate::objectives::Objectives;
use crate::simd::SET;

/// Distinct rows in lexicographic order, without their first objective, and their ranks.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    width: usize,
    n: usize,
    /// Row-major values.
    values: Vec<f64>,
    /// The same values by sets of 64 rows, objective by objective; NaN behind the last row.
    lanes: Vec<f64>,
    /// As many as there are rows.
    pub(super) ranks: Vec<u32>,
}

impl Rows {
    /// Takes over rows `order` of a matrix, with rank 0.
    pub(super) fn fill(&mut self, objectives: &Objectives<'_>, order: &[u32]) {
        (self.width, self.n) = (objectives.m() - 1, order.len());
        let n_sets = self.n.div_ceil(SET);
        self.values.resize(self.n * self.width, 0.0);
        self.lanes.resize(n_sets * SET * self.width, 0.0);
        self.ranks.clear();
        self.ranks.resize(self.n, 0);
        match self.width {
            2 => self.copy::<2>(objectives, order),
            3 => self.copy::<3>(objectives, order),
            4 => self.copy::<4>(objectives, order),
            7 => self.copy::<7>(objectives, order),
            9 => self.copy::<9>(objectives, order),
            14 => self.copy::<14>(objectives, order),
            _ => self.copy::<0>(objectives, order),
        }
    }

    /// Copies the rows, but for their first objective.
    fn copy<const W: usize>(&mut self, objectives: &Objectives<'_>, order: &[u32]) {
        let width = if W == 0 { self.width } else { W };
        let set = SET * width;
        let mut rows = self.values.chunks_exact_mut(width).zip(order);
        for lanes in self.lanes.chunks_exact_mut(set) {
            for lane in 0..SET {
                let Some((values, i)) = rows.next() else {
                    // Behind the last row.
                    lanes.iter_mut().skip(lane).step_by(SET).for_each(|value| *value = f64::NAN);
                    continue;
                };
                let row = &objectives.values()[*i as usize * (width + 1) + 1..][..width];
                // A row is a few values: a loop, not a call to copy memory.
                for (j, (&value, copy)) in row.iter().zip(values).enumerate() {
                    *copy = value;
                    lanes[j * SET + lane] = value;
                }
            }
        }
    }

    /// The values of rows `64 * set..`, objective by objective; NaN behind the last row.
    pub(super) fn set(&self, set: usize) -> &[[f64; SET]] {
        let (columns, _) = self.lanes.as_chunks::<SET>();
        &columns[set * self.width..][..self.width]
    }

    /// How many rows there are.
    pub(super) fn n(&self) -> usize {
        self.n
    }

    /// How many values a row has.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Row `i`; `W` is the width, or 0 where that is only known at run time.
    #[inline(always)]
    pub(super) fn row<const W: usize>(&self, i: usize) -> &[f64] {
        let width = if W == 0 { self.width } else { W };
        &self.values[i * width..][..width]
    }

    /// The values of one objective, in order.
    pub(super) fn column(&self, j: usize) -> impl Iterator<Item = f64> {
        self.values.chunks_exact(self.width).map(move |row| row[j])
    }

    /// Whether each row but the first is dominated by the row before it.
    pub(super) fn is_chain(&self) -> bool {
        let rows = || self.values.chunks_exact(self.width);
        rows().zip(rows().skip(1)).all(|(row, next)| row.iter().zip(next).all(|(x, y)| x <= y))
    }
}
