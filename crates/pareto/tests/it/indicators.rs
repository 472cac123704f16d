//! Hypervolume against inclusion and exclusion, and the order that better sets must have in every indicator.

use crate::slow;
use pareto::{Objectives, additive_epsilon, hypervolume, igd_plus};
use proptest::prelude::*;

fn rows(m: usize, most: usize) -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![(0..6_u8).prop_map(|x| f64::from(x) / 4.0), 0.0..1.2_f64];
    proptest::collection::vec(proptest::collection::vec(value, m), 0..most).prop_map(|rows| rows.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hypervolume_is_that_of_inclusion_and_exclusion((rows, m) in (1..7_usize).prop_flat_map(|m| (rows(m, 9), Just(m)))) {
        let reference = vec![1.0; m];
        let got = hypervolume(&Objectives::new(&rows, m).unwrap(), &reference);
        let expected = slow::hypervolume(&rows, &reference);
        prop_assert!((got - expected).abs() <= 1e-12 * expected.max(1e-3), "{got} {expected}");
    }

    #[test]
    fn volume_grows_with_rows_and_not_with_dominated_ones((rows, m) in (2..6_usize).prop_flat_map(|m| (rows(m, 30), Just(m)))) {
        let reference = vec![1.0; m];
        let volume = |rows: &[f64]| hypervolume(&Objectives::new(rows, m).unwrap(), &reference);
        let all = volume(&rows);
        let objectives = Objectives::new(&rows, m).unwrap();
        let front: Vec<f64> =
            pareto::non_dominated(&objectives).into_iter().flat_map(|i| objectives.row(i)).copied().collect();
        prop_assert!((all - volume(&front)).abs() <= 1e-12 * all);
        let most = rows.len() / m;
        prop_assert!(all * (1.0 + 1e-12) >= volume(&rows[..most / 2 * m]));
    }

    #[test]
    fn distances_agree_with_dominance((rows, m) in (2..5_usize).prop_flat_map(|m| (rows(m, 12), Just(m)))) {
        let set = Objectives::new(&rows, m).unwrap();
        prop_assert_eq!(igd_plus(&set, &set), 0.0);
        let worse: Vec<f64> = rows.iter().map(|x| x + 0.5).collect();
        let worse = Objectives::new(&worse, m).unwrap();
        prop_assert_eq!(igd_plus(&set, &worse), 0.0);
        if set.n() > 0 {
            prop_assert!((additive_epsilon(&worse, &set) - 0.5).abs() < 1e-12);
        }
    }
}
