//! Properties of sorting on adversarial matrices: many ties, repeats, chains, signed zeros, infinities, subnormals.

use crate::slow;
use pareto::{Objectives, dominates, fronts, non_dominated, ranks, ranks_until};
use proptest::prelude::*;

/// A matrix of 0 to 60 rows and 1 to 7 objectives whose values come from one of several awkward pools.
fn matrix() -> impl Strategy<Value = (Vec<f64>, usize)> {
    let value = prop_oneof![
        (0..3_i8).prop_map(f64::from).boxed(),
        prop_oneof![Just(0.0), Just(-0.0), Just(1.0), Just(-1.0)].boxed(),
        prop_oneof![Just(f64::INFINITY), Just(f64::NEG_INFINITY), (0..9_i8).prop_map(f64::from)].boxed(),
        (0..20_u64).prop_map(f64::from_bits).boxed(),
        (-1e300..1e300_f64).boxed(),
        (0..40_i8).prop_map(f64::from).boxed(),
    ];
    let pools = [
        (0..3_i8).prop_map(f64::from).boxed(),
        (0..30_i8).prop_map(f64::from).boxed(),
        (0.0..1.0_f64).boxed(),
        value.boxed(),
    ];
    (1..8_usize, 0..61_usize, proptest::sample::select(pools.to_vec()))
        .prop_flat_map(|(m, n, pool)| (proptest::collection::vec(pool, n * m), Just(m)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ranks_are_those_of_peeling((rows, m) in matrix(), keep in 0..70_usize) {
        let objectives = Objectives::new(&rows, m).unwrap();
        let expected = slow::ranks(&rows, m);
        prop_assert_eq!(&ranks(&objectives), &expected);
        prop_assert_eq!(non_dominated(&objectives), fronts(&objectives).first().cloned().unwrap_or_default());
        let until = ranks_until(&objectives, keep);
        let ranked = until.iter().filter(|&&rank| rank != pareto::UNRANKED).count();
        prop_assert!(ranked >= keep.min(objectives.n()));
        prop_assert!(until.iter().zip(&expected).all(|(&got, &rank)| got == rank || got == pareto::UNRANKED));
        let last = until.iter().filter(|&&rank| rank != pareto::UNRANKED).max();
        let before = until.iter().filter(|&rank| *rank != pareto::UNRANKED && Some(rank) != last).count();
        prop_assert!(before < keep || ranked == 0, "no front more than needed");
    }

    #[test]
    fn ranks_follow_the_rows((rows, m) in matrix(), seed: u64) {
        let n = rows.len() / m;
        let order = permutation(n, seed);
        let moved: Vec<f64> = order.iter().flat_map(|&i| &rows[i * m..][..m]).copied().collect();
        let before = ranks(&Objectives::new(&rows, m).unwrap());
        let after = ranks(&Objectives::new(&moved, m).unwrap());
        prop_assert!(order.iter().zip(after).all(|(&i, rank)| rank == before[i]));
    }

    #[test]
    fn ranks_ignore_units_order_and_repeats((rows, m) in matrix(), swap in 0..8_usize) {
        let expected = ranks(&Objectives::new(&rows, m).unwrap());
        let check = |changed: Vec<f64>, m: usize| ranks(&Objectives::new(&changed, m).unwrap());
        // A strictly increasing map of every value: cube root keeps even subnormals apart.
        prop_assert_eq!(&check(rows.iter().map(|x| x.cbrt()).collect(), m), &expected);
        // Two objectives swapped, one repeated, a constant one added.
        let turned = rows.chunks_exact(m).flat_map(|row| { let mut row = row.to_vec(); row.rotate_left(swap % m); row });
        prop_assert_eq!(&check(turned.collect(), m), &expected);
        let repeated = rows.chunks_exact(m).flat_map(|row| row.iter().copied().chain([row[0]]));
        prop_assert_eq!(&check(repeated.collect(), m + 1), &expected);
        let constant = rows.chunks_exact(m).flat_map(|row| row.iter().copied().chain([7.0]));
        prop_assert_eq!(&check(constant.collect(), m + 1), &expected);
        let doubled = [rows.clone(), rows.clone()].concat();
        prop_assert_eq!(check(doubled, m), [expected.clone(), expected].concat());
    }

    #[test]
    fn dominance_is_its_definition((rows, m) in matrix()) {
        for (a, b) in rows.chunks_exact(m).zip(rows.chunks_exact(m).skip(1)) {
            prop_assert_eq!(dominates(a, b), slow::dominates(a, b));
        }
    }
}

/// A permutation of `0..n` that `seed` names.
pub(crate) fn permutation(n: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by_key(|&i| {
        (i as u64 ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(seed | 1)
    });
    order
}
