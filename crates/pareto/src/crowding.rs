//! Crowding distance within a front (Deb, Pratap, Agarwal, Meyarivan 2002, DOI 10.1109/4235.996017). It does not
//! sort fronts; `nsga2` combines the two.

use crate::objectives::Objectives;
use crate::span::Span;
use std::cmp::Ordering;

/// How far apart the neighbours of each member of `front` are: per objective the gap between the next lower and the
/// next higher member, divided by the front's span, summed over the objectives. Larger is lonelier.
///
/// One distance per entry of `front`, in its order. The members at either end of an objective get +inf. Of equal rows
/// the first index carries the distance and the others get 0, so that repeats are dropped before anything else.
/// Infinite objectives count as the finite end of the front's span; an objective that is constant counts nothing.
///
/// # Panics
///
/// If `front` names a row that does not exist.
pub fn crowding(objectives: &Objectives<'_>, front: &[usize]) -> Vec<f64> {
    let mut distances = vec![0.0; front.len()];
    let mut order: Vec<usize> = (0..front.len()).collect();
    let row = |position: usize| objectives.row(front[position]);
    let by_rows = |a: &usize, b: &usize| row(*a).partial_cmp(row(*b)).unwrap_or(Ordering::Equal);
    order.sort_by(|a, b| by_rows(a, b).then(front[*a].cmp(&front[*b])));
    order.dedup_by(|next, kept| row(*next) == row(*kept));
    if order.len() <= 2 {
        for position in order {
            distances[position] = f64::INFINITY;
        }
        return distances;
    }
    for objective in 0..objectives.m() {
        let value = |position: usize| row(position)[objective];
        order
            .sort_by(|a, b| value(*a).partial_cmp(&value(*b)).unwrap_or(Ordering::Equal).then(by_rows(a, b)));
        let (first, last) = (order[0], order[order.len() - 1]);
        if value(first) == value(last) {
            continue;
        }
        distances[first] = f64::INFINITY;
        distances[last] = f64::INFINITY;
        let span = Span::of(front.iter().map(|&i| objectives.row(i)[objective]));
        let place = |position: usize| span.place(span.clamp(value(position)));
        for neighbours in order.windows(3) {
            distances[neighbours[1]] += place(neighbours[2]) - place(neighbours[0]);
        }
    }
    distances
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[f64], expected: &[f64]) {
        let objectives = Objectives::new(rows, 2).unwrap();
        let front: Vec<usize> = (0..objectives.n()).collect();
        assert_eq!(crowding(&objectives, &front), expected);
    }

    const INF: f64 = f64::INFINITY;

    #[test]
    fn the_textbook_example() {
        check(&[0.0, 4.0, 1.0, 2.0, 2.0, 1.0, 4.0, 0.0], &[INF, 0.5 + 0.75, 0.75 + 0.5, INF]);
    }

    #[test]
    fn repeats_get_nothing() {
        check(&[0.0, 2.0, 1.0, 1.0, 1.0, 1.0, 2.0, 0.0], &[INF, 2.0, 0.0, INF]);
        check(&[1.0, 1.0, 1.0, 1.0], &[INF, 0.0]);
    }

    #[test]
    fn constants_and_infinities_give_no_nan() {
        check(&[0.0, 5.0, 1.0, 5.0, 2.0, 5.0, 4.0, 5.0], &[INF, 0.5, 0.75, INF]);
        check(&[-INF, INF, 0.0, 4.0, 1.0, 3.0, 2.0, 2.0, INF, -INF], &[INF, 1.0, 2.0, 1.0, INF]);
        check(&[], &[]);
    }
}
