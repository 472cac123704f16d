//! NSGA-III normalisation: ideal point, extreme points, hyperplane and intercepts (Deb and Jain 2014, section IV-C),
//! with a rule for every degenerate case. It works in units of the first front's span, so the units an objective is
//! measured in cannot decide which points are extreme.

use crate::objectives::Objectives;
use crate::span::Span;
use std::cmp::Ordering;

/// Off-axis weight of the achievement function that finds extreme points.
const OFF_AXIS: f64 = 1e6;
/// An intercept below this fraction of the front's span would blow an objective up: the hyperplane is not used then.
const LEAST_INTERCEPT: f64 = 1e-6;
/// A pivot below this, on rows of order one, means that the extreme points do not span a hyperplane.
const LEAST_PIVOT: f64 = 1e-10;
/// Normalised values are cut here, so that their squares stay finite whatever the input.
const FAR: f64 = 1e100;

/// The `members`, normalised: one row of `m` values at least 0 for each, 1 at the intercepts.
///
/// `first_front` lists the members that no other member dominates. A constant objective is 0 for all; an infinity counts
/// as the finite end of its objective. Where the hyperplane through the extreme points is missing or does not cut an
/// axis properly, the front's own extent takes its place; an intercept never lies beyond the worst member.
pub(super) fn normalise(objectives: &Objectives<'_>, members: &[usize], first_front: &[usize]) -> Vec<f64> {
    let m = objectives.m();
    let column = |rows: &[usize], j: usize| Span::of(rows.iter().map(|&i| objectives.row(i)[j]));
    let all: Vec<Span> = (0..m).map(|j| column(members, j)).collect();
    let unit: Vec<Span> = (0..m).map(|j| all[j].cut_at(column(first_front, j))).collect();
    let place = |i: usize, j: usize| unit[j].place(all[j].clamp(objectives.row(i)[j])).min(FAR);

    let mut placed: Vec<f64> =
        members.iter().flat_map(|&i| (0..m).map(move |j| (i, j))).map(|(i, j)| place(i, j)).collect();
    let active: Vec<usize> = (0..m).filter(|&j| !all[j].is_flat()).collect();
    let front: Vec<f64> = first_front
        .iter()
        .flat_map(|&i| active.iter().map(move |&j| (i, j)))
        .map(|(i, j)| place(i, j))
        .collect();
    let mut scale = vec![1.0; m];
    if let Some(intercepts) = intercepts(extreme_points(&front, active.len())) {
        for (&j, intercept) in active.iter().zip(intercepts) {
            let worst = placed.iter().skip(j).step_by(m).copied().fold(0.0, f64::max);
            scale[j] = intercept.min(worst);
        }
    }
    for row in placed.chunks_exact_mut(m) {
        row.iter_mut().zip(&scale).for_each(|(x, scale)| *x /= scale);
    }
    placed
}

/// For each axis the row nearest to it: the least achievement value; of equals the first in lexicographic order.
fn extreme_points(front: &[f64], n_axes: usize) -> Vec<Vec<f64>> {
    let achievement = |row: &[f64], axis: usize| {
        let weight = |j: usize| if j == axis { 1.0 } else { OFF_AXIS };
        row.iter().enumerate().map(|(j, x)| x * weight(j)).fold(0.0, f64::max)
    };
    let nearest = |axis: usize| {
        let mut nearest: Option<(f64, &[f64])> = None;
        for row in front.chunks_exact(n_axes) {
            let candidate = (achievement(row, axis), row);
            if nearest.is_none_or(|nearest| candidate.partial_cmp(&nearest) == Some(Ordering::Less)) {
                nearest = Some(candidate);
            }
        }
        nearest.map(|(_, row)| row.to_vec())
    };
    (0..n_axes).filter_map(nearest).collect()
}

/// Where the hyperplane through the rows cuts the axes, by Gaussian elimination with partial pivoting of `rows * b = 1`;
/// `None` unless every intercept `1/b` is usable.
fn intercepts(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let n = rows.len();
    for row in &mut rows {
        row.push(1.0);
    }
    for step in 0..n {
        let pivot = (step..n).max_by(|&a, &b| rows[a][step].abs().total_cmp(&rows[b][step].abs()))?;
        rows.swap(step, pivot);
        let (done, below) = rows.split_at_mut(step + 1);
        let top = &done[step];
        if top[step].abs() < LEAST_PIVOT {
            return None;
        }
        for row in below {
            let factor = row[step] / top[step];
            row[step..].iter_mut().zip(&top[step..]).for_each(|(x, y)| *x -= factor * y);
        }
    }
    let mut inverse = vec![0.0; n];
    for step in (0..n).rev() {
        let row = &rows[step];
        let known: f64 = (step + 1..n).map(|j| row[j] * inverse[j]).sum();
        inverse[step] = (row[n] - known) / row[step];
    }
    // The comparison also refuses negative intercepts, those at infinity (b = 0) and NaN.
    inverse.into_iter().map(|b| if b > 0.0 { 1.0 / b } else { 0.0 }).map(usable).collect()
}

fn usable(intercept: f64) -> Option<f64> {
    (intercept.is_finite() && intercept >= LEAST_INTERCEPT).then_some(intercept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[f64], m: usize, expected: &[f64]) {
        let objectives = Objectives::new(rows, m).unwrap();
        let members: Vec<usize> = (0..objectives.n()).collect();
        let front = crate::non_dominated(&objectives);
        let got = normalise(&objectives, &members, &front);
        let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-12;
        assert!(got.len() == expected.len() && got.iter().zip(expected).all(close), "{got:?} {expected:?}");
    }

    #[test]
    fn units_and_shifts_vanish() {
        let simplex = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.25, 0.25, 0.5];
        check(&simplex, 3, &simplex);
        let scale = [1.0, 16.0, 128.0];
        for shift in [0.0, 5.0, 1000.0, -1e6] {
            let moved: Vec<f64> =
                simplex.iter().enumerate().map(|(at, x)| x * scale[at % 3] + shift).collect();
            check(&moved, 3, &simplex);
        }
    }

    #[test]
    fn intercepts_are_those_of_the_extreme_points() {
        // The rows with 0.6 are extreme and span x + y + z = 0.8, inside the front's extent of 1.
        let rows = [0.6, 0.1, 0.1, 0.1, 0.6, 0.1, 0.1, 0.1, 0.6, 1.0, 0.0, 0.2, 0.2, 1.0, 0.0, 0.0, 0.2, 1.0];
        check(&rows, 3, &rows.map(|x| x / 0.8));
    }

    #[test]
    fn degenerate_fronts_fall_back_to_their_extent() {
        // One point; a constant objective; a line in three dimensions; equal rows.
        check(&[3.0, 4.0], 2, &[0.0, 0.0]);
        check(
            &[0.0, 7.0, 4.0, 2.0, 7.0, 2.0, 4.0, 7.0, 0.0],
            3,
            &[0.0, 0.0, 1.0, 0.5, 0.0, 0.5, 1.0, 0.0, 0.0],
        );
        check(
            &[0.0, 0.0, 2.0, 1.0, 1.0, 1.0, 2.0, 2.0, 0.0],
            3,
            &[0.0, 0.0, 1.0, 0.5, 0.5, 0.5, 1.0, 1.0, 0.0],
        );
        check(&[5.0, 5.0, 5.0, 5.0], 2, &[0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn a_negative_intercept_is_refused() {
        assert_eq!(intercepts(vec![vec![1.0, 0.5], vec![2.0, 3.0]]), None);
        assert_eq!(intercepts(vec![vec![1.0, 0.0], vec![0.0, 2.0]]), Some(vec![1.0, 2.0]));
    }

    #[test]
    fn infinities_count_as_the_finite_end() {
        let (inf, low) = (f64::INFINITY, f64::NEG_INFINITY);
        check(&[0.0, 4.0, 4.0, 0.0, inf, low], 2, &[0.0, 1.0, 1.0, 0.0, 1.0, 0.0]);
        check(&[inf, low, low, inf], 2, &[0.0, 0.0, 0.0, 0.0]);
    }
}
