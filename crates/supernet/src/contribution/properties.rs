//! Properties of contributions that come from several processes, for any of them and any way to share them out: in fixed order
//! nothing differs from one process; in another order, no more than rounding explains.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::num::f32::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
use proptest::prelude::*;

use super::*;

/// Weights that paths may touch.
const WEIGHTS: u32 = 9;

/// Elements of a weight: some number, the same for all paths.
fn len(index: u32) -> u32 {
    1 + index % 4
}

fn contribution(value: impl Strategy<Value = f32>) -> impl Strategy<Value = Contribution> {
    let most = (0..WEIGHTS).map(len).sum::<u32>() as usize;
    (vec(any::<bool>(), WEIGHTS as usize), vec(value, most), any::<f64>()).prop_map(
        |(touched, values, loss)| {
            let touched = (0..WEIGHTS).filter(|&index| touched[index as usize]);
            let weights: Vec<Part> = touched.map(|index| Part { index, len: len(index) }).collect();
            let gradients = values[..weights.iter().map(|part| part.len as usize).sum()].to_vec();
            Contribution { samples: 1, loss_sum: loss, weights, gradients, ..Contribution::default() }
        },
    )
}

/// Contributions of one process to eight, in runs of neighbours, of which some may be empty.
fn shared_out(value: impl Strategy<Value = f32>) -> impl Strategy<Value = Vec<Vec<Contribution>>> {
    vec(vec(contribution(value), 0..4), 1..=8)
}

/// What every process has after all have told each other.
fn gathered(processes: &[Vec<Contribution>]) -> Vec<Contribution> {
    let mut all = Vec::new();
    for process in processes {
        let mut message = Vec::new();
        for one in process {
            one.write(&mut message);
        }
        let mut rest = &message[..];
        while !rest.is_empty() {
            all.push(Contribution::read(&mut rest).unwrap());
        }
    }
    all
}

/// All values that any contribution has for each element of each weight, in order.
fn values(processes: &[Vec<Contribution>]) -> BTreeMap<u32, Vec<Vec<f32>>> {
    let mut values = BTreeMap::new();
    for one in processes.iter().flatten() {
        let mut at = 0;
        for part in &one.weights {
            let elements = values.entry(part.index).or_insert_with(|| vec![Vec::new(); part.len as usize]);
            for element in elements {
                element.push(one.gradients[at]);
                at += 1;
            }
        }
    }
    values
}

/// The bits of a sum.
fn bits(sums: &BTreeMap<u32, Vec<f32>>) -> BTreeMap<u32, Vec<u32>> {
    let of = |sum: &Vec<f32>| sum.iter().map(|value| value.to_bits()).collect();
    sums.iter().map(|(&index, sum)| (index, of(sum))).collect()
}

proptest! {
    /// Zeros keep their signs, and a weight that nobody has touched has no gradient.
    #[test]
    fn in_fixed_order_they_are_those_of_one_process(
        processes in shared_out(NORMAL | SUBNORMAL | ZERO | POSITIVE | NEGATIVE),
    ) {
        let in_order = |element: Vec<f32>| element.into_iter().reduce(|sum, value| sum + value).unwrap();
        let expected = values(&processes)
            .into_iter()
            .map(|(index, elements)| (index, elements.into_iter().map(in_order).collect()))
            .collect();
        let found = gathered(&processes);
        prop_assert_eq!(bits(&sums(&found)), bits(&expected));
        let losses = |all: &[Contribution]| all.iter().map(|one| one.loss_sum.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(losses(&found), losses(&processes.concat()));
    }

    /// Added up in any order, n numbers x are off by at most (n - 1) u / (1 - (n - 1) u) times the sum of |x|, u = 2^-24
    /// (N. Higham, Accuracy and Stability of Numerical Algorithms, second edition, section 4.2); two orders differ by twice that.
    #[test]
    fn a_pool_is_off_by_rounding_alone(
        processes in shared_out(-1e3_f32..1e3),
        order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let fixed = sums(&gathered(&processes));
        let mut processes_without = processes.clone();
        let own: Vec<_> = processes_without.iter_mut().map(|process| Pool::take(process)).collect();
        let mut all = gathered(&processes_without);
        let pools: Vec<Pool> = own.iter().map(|own| Pool::new(&all, own)).collect();
        let mut sum = Pool::new(&all, &BTreeMap::new());
        for pool in order.iter().filter_map(|&process| pools.get(process)) {
            sum.values.iter_mut().zip(&pool.values).for_each(|(sum, value)| *sum += value);
        }
        sum.give(&mut all);
        let pooled = sums(&all);
        prop_assert!(pooled.keys().eq(fixed.keys()));
        for (index, elements) in values(&processes) {
            for (at, element) in elements.iter().enumerate() {
                let error = (element.len() - 1) as f64 * 2_f64.powi(-24);
                let size: f64 = element.iter().map(|value| f64::from(value.abs())).sum();
                let off = f64::from(pooled[&index][at]) - f64::from(fixed[&index][at]);
                prop_assert!(off.abs() <= 2.0 * error / (1.0 - error) * size, "{off} of {element:?}");
            }
        }
    }
}
