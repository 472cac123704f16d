//! Where the hyperplane through the extreme points cuts the axes (Deb and Jain 2014, section IV-C). It says when there is
//! no such hyperplane, or none that is of use; what happens then is up to `normalisation`.

/// An intercept below this fraction of the front's span would blow an objective up: the hyperplane is not used then.
const LEAST_INTERCEPT: f64 = 1e-6;
/// A pivot below this, on rows of order one, means that the extreme points do not span a hyperplane.
const LEAST_PIVOT: f64 = 1e-10;

/// The intercepts of the hyperplane through `n` points of `n` coordinates, by Gaussian elimination with partial pivoting of
/// `points * b = 1`; `None` unless every intercept `1/b` is usable.
pub(super) fn intercepts(mut points: Vec<f64>, n: usize) -> Option<Vec<f64>> {
    let mut right = vec![1.0; n];
    for step in 0..n {
        let size = |row: usize| points[row * n + step].abs();
        let pivot = (step..n).max_by(|&a, &b| size(a).total_cmp(&size(b)))?;
        if size(pivot) < LEAST_PIVOT {
            return None;
        }
        right.swap(step, pivot);
        let (above, below) = points.split_at_mut((step + 1) * n);
        let top = &mut above[step * n..];
        if pivot > step {
            top.swap_with_slice(&mut below[(pivot - step - 1) * n..][..n]);
        }
        for (at, row) in below.chunks_exact_mut(n).enumerate() {
            let factor = row[step] / top[step];
            row[step..].iter_mut().zip(&top[step..]).for_each(|(x, y)| *x -= factor * y);
            right[step + 1 + at] -= factor * right[step];
        }
    }
    for step in (0..n).rev() {
        let row = &points[step * n..][..n];
        let known: f64 = row[step + 1..].iter().zip(&right[step + 1..]).map(|(x, b)| x * b).sum();
        right[step] = (right[step] - known) / row[step];
    }
    // The comparisons also refuse negative intercepts, those at infinity (b = 0) and NaN.
    let usable = |b: f64| (b > 0.0 && 1.0 / b >= LEAST_INTERCEPT && (1.0 / b).is_finite()).then(|| 1.0 / b);
    right.into_iter().map(usable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plane_through_three_points() {
        // x/2 + y/4 + z/8 = 1, through points in an order that needs pivoting.
        let points = vec![0.0, 2.0, 4.0, 1.0, 0.0, 4.0, 1.0, 2.0, 0.0];
        let got = intercepts(points, 3).unwrap();
        assert!(got.iter().zip([2.0, 4.0, 8.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{got:?}");
    }

    #[test]
    fn planes_of_no_use_are_refused() {
        assert_eq!(intercepts(vec![1.0, 0.0, 0.0, 2.0], 2), Some(vec![1.0, 2.0]));
        // A negative intercept; a plane parallel to an axis; a repeated point; an intercept too near the ideal point.
        assert_eq!(intercepts(vec![1.0, 0.5, 2.0, 3.0], 2), None);
        assert_eq!(intercepts(vec![1.0, 0.0, 1.0, 2.0], 2), None);
        assert_eq!(intercepts(vec![1.0, 0.5, 1.0, 0.5], 2), None);
        assert_eq!(intercepts(vec![1e-7, 0.0, 0.0, 1.0], 2), None);
        assert_eq!(intercepts(vec![], 0), Some(vec![]));
    }
}
