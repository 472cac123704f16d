//! Sorting on matrices that bytes spell: few bytes make many rows, so that a fuzzer reaches every path of the sort. This file is
//! the body of the fuzz target in `fuzz/`, too, and so uses nothing of its neighbours.

use pareto::{Objectives, ObjectivesError, Sorter, UNRANKED, fronts, non_dominated, ranks, ranks_until};

/// Values that have gone wrong in one sort or another.
const AWKWARD: [f64; 16] = [
    0.0,
    -0.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    1.0,
    -1.0,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    -f64::MIN_POSITIVE,
    5e-324,
    -5e-324,
    1e-310,
    1.0 + f64::EPSILON,
    1.0 - f64::EPSILON,
    4_503_599_627_370_497.5,
];

/// Panics if any answer about the matrix that `data` spells is not what the definition says.
pub(crate) fn check(data: &[u8]) {
    let Some((mut rows, m, keep)) = matrix(data) else { return };
    if let Some(at) = rows.iter().position(|value| value.is_nan()) {
        let expected = ObjectivesError::NotANumber { row: at / m, objective: at % m };
        assert_eq!(Objectives::new(&rows, m).unwrap_err(), expected);
        rows.iter_mut().filter(|value| value.is_nan()).for_each(|value| *value = 1.0);
    }
    let objectives = Objectives::new(&rows, m).expect("no NaN is left");
    let expected = chains(&rows, m);
    let n_fronts = expected.iter().max().map_or(0, |&last| last + 1);
    assert_eq!(ranks(&objectives), expected);

    // Buffers of an earlier, smaller sort must not show.
    let mut sorter = Sorter::default();
    let half = &rows[..expected.len() / 2 * m];
    assert_eq!(sorter.ranks(&Objectives::new(half, m).expect("no NaN is left")), chains(half, m));
    assert_eq!(sorter.ranks(&objectives), expected);

    let in_front = |rank: u32| (0..expected.len()).filter(|&i| expected[i] == rank).collect::<Vec<usize>>();
    assert_eq!(fronts(&objectives), (0..n_fronts).map(&in_front).collect::<Vec<_>>());
    assert_eq!(non_dominated(&objectives), in_front(0));
    let (mut held, mut needed) = (0, 0);
    while held < keep && needed < n_fronts {
        held += in_front(needed).len();
        needed += 1;
    }
    let until = expected.iter().map(|&rank| if rank < needed { rank } else { UNRANKED });
    assert_eq!(ranks_until(&objectives, keep), until.collect::<Vec<_>>());
}

/// The first bytes choose the number of objectives, the rows, what bytes mean and how many rows to keep; the others are the
/// values, read again and again with a growing offset until all rows have theirs.
fn matrix(data: &[u8]) -> Option<(Vec<f64>, usize, usize)> {
    let [m, rows, meaning, offset, keep, values @ ..] = data else { return None };
    let m = 1 + usize::from(*m) % 12;
    // Small matrices are sorted by the dozen while a large one is.
    let n = usize::from(*rows).pow(2) / 50;
    let keep = usize::from(*keep) * n / 200;
    let byte = |place: usize| {
        let turn = (place / values.len()) as u8;
        values[place % values.len()].wrapping_add(turn.wrapping_mul(*offset))
    };
    let value = |place: usize| match meaning % 6 {
        0 => f64::from(byte(place)),
        1 => f64::from(byte(place) % 4),
        2 => AWKWARD[usize::from(byte(place) % 16)],
        3 => f64::from_bits(u64::from_le_bytes(std::array::from_fn(|i| byte(8 * place + i)))),
        // Rows that rise together: many fronts.
        4 => f64::from(byte(place / m)) + f64::from(byte(place) % 8) / 4.0,
        // Rows on a plane, nearly: few fronts.
        _ if place % m == m - 1 => {
            let others = (place + 1 - m..place).map(|place| f64::from(byte(place))).sum::<f64>();
            f64::from(byte(place) % 4) - others
        }
        _ => f64::from(byte(place)),
    };
    let rows = if values.is_empty() { Vec::new() } else { (0..n * m).map(value).collect() };
    Some((rows, m, keep))
}

/// Ranks as the longest chains of dominance: whoever dominates a row comes before it in lexicographic order.
fn chains(rows: &[f64], m: usize) -> Vec<u32> {
    let row = |i: usize| &rows[i * m..][..m];
    let dominates = |a: usize, b: usize| {
        let pairs = || row(a).iter().zip(row(b));
        pairs().all(|(a, b)| a <= b) && pairs().any(|(a, b)| a < b)
    };
    let mut order: Vec<usize> = (0..rows.len() / m).collect();
    order.sort_by(|&a, &b| row(a).partial_cmp(row(b)).expect("no NaN is left"));
    let mut ranks = vec![0; order.len()];
    for (place, &i) in order.iter().enumerate() {
        let dominators = order[..place].iter().filter(|&&j| dominates(j, i));
        ranks[i] = dominators.map(|&j| ranks[j] + 1).max().unwrap_or(0);
    }
    ranks
}

#[test]
fn random_bytes_are_sorted_as_defined() {
    use rand_core::Rng;
    for index in 0..400 {
        let mut rng = random::stream(17, random::Purpose::Test, 0, index);
        let mut data = vec![0; 5 + rng.next_u32() as usize % 300];
        rng.fill_bytes(&mut data);
        // Most matrices small: what is wrong shows there, too, and is easier to read.
        if index % 4 != 0 {
            data[1] %= 64;
        }
        check(&data);
    }
}

#[test]
fn the_slow_chains_are_those_of_a_hand_worked_case() {
    let rows = [1.0, 4.0, 2.0, 2.0, 3.0, 3.0, 2.0, 2.0, 4.0, 4.0, -0.0, 9.0, 0.0, 9.0];
    assert_eq!(chains(&rows, 2), [0, 0, 1, 0, 2, 0, 0]);
}
