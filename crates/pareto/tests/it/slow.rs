//! Slow, obvious definitions that the crate is compared with.

/// Ranks by peeling: whoever no remaining row dominates is in the next front.
pub(crate) fn ranks(rows: &[f64], m: usize) -> Vec<u32> {
    let rows: Vec<&[f64]> = rows.chunks_exact(m).collect();
    let mut ranks = vec![u32::MAX; rows.len()];
    let mut rank = 0;
    while ranks.contains(&u32::MAX) {
        let left: Vec<usize> = (0..rows.len()).filter(|&i| ranks[i] == u32::MAX).collect();
        for &i in &left {
            if !left.iter().any(|&j| dominates(rows[j], rows[i])) {
                ranks[i] = rank;
            }
        }
        rank += 1;
    }
    ranks
}

pub(crate) fn dominates(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(x, y)| x <= y) && a.iter().zip(b).any(|(x, y)| x < y)
}

/// Hypervolume below `reference` by inclusion and exclusion over all subsets: few rows only.
pub(crate) fn hypervolume(rows: &[f64], reference: &[f64]) -> f64 {
    let m = reference.len();
    let rows: Vec<&[f64]> = rows.chunks_exact(m).collect();
    let mut volume = 0.0;
    for subset in 1_u32..1 << rows.len() {
        let members: Vec<&[f64]> =
            (0..rows.len()).filter(|i| subset >> i & 1 == 1).map(|i| rows[i]).collect();
        let side =
            |j: usize| members.iter().map(|row| reference[j] - row[j]).fold(f64::INFINITY, f64::min).max(0.0);
        let sign = if members.len() % 2 == 1 { 1.0 } else { -1.0 };
        volume += sign * (0..m).map(side).product::<f64>();
    }
    volume
}
