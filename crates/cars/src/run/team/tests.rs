//! For any number of ranks, the paths of a step are shared out whole, and what comes back is in their order.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use supernet::Contribution;

use super::threads::together;
use super::{Reduction, Team};

/// What each of so many ranks has after it has exchanged its paths' contributions with the others.
fn exchanged(paths: &[Contribution], ranks: usize, reduction: Reduction) -> Vec<Vec<u32>> {
    together(ranks, |cluster| {
        let team = Team::new(cluster, reduction);
        words(&team.exchange(paths[team.own(paths.len())].to_vec()).unwrap())
    })
}

fn words(contributions: &[Contribution]) -> Vec<u32> {
    let mut words = Vec::new();
    for one in contributions {
        one.write(&mut words);
    }
    words
}

/// The contribution of a path that has touched some of eight weights, each of one number.
fn contribution() -> impl Strategy<Value = Contribution> {
    vec(prop::option::of(-1e3_f32..1e3), 8).prop_map(|weights| {
        let touched = weights.iter().enumerate().filter_map(|(index, value)| Some((index as u32, (*value)?)));
        let (indices, values): (Vec<u32>, Vec<f32>) = touched.unzip();
        let count = indices.len() as u32;
        let mut message = vec![4, 1, 0, 0, count, count, 0, 0];
        message.extend(indices.into_iter().flat_map(|index| [index, 1]));
        message.extend(values.into_iter().map(f32::to_bits));
        Contribution::read(&mut &message[..]).unwrap()
    })
}

/// The weights that a path has touched.
fn touched(path: &Contribution) -> Vec<u32> {
    let words = words(std::slice::from_ref(path));
    words[8..].chunks(2).take(words[4] as usize).map(|part| part[0]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_rank_has_all_paths_in_order(paths in vec(contribution(), 0..9), ranks in 1_usize..7) {
        for found in exchanged(&paths, ranks, Reduction::Fixed) {
            prop_assert_eq!(&found, &words(&paths));
        }
    }

    #[test]
    fn every_rank_has_the_same_sums(paths in vec(contribution(), 1..9), ranks in 2_usize..7) {
        let all = exchanged(&paths, ranks, Reduction::Fast);
        prop_assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
        // Gradients are there once, whichever paths share them.
        let weights = paths.iter().flat_map(touched).collect::<BTreeSet<_>>().len();
        prop_assert_eq!(all[0].len(), 8 * paths.len() + 3 * weights);
    }
}
