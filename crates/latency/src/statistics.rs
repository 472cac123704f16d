//! Figures that compare two lists of numbers: quantiles and rank correlations. Ties are everywhere in latencies
//! (whole milliseconds, equal networks), so both correlations handle them.

use std::cmp::Ordering;

/// The middle of the values, or the mean of the two middle ones; NaN if there are none.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The value below which a share of the values lies, interpolated between neighbours; NaN if there are none.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let sorted = sorted(values);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = share * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// Ascending.
pub(crate) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

/// Spearman's rank correlation; equal values share their mean rank. NaN if one list is constant.
pub fn spearman(a: &[f64], b: &[f64]) -> f64 {
    pearson(&ranks(a), &ranks(b))
}

/// Kendall's tau-b: concordant minus discordant pairs, corrected for ties in either list (Kendall 1945,
/// DOI 10.1093/biomet/33.3.239). NaN if one list is constant.
pub fn kendall(a: &[f64], b: &[f64]) -> f64 {
    let (mut surplus, mut untied_a, mut untied_b) = (0_i64, 0_i64, 0_i64);
    for first in 0..a.len() {
        for second in 0..first {
            let in_a = sign(a[first].total_cmp(&a[second]));
            let in_b = sign(b[first].total_cmp(&b[second]));
            surplus += in_a * in_b;
            untied_a += in_a.abs();
            untied_b += in_b.abs();
        }
    }
    surplus as f64 / (untied_a as f64 * untied_b as f64).sqrt()
}

fn sign(order: Ordering) -> i64 {
    match order {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let before = order.partition_point(|&at| values[at].total_cmp(&values[tied[0]]).is_lt());
        for &at in tied {
            ranks[at] = before as f64 + (tied.len() - 1) as f64 / 2.0;
        }
    }
    ranks
}

fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut both, mut only_a, mut only_b) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        both += (x - mean_a) * (y - mean_b);
        only_a += (x - mean_a).powi(2);
        only_b += (y - mean_b).powi(2);
    }
    both / (only_a * only_b).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(quantile(&[0.0, 10.0], 0.25), 2.5);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn correlations_handle_ties() {
        let a = [1.0, 2.0, 2.0, 3.0];
        assert_eq!(spearman(&a, &a), 1.0);
        assert_eq!(kendall(&a, &a), 1.0);
        let reversed = [3.0, 2.0, 2.0, 1.0];
        assert_eq!(kendall(&a, &reversed), -1.0);
        // Five pairs are untied in `a`, six in `b`: five agree.
        let b = [1.0, 2.0, 3.0, 4.0];
        assert!((kendall(&a, &b) - 5.0 / 30.0_f64.sqrt()).abs() < 1e-12);
        // Ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3.
        assert!((spearman(&a, &b) - 4.5 / 22.5_f64.sqrt()).abs() < 1e-12);
        assert!(kendall(&a, &[1.0; 4]).is_nan() && spearman(&a, &[1.0; 4]).is_nan());
    }
}
