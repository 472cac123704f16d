//! Properties of NSGA-III, and the inputs on which well-known implementations of it go wrong: shifted and small
//! objectives, fronts that span no hyperplane, negative intercepts, repeats and infinities.

use crate::sorting::permutation;
use pareto::nsga3::{Memory, associate, select, select_with_memory};
use pareto::{Objectives, ReferencePoints, reference};
use rand_core::Rng;
use random::{Purpose, stream};

fn survivors(rows: &[f64], keep: usize, points: &ReferencePoints, seed: u64) -> Vec<usize> {
    let mut rng = stream(seed, Purpose::Test, 0, 0);
    select(&Objectives::new(rows, points.m()).unwrap(), keep, points, &mut rng)
}

fn niches(rows: &[f64], points: &ReferencePoints) -> Vec<u32> {
    let ties = associate(&Objectives::new(rows, points.m()).unwrap(), points);
    assert!(ties.iter().all(|tie| tie.distance.is_finite()), "{ties:?}");
    ties.into_iter().map(|tie| tie.niche).collect()
}

/// The points of a lattice on a plane, one on each direction, and then three more beside each, on the same plane.
fn lattice_and_crowd(points: &ReferencePoints) -> Vec<f64> {
    let m = points.m();
    let mut rows: Vec<f64> = points.points().flatten().copied().collect();
    for crowd in 1..4 {
        for point in points.points() {
            // A multiple of 1/256 goes from the largest coordinate to the next.
            let largest = (0..m).max_by(|&a, &b| point[a].total_cmp(&point[b])).unwrap();
            let mut row = point.to_vec();
            row[largest] -= f64::from(crowd) / 256.0;
            row[(largest + 1) % m] += f64::from(crowd) / 256.0;
            rows.extend(row);
        }
    }
    rows
}

/// Numbers that are all different, so that nothing hangs on ties.
fn random_rows(m: usize, n: usize, seed: u64) -> Vec<f64> {
    let mut rng = stream(seed, Purpose::Test, n as u64, m as u64);
    (0..n * m).map(|_| (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64).collect()
}

#[test]
fn the_order_of_rows_does_not_matter() {
    // Whatever is drawn: niches are drawn by their number, individuals by their distance.
    for seed in 0..300 {
        let (m, n) = (2 + seed as usize % 4, 20 + seed as usize % 60);
        let rows = random_rows(m, n, seed);
        let points = reference::das_dennis(m, 4);
        let order = permutation(n, seed);
        let moved: Vec<f64> = order.iter().flat_map(|&i| &rows[i * m..][..m]).copied().collect();
        for keep in [1, n / 4, n / 2, n - 1] {
            let mut back: Vec<usize> =
                survivors(&moved, keep, &points, seed).into_iter().map(|i| order[i]).collect();
            back.sort_unstable();
            assert_eq!(survivors(&rows, keep, &points, seed), back, "seed {seed}, keep {keep}");
        }
        let before = niches(&rows, &points);
        assert!(order.iter().zip(niches(&moved, &points)).all(|(&i, niche)| niche == before[i]));
    }
}

#[test]
fn objectives_may_change_places_with_the_coordinates_of_the_points() {
    for seed in 0..300 {
        let (m, n) = (2 + seed as usize % 4, 40 + seed as usize % 60);
        let rows = random_rows(m, n, seed);
        let turn = |values: &[f64]| -> Vec<f64> {
            let turned = |row: &[f64]| [&row[1..], &row[..1]].concat();
            values.chunks_exact(m).flat_map(turned).collect()
        };
        // A set that folds, and one that does not.
        let lattice: Vec<f64> = reference::das_dennis(m, 5).points().flatten().copied().collect();
        for values in [&lattice[..], &lattice[m..]] {
            let points = ReferencePoints::from_rows(values.to_vec(), m).unwrap();
            let turned = ReferencePoints::from_rows(turn(values), m).unwrap();
            let kept = survivors(&rows, n / 2, &points, seed);
            assert_eq!(kept, survivors(&turn(&rows), n / 2, &turned, seed), "seed {seed}");
        }
    }
}

#[test]
fn as_many_niches_as_can_be_are_filled() {
    for seed in 0..200 {
        let n = 1 + seed as usize % 50;
        // On a plane nobody dominates anybody; multiples of 1/1024 lie on it exactly.
        let mut rows = random_rows(3, n, seed);
        for row in rows.chunks_exact_mut(3) {
            let sum: f64 = row.iter().sum();
            row[0] = (row[0] / sum * 1024.0).round();
            row[1] = (row[1] / sum * 1023.0).round();
            row[2] = 1024.0 - row[0] - row[1];
        }
        for divisions in [2, 30] {
            let points = reference::das_dennis(3, divisions);
            let niches = niches(&rows, &points);
            let count = |members: &[usize]| {
                let mut held: Vec<u32> = members.iter().map(|&i| niches[i]).collect();
                held.sort_unstable();
                held.dedup();
                held.len()
            };
            let occupied = count(&(0..n).collect::<Vec<_>>());
            for keep in 1..=n {
                assert_eq!(count(&survivors(&rows, keep, &points, seed)), occupied.min(keep), "seed {seed}");
            }
        }
    }
}

#[test]
fn shifts_and_small_scales_keep_one_on_each_direction() {
    // Subtracting the ideal point twice, or calling everything below 1e-3 zero, loses most of these.
    for (m, divisions) in [(2, 8), (3, 4), (5, 4)] {
        let points = reference::das_dennis(m, divisions);
        let rows = lattice_and_crowd(&points);
        let expected: Vec<usize> = (0..points.len()).collect();
        for (scales, shift) in [
            ([1.0; 5], 0.0),
            ([1.0, 16.0, 128.0, 4.0, 1024.0], 1000.0),
            ([1.0, 10.0, 100.0, 1000.0, 1e4], 5.0),
            ([1e-4; 5], 0.0),
            ([1e-4, 1.0, 1e-9, 1e6, 1e-2], 0.0),
            ([2_f64.powi(-20); 5], -1000.0),
        ] {
            let moved: Vec<f64> = rows.iter().enumerate().map(|(at, x)| x * scales[at % m] + shift).collect();
            assert_eq!(
                survivors(&moved, points.len(), &points, 1),
                expected,
                "{m} objectives, {scales:?}, {shift}"
            );
        }
    }
}

#[test]
fn a_front_that_spans_no_hyperplane_is_measured_by_its_extent() {
    // A curve in three dimensions: two of its rows are extreme on three axes.
    let points = reference::das_dennis(3, 8);
    let rows: Vec<f64> = (0..=64).map(f64::from).flat_map(|t| [t, 16.0 * t, 64.0 - t]).collect();
    let niches = niches(&rows, &points);
    // Row t lies in direction (t, t, 64 - t), and t / (64 - t) = k / (8 - 2k) where it meets a point (k, k, 8 - 2k)/8.
    for (k, t) in [(0, 0), (1, 9), (2, 21), (3, 38), (4, 64)] {
        let expected = [k, k, 8 - 2 * k].map(|x| f64::from(x) / 8.0);
        assert_eq!(points.point(niches[t] as usize), expected, "row {t}");
    }
}

#[test]
fn a_constant_objective_takes_no_part() {
    let points = reference::das_dennis(3, 10);
    let mut rows: Vec<f64> = (0..=10).map(f64::from).flat_map(|k| [k, 7.0, 10.0 - k]).collect();
    rows.extend((0..40).map(f64::from).flat_map(|k| [4.6 + k / 50.0, 7.0, 5.4 - k / 50.0]));
    assert_eq!(survivors(&rows, 11, &points, 1), (0..11).collect::<Vec<_>>());
}

#[test]
fn a_negative_intercept_is_replaced_by_the_extent() {
    // The plane through the three extreme points, less the ideal point (0, 0, 0.5), cuts the third axis at -5.
    let rows = [1.0, 0.0, 0.5, 0.0, 1.0, 0.5, 0.55, 0.55, 1.0];
    let points = reference::das_dennis(3, 4);
    let found: Vec<Vec<f64>> =
        niches(&rows, &points).into_iter().map(|niche| points.point(niche as usize).to_vec()).collect();
    assert_eq!(found, [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.25, 0.25, 0.5]]);
}

#[test]
fn more_points_than_survivors_and_fewer_rows_than_points() {
    let points = reference::das_dennis(3, 12);
    let rows = lattice_and_crowd(&reference::das_dennis(3, 2));
    assert_eq!(survivors(&rows, 100, &points, 1), (0..24).collect::<Vec<_>>());
    for seed in 0..20 {
        let kept = survivors(&rows, 4, &points, seed);
        let niches = niches(&rows, &points);
        let mut held: Vec<u32> = kept.iter().map(|&i| niches[i]).collect();
        held.sort_unstable();
        held.dedup();
        assert_eq!(held.len(), 4, "four of 91 niches");
    }
}

#[test]
fn of_equal_rows_one_is_enough() {
    let points = reference::das_dennis(3, 4);
    let lattice: Vec<f64> = points.points().flatten().copied().collect();
    let rows = [lattice.clone(), lattice.clone(), lattice].concat();
    let kept: Vec<usize> = survivors(&rows, 15, &points, 1).into_iter().map(|i| i % 15).collect();
    let mut distinct = kept.clone();
    distinct.sort_unstable();
    assert_eq!(distinct, (0..15).collect::<Vec<_>>());
}

#[test]
fn an_infinity_flattens_nothing() {
    let points = reference::das_dennis(2, 10);
    let line: Vec<f64> = (0..=10).map(f64::from).flat_map(|k| [k, 10.0 - k]).collect();
    let mut rows = line.clone();
    rows.extend([f64::INFINITY, 0.0, 2.0, f64::INFINITY, f64::INFINITY, f64::INFINITY]);
    assert_eq!(niches(&rows, &points)[..11], niches(&line, &points));
    let kept = survivors(&rows, 12, &points, 1);
    assert_eq!(kept[..11], (0..11).collect::<Vec<_>>());
    assert!(kept[11] < 13, "the last row is in the last front: {kept:?}");
}

#[test]
fn memory_keeps_the_extent_of_the_front() {
    let points = reference::das_dennis(2, 10);
    let line = |k: f64| [k, 100.0 - k];
    let whole: Vec<f64> = (0..=20).flat_map(|k| line(f64::from(k) * 5.0)).collect();
    // The ends are lost. What is left lies around the directions of 0.3 to 0.6, one row on each of them.
    let middle: Vec<f64> = [30.0, 40.0, 50.0, 60.0, 31.0, 33.0, 38.0, 42.0, 48.0, 51.0, 58.0, 61.0]
        .into_iter()
        .flat_map(line)
        .collect();
    let kept = |memory: &mut Memory| {
        let mut rng = stream(1, Purpose::Test, 0, 0);
        select_with_memory(&Objectives::new(&middle, 2).unwrap(), 4, &points, memory, &mut rng)
    };
    let mut memory = Memory::default();
    select_with_memory(
        &Objectives::new(&whole, 2).unwrap(),
        11,
        &points,
        &mut memory,
        &mut stream(1, Purpose::Test, 0, 0),
    );
    assert_eq!(kept(&mut memory), [0, 1, 2, 3]);
    assert_ne!(
        kept(&mut Memory::default()),
        [0, 1, 2, 3],
        "without memory the middle is stretched to the whole"
    );
}
