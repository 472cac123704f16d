//! Properties of survivor selection. Values are multiples of 1/16 so that shifting and scaling them is exact: then not
//! one survivor may change.

use crate::sorting::permutation;
use pareto::{Objectives, crowding, nsga2, nsga3, ranks, reference};
use proptest::prelude::*;
use random::{Purpose, stream};

fn grid_matrix() -> impl Strategy<Value = (Vec<f64>, usize)> {
    (2..5_usize, 1..40_usize).prop_flat_map(|(m, n)| {
        (proptest::collection::vec((0..64_u8).prop_map(|x| f64::from(x) / 16.0), n * m), Just(m))
    })
}

fn niching(rows: &[f64], m: usize, keep: usize, seed: u64) -> Vec<usize> {
    let points = reference::das_dennis(m, 4);
    nsga3::select(&Objectives::new(rows, m).unwrap(), keep, &points, &mut stream(seed, Purpose::Test, 0, 0))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn survivors_are_the_best_ranks((rows, m) in grid_matrix(), keep in 0..45_usize, seed: u64) {
        let objectives = Objectives::new(&rows, m).unwrap();
        let ranks = ranks(&objectives);
        for survivors in [niching(&rows, m, keep, seed), nsga2::select(&objectives, keep)] {
            prop_assert_eq!(survivors.len(), keep.min(objectives.n()));
            prop_assert!(survivors.windows(2).all(|pair| pair[0] < pair[1]), "ascending and distinct");
            let worst = survivors.iter().map(|&i| ranks[i]).max();
            let missed = (0..objectives.n()).filter(|i| !survivors.contains(i)).map(|i| ranks[i]).min();
            prop_assert!(worst.zip(missed).is_none_or(|(worst, missed)| worst <= missed));
        }
    }

    #[test]
    fn units_change_no_survivor((rows, m) in grid_matrix(), keep in 1..40_usize, seed: u64) {
        let shifts = [3.0, -1000.0, 0.25, 65536.0];
        let scales = [0.125, 1024.0, 2f64.powi(-40), 8.0];
        let moved: Vec<f64> =
            rows.iter().enumerate().map(|(at, x)| (x + shifts[at % m]) * scales[at % m]).collect();
        prop_assert_eq!(niching(&rows, m, keep, seed), niching(&moved, m, keep, seed));
        let select = |rows: &[f64]| nsga2::select(&Objectives::new(rows, m).unwrap(), keep);
        prop_assert_eq!(select(&rows), select(&moved));
    }

    #[test]
    fn crowding_follows_the_rows((rows, m) in grid_matrix(), seed: u64) {
        let n = rows.len() / m;
        let order = permutation(n, seed);
        let moved: Vec<f64> = order.iter().flat_map(|&i| &rows[i * m..][..m]).copied().collect();
        let all: Vec<usize> = (0..n).collect();
        let before = crowding(&Objectives::new(&rows, m).unwrap(), &all);
        let after = crowding(&Objectives::new(&moved, m).unwrap(), &all);
        for (at, &i) in order.iter().enumerate() {
            // Which of several equal rows carries the distance depends on their order.
            let repeated = (0..n).filter(|&j| rows[j * m..][..m] == rows[i * m..][..m]).count() > 1;
            prop_assert!(repeated || after[at] == before[i]);
        }
    }

    #[test]
    fn turning_the_objectives_changes_no_survivor(rows in proptest::collection::vec(0.0..1.0_f64, 60), seed: u64) {
        // Two objectives, swapped together with the reference points.
        let points = reference::das_dennis(2, 9);
        let flipped: Vec<f64> = points.points().flat_map(|point| [point[1], point[0]]).collect();
        let flipped = pareto::ReferencePoints::from_rows(flipped, 2).unwrap();
        let swapped: Vec<f64> = rows.chunks_exact(2).flat_map(|row| [row[1], row[0]]).collect();
        let (before, after) = (Objectives::new(&rows, 2).unwrap(), Objectives::new(&swapped, 2).unwrap());
        let mut rngs = [0, 0].map(|_| stream(seed, Purpose::Test, 0, 0));
        prop_assert_eq!(
            nsga3::select(&before, 10, &points, &mut rngs[0]),
            nsga3::select(&after, 10, &flipped, &mut rngs[1])
        );
        prop_assert_eq!(nsga2::select(&before, 10), nsga2::select(&after, 10));
    }
}

#[test]
fn each_reference_direction_gets_its_nearest() {
    // Eleven rows on a line, one on each direction, and a crowd around the middle.
    let mut rows: Vec<f64> =
        (0..=10).flat_map(|k| [f64::from(k) / 10.0, 1.0 - f64::from(k) / 10.0]).collect();
    for k in 0..30 {
        let x = 0.46 + f64::from(k) * 0.0021;
        rows.extend([x, 1.0 - x]);
    }
    let objectives = Objectives::new(&rows, 2).unwrap();
    let points = reference::das_dennis(2, 10);
    for seed in 0..20 {
        let survivors = nsga3::select(&objectives, 11, &points, &mut stream(seed, Purpose::Test, 0, 0));
        assert_eq!(survivors, (0..11).collect::<Vec<_>>());
    }
}

#[test]
fn awkward_inputs_are_selected_from() {
    let inf = f64::INFINITY;
    let cases: [&[f64]; 6] = [
        &[1.0; 30],
        &[inf; 30],
        &[0.0, inf, inf, 0.0, -inf, inf, 1.0, 1.0, 2.0, 0.5],
        &[f64::MAX, -f64::MAX, -f64::MAX, f64::MAX, 0.0, 0.0],
        &[5e-324, 0.0, 0.0, 5e-324, 1e-323, -1e-323],
        &[7.0, 3.0, 7.0, 2.0, 7.0, 1.0, 7.0, 1.0],
    ];
    for (at, rows) in cases.into_iter().enumerate() {
        for keep in 0..=rows.len() / 2 {
            assert_eq!(niching(rows, 2, keep, 1).len(), keep, "case {at}");
        }
    }
}
