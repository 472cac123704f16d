//! Well-spaced reference points in any number: the Riesz s-energy of Hardin and Saff, minimised on the simplex as Blank, Deb,
//! Dhebar, Bandaru and Seada 2021 propose (DOI 10.1109/TEVC.2020.2992387). Quadratic in the number of points: a thousand
//! take seconds. Where a lattice has the number that is wanted, `lattice` is exact and immediate.

use super::ReferencePoints;
use rand_core::Rng;

/// Steps of descent.
const STEPS: usize = 1_000;
/// Length of the first step, in units of the spacing to be expected; later ones shrink to 0.
const FIRST_STEP: f64 = 0.1;
/// How much of the former gradient, and of its square, is kept from step to step (Kingma and Ba 2015, arXiv 1412.6980).
const KEEP: f64 = 0.9;
const KEEP_SQUARE: f64 = 0.999;

/// `n_points` points on the simplex, as far apart as repulsion drives them: a local minimum of the sum of
/// distance^-s over all pairs, with s about `m` squared as in the paper. The `m` corners are among them if
/// `n_points >= m`; the rest starts at random places from `rng`.
///
/// The same stream gives the same points on every platform: only additions, multiplications, divisions and square roots
/// are used.
///
/// # Panics
///
/// If `m` or `n_points` is 0.
pub fn riesz_energy(m: usize, n_points: usize, rng: &mut impl Rng) -> ReferencePoints {
    assert!(m > 0 && n_points > 0, "points need an objective, and there must be some: got {m}, {n_points}");
    let fixed = if n_points >= m { m } else { 0 };
    let mut points = vec![0.0; n_points * m];
    for (at, point) in points.chunks_exact_mut(m).enumerate() {
        if at < fixed {
            point[at] = 1.0;
        } else {
            uniform(point, rng);
        }
    }
    if m > 1 {
        descend(&mut points, m, fixed);
    }
    ReferencePoints::new(points, m)
}

/// A uniform point of the simplex: the gaps that sorted uniform numbers leave in the unit interval.
fn uniform(point: &mut [f64], rng: &mut impl Rng) {
    let (last, cuts) = point.split_last_mut().expect("a point has a coordinate");
    for cut in &mut *cuts {
        *cut = (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    }
    cuts.sort_unstable_by(f64::total_cmp);
    let mut before = 0.0;
    for cut in cuts {
        (*cut, before) = (*cut - before, *cut);
    }
    *last = 1.0 - before;
}

/// Moves all points but the first `fixed` ones down the gradient of the energy's logarithm, with momentum and with steps
/// whose length does not depend on how steep it is (Adam), and back onto the simplex after each.
fn descend(points: &mut [f64], m: usize, fixed: usize) {
    let n = points.len() / m;
    // A lattice of n points has about n^(1/(m-1)) divisions; this is of that order without a power function.
    let spacing = 1.0 / super::divisions(m, n) as f64;
    let mut mean = vec![0.0; points.len()];
    let mut square = vec![0.0; points.len()];
    let mut gradient = vec![0.0; points.len()];
    let (mut kept, mut kept_square) = (1.0, 1.0);
    for step in 0..STEPS {
        energy_gradient(points, m, &mut gradient);
        let length = FIRST_STEP * spacing * (1.0 - step as f64 / STEPS as f64);
        kept *= KEEP;
        kept_square *= KEEP_SQUARE;
        for at in fixed * m..points.len() {
            let slope = gradient[at];
            mean[at] = KEEP * mean[at] + (1.0 - KEEP) * slope;
            square[at] = KEEP_SQUARE * square[at] + (1.0 - KEEP_SQUARE) * slope * slope;
            let size = (square[at] / (1.0 - kept_square)).sqrt();
            if size > 0.0 {
                points[at] -= length * mean[at] / (1.0 - kept) / size;
            }
        }
        points[fixed * m..].chunks_exact_mut(m).for_each(project);
    }
}

/// The nearest point of the simplex: a constant is taken from all coordinates, those that become negative are 0.
fn project(point: &mut [f64]) {
    let mut sorted = point.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let mut sum = 0.0;
    let mut excess = 0.0;
    for (count, x) in (1..).map(f64::from).zip(sorted) {
        sum += x;
        if x * count > sum - 1.0 {
            excess = (sum - 1.0) / count;
        }
    }
    for x in point {
        *x = (*x - excess).max(0.0);
    }
}

/// The gradient of log(sum of distance^-s), along the simplex, up to the factor s.
fn energy_gradient(points: &[f64], m: usize, gradient: &mut [f64]) {
    let n = points.len() / m;
    // Half of s = m squared, rounded up: distances are squared.
    let power = (m * m).div_ceil(2);
    let square = |i: usize, j: usize| {
        let pairs = points[i * m..][..m].iter().zip(&points[j * m..][..m]);
        // Two points at one place repel each other finitely.
        pairs.map(|(x, y)| (x - y) * (x - y)).sum::<f64>().max(1e-30)
    };
    let pairs = || (0..n).flat_map(|i| (0..i).map(move |j| (i, j)));
    // In units of the least distance no power overflows.
    let least = pairs().map(|(i, j)| square(i, j)).fold(f64::INFINITY, f64::min);
    gradient.fill(0.0);
    let mut energy = 0.0;
    for (i, j) in pairs() {
        let square = square(i, j);
        let part = whole_power(least / square, power);
        energy += part;
        for k in 0..m {
            let push = part / square * (points[i * m + k] - points[j * m + k]);
            gradient[i * m + k] -= push;
            gradient[j * m + k] += push;
        }
    }
    if energy > 0.0 {
        for slope in gradient {
            *slope /= energy;
        }
    }
}

/// `base` to a whole power by squaring: the same on every platform.
fn whole_power(base: f64, mut power: usize) -> f64 {
    let (mut result, mut square) = (1.0, base);
    while power > 0 {
        if power % 2 == 1 {
            result *= square;
        }
        square *= square;
        power /= 2;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::das_dennis;
    use random::{Purpose, stream};

    fn least_distance(points: &ReferencePoints) -> f64 {
        let rows: Vec<&[f64]> = points.points().collect();
        let square = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum::<f64>();
        let pairs = (0..rows.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        pairs.map(|(i, j)| square(rows[i], rows[j])).fold(f64::INFINITY, f64::min).sqrt()
    }

    #[test]
    fn points_spread_over_the_simplex() {
        for (m, n, lattice) in
            [(2, 10, das_dennis(2, 9)), (3, 28, das_dennis(3, 6)), (5, 35, das_dennis(5, 3))]
        {
            let points = riesz_energy(m, n, &mut stream(1, Purpose::Test, 0, 0));
            assert_eq!((points.len(), points.m()), (n, m));
            assert!(points.points().all(|point| (point.iter().sum::<f64>() - 1.0).abs() < 1e-12));
            assert!((0..m).all(|j| points.point(j)[j] == 1.0), "the corners come first");
            let (got, regular) = (least_distance(&points), least_distance(&lattice));
            assert!(got > 0.75 * regular, "{m} objectives: least distance {got}, lattice {regular}");
        }
    }

    #[test]
    fn few_points_and_one_objective() {
        let points = |m, n| riesz_energy(m, n, &mut stream(2, Purpose::Test, 0, 0));
        assert_eq!(points(1, 1).point(0), [1.0]);
        assert_eq!(points(4, 2).len(), 2);
        assert_eq!(points(3, 13), points(3, 13));
    }

    #[test]
    fn projection_is_the_nearest_point() {
        let check = |mut point: [f64; 3], expected: [f64; 3]| {
            project(&mut point);
            assert!(point.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15), "{point:?}");
        };
        check([0.2, 0.3, 0.5], [0.2, 0.3, 0.5]);
        check([0.5, 0.5, 0.6], [0.3, 0.3, 0.4]);
        check([1.5, 0.25, -1.0], [1.0, 0.0, 0.0]);
    }
}
