//! Normalisation on worked examples, and association against looking at every direction.

use super::*;
use crate::reference::{das_dennis, two_layers};
use random::{Purpose, stream};

/// Normalises the rows and compares them with what is expected, to 1e-12.
fn check(rows: &[f64], m: usize, expected: &[f64]) {
    let got = normalised(rows, m);
    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-12;
    assert!(got.len() == expected.len() && got.iter().zip(expected).all(close), "{got:?} {expected:?}");
}

/// The rows, normalised, in their own order.
fn normalised(rows: &[f64], m: usize) -> Vec<f64> {
    let objectives = Objectives::new(rows, m).unwrap();
    let (members, n_first) = first_front_first(&objectives);
    let normalised = normalise(&objectives, &members, n_first, &mut Memory::default());
    let mut values = vec![0.0; rows.len()];
    for (position, &i) in members.iter().enumerate() {
        for j in 0..m {
            values[i as usize * m + j] = normalised.rows.value(position, j) * normalised.factors[j];
        }
    }
    values
}

#[test]
fn units_and_shifts_vanish() {
    let simplex = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.25, 0.25, 0.5];
    check(&simplex, 3, &simplex);
    let scale = [1.0, 16.0, 128.0];
    for shift in [0.0, 5.0, 1000.0, -1e6] {
        let moved: Vec<f64> = simplex.iter().enumerate().map(|(at, x)| x * scale[at % 3] + shift).collect();
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
    check(&[0.0, 7.0, 4.0, 2.0, 7.0, 2.0, 4.0, 7.0, 0.0], 3, &[0.0, 0.0, 1.0, 0.5, 0.0, 0.5, 1.0, 0.0, 0.0]);
    check(&[0.0, 0.0, 2.0, 1.0, 1.0, 1.0, 2.0, 2.0, 0.0], 3, &[0.0, 0.0, 1.0, 0.5, 0.5, 0.5, 1.0, 1.0, 0.0]);
    check(&[5.0, 5.0, 5.0, 5.0], 2, &[0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn infinities_count_as_the_finite_end() {
    let (inf, low) = (f64::INFINITY, f64::NEG_INFINITY);
    check(&[0.0, 4.0, 4.0, 0.0, inf, low], 2, &[0.0, 1.0, 1.0, 0.0, 1.0, 0.0]);
    check(&[inf, low, low, inf], 2, &[0.0, 0.0, 0.0, 0.0]);
}

#[test]
fn the_nearest_direction_and_its_distance() {
    let points = das_dennis(2, 2);
    // The extreme rows make the intercepts 4 and 4.
    let rows = [4.0, 0.0, 0.0, 4.0, 3.0, 0.0, 2.0, 1.0, 0.1, 4.0, 0.0, 0.0].map(|x| x + 1.0);
    let objectives = Objectives::new(&rows[..10], 2).unwrap();
    let normalised = normalise(&objectives, &[0, 1, 2, 3, 4], 2, &mut Memory::default());
    let ties = ties(&normalised, &points);
    assert_eq!(ties.iter().map(|tie| tie.niche).collect::<Vec<_>>(), [0, 2, 0, 1, 2]);
    let expected = [0.0, 0.0, 0.0, 0.125_f64.sqrt() / 2.0, 0.025];
    assert!(ties.iter().zip(expected).all(|(tie, d)| (tie.distance - d).abs() < 1e-15), "{ties:?}");
}

#[test]
fn the_nearest_is_that_of_looking_at_all() {
    let mut rng = stream(3, Purpose::Test, 0, 0);
    let mut uniform = || f64::from(rng.next_u32()) / 4_294_967_295.0;
    // Few directions and many, in sets that fold and in sets that do not.
    let fold =
        [das_dennis(2, 9), das_dennis(2, 999), das_dennis(3, 44), das_dennis(5, 8), two_layers(10, 3, 2)];
    let loose = [(2, 300), (3, 50), (4, 700)].map(|(m, n)| {
        let values = (0..n * m).map(|_| uniform()).collect();
        ReferencePoints::from_rows(values, m).unwrap()
    });
    for (at, points) in fold.into_iter().chain(loose).enumerate() {
        assert_eq!(points.folding().is_some(), at < 5);
        let m = points.m();
        let mut rows = Vec::new();
        for round in 0..1_000 {
            let power = round % 5;
            match round % 7 {
                // On a direction, and between two of them.
                0 | 1 => {
                    let mut pick = || (uniform() * (points.len() - 1) as f64) as usize;
                    let (a, b) = (pick(), pick());
                    let b = if round % 7 == 0 { a } else { b };
                    rows.extend(points.point(a).iter().zip(points.point(b)).map(|(x, y)| x + y));
                }
                2 => rows.extend((0..m).map(|_| (uniform() * 3.0).round())),
                _ => rows.extend((0..m).map(|_| uniform().powi(power))),
            }
        }
        let normalised = normalised(&rows, m);
        let ties = associate(&Objectives::new(&rows, m).unwrap(), &points);
        for (row, tie) in normalised.chunks_exact(m).zip(ties) {
            let length = |row: &[f64]| row.iter().map(|x| x * x).sum::<f64>().sqrt();
            let product =
                |point: &[f64]| row.iter().zip(point).map(|(x, y)| x * y).sum::<f64>() / length(point);
            let products: Vec<f64> = points.points().map(product).collect();
            let most = products.iter().copied().fold(0.0, f64::max);
            let got = products[tie.niche as usize];
            assert!(got >= most - 4e-16 * length(row), "set {at}: {row:?} {got} {most}");
            let along = products[tie.niche as usize];
            let point = points.point(tie.niche as usize);
            let across: Vec<f64> =
                row.iter().zip(point).map(|(x, w)| x - along * w / length(point)).collect();
            assert!(
                (tie.distance - length(&across)).abs() <= 1e-15 * (1.0 + length(row)),
                "set {at}: {row:?}"
            );
        }
    }
}

#[test]
fn of_equally_near_points_of_a_lattice_the_first() {
    // Four divisions; (1, 1, 1) is as near to (2, 1, 1)/4 as to (1, 2, 1)/4 and (1, 1, 2)/4.
    let points = das_dennis(3, 4);
    let rows = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0];
    let objectives = Objectives::new(&rows[..12], 3).unwrap();
    let ties = associate(&objectives, &points);
    assert_eq!(points.point(ties[3].niche as usize), [0.5, 0.25, 0.25]);
    let at_ideal = associate(&Objectives::new(&rows, 3).unwrap(), &points);
    assert_eq!(at_ideal[4], Tie { niche: 0, distance: 0.0 });
}

#[test]
fn every_way_of_holding_the_directions_finds_the_same() {
    // The same points in another order do fold; without their last one they do not.
    let points = das_dennis(3, 20);
    let values: Vec<f64> = points.points().rev().flatten().copied().collect();
    let reversed = ReferencePoints::from_rows(values.clone(), 3).unwrap();
    let cut = ReferencePoints::from_rows(values[3..].to_vec(), 3).unwrap();
    assert!(reversed.folding().is_some() && cut.folding().is_none());
    let mut rng = stream(5, Purpose::Test, 0, 0);
    let rows: Vec<f64> = (0..900).map(|_| f64::from(rng.next_u32())).collect();
    let objectives = Objectives::new(&rows, 3).unwrap();
    let niches = |points: &ReferencePoints, name: &dyn Fn(u32) -> u32| -> Vec<u32> {
        associate(&objectives, points).into_iter().map(|tie| name(tie.niche)).collect()
    };
    let expected = niches(&points, &|name| name);
    assert_eq!(niches(&reversed, &|name| 230 - name), expected);
    let got = niches(&cut, &|name| 229 - name);
    assert!(got.iter().zip(&expected).all(|(got, expected)| got == expected || *expected == 230));
}
