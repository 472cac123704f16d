//! Lattices of reference points: the simplex lattice of Das and Dennis 1998 (DOI 10.1137/S1052623496307510) and the two-layer
//! set of Deb and Jain 2014 (DOI 10.1109/TEVC.2013.2281535). Only certain numbers of points can be had; `energy` makes any.

use super::ReferencePoints;

/// All points whose `m` coordinates are multiples of 1/`divisions` and sum to 1, in descending lexicographic order of
/// the first coordinates: [`count`] of them.
///
/// ```
/// let points = pareto::reference::das_dennis(3, 12);
/// assert_eq!(points.len(), 91);
/// ```
///
/// # Panics
///
/// If `m` or `divisions` is 0.
pub fn das_dennis(m: usize, divisions: usize) -> ReferencePoints {
    ReferencePoints::new(lattice(m, divisions), m)
}

/// The `outer` lattice on the simplex and the `inner` one shrunk by half towards its centre: for many objectives,
/// where a single affordable lattice would have no point inside.
///
/// # Panics
///
/// If `m`, `outer` or `inner` is 0.
pub fn two_layers(m: usize, outer: usize, inner: usize) -> ReferencePoints {
    let mut values = lattice(m, outer);
    let centre = 1.0 / m as f64;
    values.extend(lattice(m, inner).into_iter().map(|x| 0.5 * x + 0.5 * centre));
    ReferencePoints::new(values, m)
}

/// How many points [`das_dennis`] makes: `m + divisions - 1` choose `divisions`, or `usize::MAX` if that overflows.
pub fn count(m: usize, divisions: usize) -> usize {
    let mut count: u128 = 1;
    for i in 1..=divisions as u128 {
        // Exact at every step: the running value is itself a binomial coefficient.
        count = count * (m as u128 - 1 + i) / i;
        if count > usize::MAX as u128 {
            return usize::MAX;
        }
    }
    count as usize
}

/// The most divisions whose lattice has at most `wanted` points; 1 if even that has more, or if `m` is 1.
///
/// # Panics
///
/// If `m` is 0.
pub fn divisions(m: usize, wanted: usize) -> usize {
    assert!(m > 0, "a lattice needs an objective");
    let (mut divisions, mut count) = (1, m as u128);
    if m == 1 {
        return divisions;
    }
    loop {
        // The next binomial coefficient, as in `count`.
        count = count * (m + divisions) as u128 / (divisions as u128 + 1);
        if count > wanted as u128 {
            return divisions;
        }
        divisions += 1;
    }
}

fn lattice(m: usize, divisions: usize) -> Vec<f64> {
    assert!(m > 0 && divisions > 0, "a lattice needs an objective and a division, got {m} and {divisions}");
    let mut values = Vec::with_capacity(count(m, divisions) * m);
    let mut parts = vec![0; m];
    parts[0] = divisions;
    loop {
        values.extend(parts.iter().map(|&part| part as f64 / divisions as f64));
        // Next composition: move one unit right from the last positive part, and gather behind it what lies at the end.
        let at_end = std::mem::take(&mut parts[m - 1]);
        match parts.iter().rposition(|&part| part > 0) {
            Some(last) => {
                parts[last] -= 1;
                parts[last + 1] = at_end + 1;
            }
            None => return values,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lattices_are_complete() {
        let rows: Vec<Vec<f64>> = das_dennis(3, 2).points().map(<[f64]>::to_vec).collect();
        let expected = [
            [1.0, 0.0, 0.0],
            [0.5, 0.5, 0.0],
            [0.5, 0.0, 0.5],
            [0.0, 1.0, 0.0],
            [0.0, 0.5, 0.5],
            [0.0, 0.0, 1.0],
        ];
        assert_eq!(rows, expected);
        for (m, p) in [(1, 1), (1, 5), (2, 127), (3, 12), (4, 5), (8, 3), (10, 2)] {
            let points = das_dennis(m, p);
            assert_eq!(points.len(), count(m, p), "{m} objectives, {p} divisions");
            assert!(points.points().all(|row| (row.iter().sum::<f64>() - 1.0).abs() < 1e-15 * m as f64));
            assert!(points.points().zip(points.points().skip(1)).all(|(a, b)| a > b), "distinct and ordered");
        }
    }

    #[test]
    fn counts_and_their_inverse() {
        // The table of Deb and Jain 2014.
        assert_eq!([count(3, 12), count(5, 6), count(8, 3), count(10, 3)], [91, 210, 120, 220]);
        assert_eq!(count(60, 60), usize::MAX);
        assert_eq!([divisions(2, 128), divisions(3, 128), divisions(10, 128)], [127, 14, 2]);
        assert_eq!([divisions(4, 1), divisions(1, 50)], [1, 1]);
    }

    #[test]
    fn the_inner_layer_is_inside() {
        let points = two_layers(8, 3, 2);
        assert_eq!(points.len(), 120 + 36);
        assert!(points.points().skip(120).all(|row| row.iter().all(|&x| x >= 0.5 / 8.0)));
        assert!(points.points().all(|row| (row.iter().sum::<f64>() - 1.0).abs() < 1e-14));
    }
}
