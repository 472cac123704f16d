//! Hypervolume, contributions and the archive against the obvious slicing, on rows with many ties; and their special cases.

use pareto::{Archive, Objectives, contributions, gains, hypervolume};
use proptest::prelude::*;

/// The volume by slices: between two neighbouring values of the last objective, that of the rows before, one objective less.
fn sliced(rows: &[Vec<f64>], limit: &[f64]) -> f64 {
    let Some((last, limits)) = limit.split_last() else { return 1.0 };
    let mut levels: Vec<f64> = rows.iter().map(|row| row[limits.len()]).filter(|z| z < last).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    levels.push(*last);
    let slice = |pair: &[f64]| {
        let below = |row: &&Vec<f64>| row[limits.len()] <= pair[0];
        let inside = |row: &&Vec<f64>| row.iter().zip(limit).all(|(x, limit)| x < limit);
        let rows: Vec<Vec<f64>> =
            rows.iter().filter(inside).filter(below).map(|row| row[..limits.len()].to_vec()).collect();
        if rows.is_empty() { 0.0 } else { (pair[1] - pair[0]) * sliced(&rows, limits) }
    };
    levels.windows(2).map(slice).sum()
}

fn hypervolume_of(rows: &[Vec<f64>], reference: &[f64]) -> f64 {
    hypervolume(&Objectives::new(&rows.concat(), reference.len()).unwrap(), reference)
}

fn contributions_of(rows: &[Vec<f64>], reference: &[f64]) -> Vec<f64> {
    contributions(&Objectives::new(&rows.concat(), reference.len()).unwrap(), reference)
}

#[track_caller]
fn check_close(got: f64, expected: f64, scale: f64) {
    assert!((got - expected).abs() <= 1e-12 * scale.max(1e-6), "got {got}, expected {expected}");
}

/// Compares everything with slices. The whole is good to 1e-12 of itself, a difference to 1e-12 of the whole.
fn check(rows: &[Vec<f64>], reference: &[f64]) {
    let whole = sliced(rows, reference);
    check_close(hypervolume_of(rows, reference), whole, whole);

    let own = contributions_of(rows, reference);
    let candidates = rows.concat();
    let candidates = Objectives::new(&candidates, reference.len()).unwrap();
    for (i, own) in own.iter().enumerate() {
        let mut others = rows.to_vec();
        others.remove(i);
        let rest = sliced(&others, reference);
        check_close(*own, whole - rest, whole);
        assert!(*own >= 0.0, "{own}");
        let others = others.concat();
        let set = Objectives::new(&others, reference.len()).unwrap();
        check_close(gains(&candidates, &set, reference)[i], whole - rest, whole);
    }

    let mut archive = Archive::new(reference);
    let added = archive.extend(&candidates);
    for (i, added) in added.iter().enumerate() {
        check_close(*added, sliced(&rows[..=i], reference) - sliced(&rows[..i], reference), whole);
    }
    check_close(archive.hypervolume(), whole, whole);
    let kept = archive.objectives();
    assert_eq!(pareto::non_dominated(&kept).len(), kept.n());
    for own in archive.contributions() {
        assert!(own > 0.0, "every kept row is worth something, got {own}");
    }
}

/// Rows on a lattice, in a cube, and beyond the reference point, which is 1 everywhere.
fn rows(m: usize, most: usize) -> impl Strategy<Value = Vec<Vec<f64>>> {
    let lattice = (0..5_u8).prop_map(|x| f64::from(x) / 4.0);
    let value = prop_oneof![4 => lattice, 4 => 0.0..1.0_f64, 1 => -1.0..1.1_f64];
    proptest::collection::vec(proptest::collection::vec(value, m), 0..most)
}

/// Rows near a simplex: most of them are undominated.
fn front(m: usize, most: usize) -> impl Strategy<Value = Vec<Vec<f64>>> {
    let row = proptest::collection::vec(0.01..1.0_f64, m).prop_map(|row| {
        let sum: f64 = row.iter().sum();
        row.iter().map(|x| 0.9 * x / sum).collect()
    });
    proptest::collection::vec(row, 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everything_is_as_sliced((rows, m) in (1..6_usize).prop_flat_map(|m| (rows(m, 9), Just(m)))) {
        check(&rows, &vec![1.0; m]);
    }

    #[test]
    fn fronts_are_as_sliced((rows, m) in (2..5_usize).prop_flat_map(|m| (front(m, 18), Just(m)))) {
        check(&rows, &vec![1.0; m]);
    }

    #[test]
    fn many_objectives_are_as_sliced((rows, m) in (5..8_usize).prop_flat_map(|m| (front(m, 9), Just(m)))) {
        check(&rows, &vec![1.0; m]);
    }

    #[test]
    fn the_order_of_rows_does_not_matter((rows, m) in (2..7_usize).prop_flat_map(|m| (front(m, 40), Just(m)))) {
        let reference = vec![1.0; m];
        let mut reversed = rows.clone();
        reversed.reverse();
        let volume = hypervolume_of(&rows, &reference);
        check_close(hypervolume_of(&reversed, &reference), volume, volume);
        let mut own = contributions_of(&reversed, &reference);
        own.reverse();
        for (own, expected) in own.iter().zip(contributions_of(&rows, &reference)) {
            check_close(*own, expected, volume);
        }
    }

    #[test]
    fn shifted_and_scaled_rows_have_the_scaled_volume((rows, m) in (2..6_usize).prop_flat_map(|m| (rows(m, 30), Just(m)))) {
        // Powers of two and whole quarters: nothing is rounded on the way in.
        let rounded = |x: f64| (x * 1024.0).round() / 1024.0;
        let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.iter().map(|x| rounded(*x)).collect()).collect();
        let moved: Vec<Vec<f64>> = rows.iter().map(|row| row.iter().map(|x| 4.0 * x - 8.0).collect()).collect();
        let volume = hypervolume_of(&rows, &vec![1.0; m]);
        prop_assert_eq!(hypervolume_of(&moved, &vec![-4.0; m]), volume * 4.0_f64.powi(m as i32));
    }
}

/// More rows reach into what the last one adds than the fast path of four objectives takes.
#[test]
fn a_row_that_many_cut_into() {
    for n in [6, 7, 8, 14, 15, 16, 30, 31, 32, 33, 70] {
        let stair = |i: usize| {
            let x = (i + 1) as f64 / (n + 2) as f64;
            vec![x, 1.0 - x, 0.25 + 0.5 * (i * 7 % n) as f64 / n as f64, 0.0]
        };
        let mut rows: Vec<Vec<f64>> = (0..n).map(stair).collect();
        rows.push(vec![0.0, 0.0, 0.125, 0.5]);
        let reference = [1.0; 4];
        let volume = sliced(&rows, &reference);
        check_close(hypervolume_of(&rows, &reference), volume, volume);
        // The same with an objective more, which has the recursion meet it.
        rows.iter_mut().enumerate().for_each(|(i, row)| row.push((i % 3) as f64 / 4.0));
        let reference = [1.0; 5];
        let volume = sliced(&rows, &reference);
        check_close(hypervolume_of(&rows, &reference), volume, volume);
    }
}

#[test]
fn repeated_rows_count_once_and_are_worth_nothing_alone() {
    for m in 1..7 {
        let reference = vec![2.0; m];
        let rows = vec![vec![1.0; m]; 3];
        assert_eq!(hypervolume_of(&rows, &reference), 1.0, "{m} objectives");
        assert_eq!(contributions_of(&rows, &reference), [0.0; 3], "{m} objectives");
        assert_eq!(contributions_of(&rows[..1], &reference), [1.0], "{m} objectives");
    }
}

#[test]
fn a_dominated_row_lowers_what_its_dominator_is_worth() {
    for m in 1..7 {
        let rows = [vec![0.0; m], vec![1.0; m]];
        let whole = 2.0_f64.powi(m as i32);
        assert_eq!(contributions_of(&rows, &vec![2.0; m]), [whole - 1.0, 0.0], "{m} objectives");
    }
}

#[test]
fn rows_that_are_not_below_the_reference_count_nothing() {
    for m in 2..7 {
        let reference = vec![1.0; m];
        let mut on_the_edge = vec![0.0; m];
        on_the_edge[m - 1] = 1.0;
        let mut beyond = vec![-9.0; m];
        beyond[0] = 1.5;
        let rows = [on_the_edge, vec![0.5; m], beyond];
        let own = 0.5_f64.powi(m as i32);
        assert_eq!(hypervolume_of(&rows, &reference), own, "{m} objectives");
        assert_eq!(contributions_of(&rows, &reference), [0.0, own, 0.0], "{m} objectives");
        assert_eq!(hypervolume_of(&rows[..1], &reference), 0.0, "{m} objectives");
        assert_eq!(hypervolume_of(&[], &reference), 0.0, "{m} objectives");
        assert!(contributions_of(&[], &reference).is_empty(), "{m} objectives");
    }
}

#[test]
fn a_constant_objective_is_a_factor() {
    let rows: Vec<Vec<f64>> = (0..40).map(|i| vec![f64::from(i) / 40.0, f64::from(39 - i) / 40.0]).collect();
    let flat = hypervolume_of(&rows, &[1.0; 2]);
    for m in 3..7 {
        for constant in 0..m {
            let padded: Vec<Vec<f64>> = rows
                .iter()
                .map(|row| {
                    let mut values = row.clone();
                    values.resize(m, 0.5);
                    values.swap(constant, 0);
                    values
                })
                .collect();
            let expected = flat * 0.5_f64.powi(m as i32 - 2);
            check_close(hypervolume_of(&padded, &vec![1.0; m]), expected, expected);
        }
    }
}

#[test]
fn infinities() {
    let inf = f64::INFINITY;
    for m in 2..7 {
        let reference = vec![1.0; m];
        let with = |value: f64, other: f64| {
            let mut row = vec![other; m];
            row[0] = value;
            row
        };
        // Infinitely far below: dominated or repeated rows are still worth nothing.
        let rows = [with(-inf, 0.0), with(-inf, 0.5), with(0.0, -0.5), with(0.5, 0.5)];
        assert_eq!(hypervolume_of(&rows, &reference), inf, "{m} objectives");
        let own = contributions_of(&rows, &reference);
        assert_eq!((own[0], own[1], own[3]), (inf, 0.0, 0.0), "{m} objectives");
        let below = 1.5_f64.powi(m as i32 - 1) - 1.0;
        check_close(own[2], below, below);
        assert_eq!(contributions_of(&[rows[0].clone(), rows[0].clone()], &reference), [0.0; 2]);
        // Infinitely far above counts nothing, even below an infinite reference point.
        assert_eq!(hypervolume_of(&[with(inf, 0.0), with(0.5, 0.5)], &reference), 0.5_f64.powi(m as i32));
        assert_eq!(hypervolume_of(&[with(0.0, 0.0)], &with(inf, 1.0)), inf);
        assert_eq!(hypervolume_of(&[with(inf, 0.0)], &with(inf, 1.0)), 0.0);
        assert_eq!(hypervolume_of(&[with(-inf, -inf)], &with(-inf, 1.0)), 0.0);
        let mut archive = Archive::new(&reference);
        let values = rows.concat();
        archive.extend(&Objectives::new(&values, m).unwrap());
        assert_eq!((archive.hypervolume(), archive.objectives().n()), (inf, 2), "{m} objectives");
    }
}

#[test]
fn volumes_beyond_the_largest_number_are_infinite() {
    for m in 2..7 {
        let far = vec![vec![-1e300; m], vec![-1e300; m], vec![-2e300; m]];
        assert_eq!(hypervolume_of(&far, &vec![0.0; m]), f64::INFINITY, "{m} objectives");
        assert_eq!(
            hypervolume_of(&[vec![-f64::MAX; m]], &vec![f64::MAX; m]),
            f64::INFINITY,
            "{m} objectives"
        );
    }
}
