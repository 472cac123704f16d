//! The 32-bit keys that order rows by one objective, or by several at once where these seem to lie on a coarse grid, as
//! whole numbers and rounded values do. Where the guess is wrong the order is: who sorts by a key checks the result.

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
    scales: [Scale; MOST],
    /// What stretches the number of a grid point over 32 bits.
    stretch: u64,
}

impl Key {
    /// A key of as many objectives from `level` on as a sample of their values suggests.
    pub(super) fn of(objectives: &Objectives<'_>, level: usize) -> Self {
        let mut key = Self { level, width: 0, scales: [Scale::default(); MOST], stretch: 1 };
        let mut points = 1;
        for j in (level..objectives.m()).take(MOST) {
            let (low, high) = extent(objectives, j);
            let left = (1 << 32) / points;
            let grid = grid_points(objectives, j, high - low).filter(|&grid| grid <= MOST_POINTS / points);
            let is_last = j + 1 == objectives.m() || key.width + 1 == MOST || grid.is_none();
            let here = if is_last { left } else { grid.unwrap_or(left) };
            key.scales[key.width] = Scale::of(low, high, here);
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
        let mut scales = [Scale::default(); MOST];
        scales[0] = Scale::of(low, high, 1 << 32);
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
            return self.scales[0].place(row[self.level]) as u32;
        }
        let parts = self.scales[..self.width].iter().zip(&row[self.level..]);
        let point = parts.fold(0, |point, (scale, &value)| point * scale.points + scale.place(value));
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

/// Turns the values of one objective into the numbers of grid points.
#[derive(Debug, Clone, Copy, Default)]
struct Scale {
    low: f64,
    factor: f64,
    points: u64,
}

impl Scale {
    fn of(low: f64, high: f64, points: u64) -> Self {
        let factor = (points - 1) as f64 / (high - low);
        // Without a width, or with one that a double cannot hold, there is one point in use.
        if factor.is_finite() { Self { low, factor, points } } else { Self { low: 0.0, factor: 0.0, points } }
    }

    #[inline(always)]
    fn place(&self, value: f64) -> u64 {
        // An infinity times 0 is NaN, which `max` turns into 0; adding 2^52 leaves the rounded number in the low bits.
        let place = ((value - self.low) * self.factor).max(0.0).min((self.points - 1) as f64);
        (place + 4_503_599_627_370_496.0).to_bits() & 0xffff_ffff
    }
}

/// The least and the greatest finite value of an objective; infinities above the greatest if there are none.
fn extent(objectives: &Objectives<'_>, level: usize) -> (f64, f64) {
    // Two independent pairs: one alone would wait for itself at every step. Infinities share the finite ends' keys.
    let lower = |low: f64, value: f64| if value < low && value > f64::NEG_INFINITY { value } else { low };
    let higher = |high: f64, value: f64| if value > high && value < f64::INFINITY { value } else { high };
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
