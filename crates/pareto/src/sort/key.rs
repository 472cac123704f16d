//! The 32-bit keys that order rows by one objective, or by several at once where these seem to lie on a coarse grid, as
//! whole numbers and rounded values do. Where the guess is wrong the order is: who sorts by a key checks the result.

use super::scale::{Scale, higher, lower};
use crate::objectives::Objectives;

/// Most objectives of a key.
const MOST: usize = 6;
/// Most grid points of the objectives before the last, all together: the last one needs some room.
const MOST_POINTS: u64 = 1 << 20;
/// Most values of a sample.
const SAMPLE: usize = 64;

/// How to turn rows into keys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// The first objective of the key, and how many it holds.
    level: usize,
    width: usize,
    /// Of each objective, its scale and how many numbers that has.
    scales: [(Scale, u64); MOST],
    /// What stretches the number of a grid point over 32 bits.
    stretch: u64,
}

impl Key {
    /// A key of as many objectives from `level` on as a sample of their values suggests.
    pub(super) fn of(objectives: &Objectives<'_>, level: usize) -> Self {
        let mut key = Self { level, width: 0, scales: [(Scale::default(), 1); MOST], stretch: 1 };
        let mut points = 1;
        for j in (level..objectives.m()).take(MOST) {
            let (low, high) = extent(objectives, j);
            let left = (1 << 32) / points;
            let grid = grid_points(objectives, j, high - low).filter(|&grid| grid <= MOST_POINTS / points);
            let is_last = j + 1 == objectives.m() || key.width + 1 == MOST || grid.is_none();
            let here = if is_last { left } else { grid.unwrap_or(left) };
            key.scales[key.width] = (Scale::between(low, high, (here - 1) as u32), here);
            key.width += 1;
            points *= here;
            if is_last {
                break;
            }
        }
        key.stretch = (1 << 32) / points;
        key
    }

    /// A key of one objective: it keeps the order, though different values may share a key.
    pub(super) fn of_one(objectives: &Objectives<'_>, level: usize) -> Self {
        let (low, high) = extent(objectives, level);
        let mut scales = [(Scale::default(), 1); MOST];
        scales[0].0 = Scale::between(low, high, u32::MAX);
        Self { level, width: 1, scales, stretch: 1 }
    }

    /// The first objective of the key.
    pub(super) fn level(&self) -> usize {
        self.level
    }

    /// How many objectives it holds.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The key of a row.
    #[inline(always)]
    pub(super) fn of_row(&self, row: &[f64]) -> u32 {
        if self.width == 1 {
            return self.scales[0].0.place(row[self.level]) as u32;
        }
        let parts = self.scales[..self.width].iter().zip(&row[self.level..]);
        let point = parts.fold(0, |point, ((scale, points), &value)| point * points + scale.place(value));
        (point * self.stretch) as u32
    }

    /// Whether a row is greater than another in the objectives of the key, compared one after the other.
    #[inline(always)]
    pub(super) fn is_above(&self, row: &[f64], other: &[f64]) -> bool {
        let parts = row[self.level..][..self.width].iter().zip(&other[self.level..][..self.width]);
        parts.rev().fold(false, |above, (x, y)| (x > y) | ((x == y) & above))
    }

    /// Whether two rows are equal in the objectives of the key.
    #[inline(always)]
    pub(super) fn is_shared(&self, row: &[f64], other: &[f64]) -> bool {
        row[self.level..][..self.width] == other[self.level..][..self.width]
    }
}

/// How many points a grid has that the objective seems to lie on; `None` if a sample shows no value twice.
fn grid_points(objectives: &Objectives<'_>, j: usize, width: f64) -> Option<u64> {
    let mut sample = [0.0; SAMPLE];
    let size = (objectives.n() / 16).clamp(8, SAMPLE).min(objectives.n());
    let step = objectives.n() / size.max(1);
    for (i, value) in sample[..size].iter_mut().enumerate() {
        *value = objectives.row(i * step)[j];
    }
    let sample = &mut sample[..size];
    sample.sort_unstable_by(f64::total_cmp);
    let steps = sample.windows(2).map(|pair| pair[1] - pair[0]);
    if !steps.clone().any(|step| step == 0.0) {
        return None;
    }
    let least = steps.filter(|&step| step > 0.0).fold(f64::INFINITY, f64::min);
    // A width of 0 or a sample of one value: a single point. NaN, from infinities, too.
    Some(((width / least).round() as u64).saturating_add(1))
}

/// The least and the greatest finite value of an objective; infinities above the greatest if there are none.
fn extent(objectives: &Objectives<'_>, level: usize) -> (f64, f64) {
    // Two independent pairs: one alone would wait for itself at every step.
    let m = objectives.m();
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    let pairs = objectives.values().chunks_exact(2 * m);
    for last in pairs.remainder().chunks_exact(m) {
        (low[0], high[0]) = (lower(low[0], last[level]), higher(high[0], last[level]));
    }
    for rows in pairs {
        for (i, value) in [rows[level], rows[m + level]].into_iter().enumerate() {
            (low[i], high[i]) = (lower(low[i], value), higher(high[i], value));
        }
    }
    let low = low[0].min(low[1]);
    let high = high[0].max(high[1]);
    (low, high)
}
