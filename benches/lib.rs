//! Inputs that several benchmark groups share: point sets for sorting and selection, images for training. All of them come
//! from named streams, so every run measures the same numbers.

use rand::RngExt;
use random::{Purpose, Stream, stream};

/// How the points of a set lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    /// Uniform in the unit cube.
    Uniform,
    /// On a simplex: nobody dominates anybody.
    OneFront,
    /// Close to a simplex, as in the middle of a search.
    Evolving,
    /// On the diagonal: as many fronts as points.
    Chain,
    /// Objectives that rise and fall together, with some noise.
    Correlated,
    /// As a search sees them: error rounded to the validation set's resolution, whole-numbered sizes; many ties.
    AccuracyLike,
}

impl Distribution {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Uniform, Self::OneFront, Self::Evolving, Self::Chain, Self::Correlated, Self::AccuracyLike];

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::OneFront => "one-front",
            Self::Evolving => "evolving",
            Self::Chain => "chain",
            Self::Correlated => "correlated",
            Self::AccuracyLike => "accuracy-like",
        }
    }
}

/// Matrix number `index` of `n` points with `m` objectives, row-major.
pub fn points(distribution: Distribution, n: usize, m: usize, index: u64) -> Vec<f64> {
    let mut rng = stream(1, Purpose::Test, index, (n * 100 + m) as u64);
    (0..n).flat_map(|_| row(distribution, m, &mut rng)).collect()
}

fn row(distribution: Distribution, m: usize, rng: &mut Stream) -> Vec<f64> {
    let uniform: Vec<f64> = (0..m).map(|_| rng.random()).collect();
    let common: f64 = rng.random();
    let sum: f64 = uniform.iter().sum();
    match distribution {
        Distribution::Uniform => uniform,
        Distribution::OneFront => uniform.iter().map(|value| value / sum).collect(),
        Distribution::Evolving => uniform.iter().map(|value| value / sum + 0.1 * common).collect(),
        Distribution::Chain => vec![common; m],
        Distribution::Correlated => uniform.iter().map(|value| 0.8 * common + 0.2 * value).collect(),
        Distribution::AccuracyLike => {
            let rounded = |(column, value): (usize, &f64)| {
                if column == 0 { (value * 1000.0).round() / 1000.0 } else { (value * 200.0).round() }
            };
            uniform.iter().enumerate().map(rounded).collect()
        }
    }
}

/// Set number `index` of `n` points on the part of the unit sphere where all `m` objectives are positive: one front.
pub fn sphere(n: usize, m: usize, index: u64) -> Vec<f64> {
    let mut rng = stream(2, Purpose::Test, index, (n * 100 + m) as u64);
    (0..n)
        .flat_map(|_| {
            // A sum of twelve uniform numbers is close enough to a normal one.
            let normal = |rng: &mut Stream| (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
            let row: Vec<f64> = (0..m).map(|_| normal(&mut rng).abs()).collect();
            let length = row.iter().map(|x| x * x).sum::<f64>().sqrt();
            row.into_iter().map(move |x| x / length)
        })
        .collect()
}

/// Normalised images of `side x side x 3` and labels of ten classes.
pub fn images(samples: usize, side: usize) -> (Vec<f32>, Vec<u32>) {
    let mut rng = stream(1, Purpose::Test, samples as u64, side as u64);
    let images = (0..samples * side * side * 3).map(|_| rng.random_range(-2.0_f32..2.0)).collect();
    let labels = (0..samples).map(|_| rng.random_range(0..10)).collect();
    (images, labels)
}
