//! Exact hypervolume: a sort for two objectives, a dimension sweep for three (Fonseca, Paquete, López-Ibáñez 2006,
//! DOI 10.1109/CEC.2006.1688440) and the WFG recursion for more (While, Bradstreet, Barone 2012,
//! DOI 10.1109/TEVC.2010.2077298). The volume is that of the region between the rows and the reference point.

use crate::objectives::Objectives;
use std::cmp::Ordering;

/// The volume that the rows dominate and `reference` bounds.
///
/// A row that is not strictly below `reference` in every objective contributes nothing. +inf if a contributing row
/// has an objective of −inf, or `reference` one of +inf.
///
/// # Panics
///
/// If `reference` has another number of objectives than the rows.
pub fn hypervolume(objectives: &Objectives<'_>, reference: &[f64]) -> f64 {
    assert_eq!(reference.len(), objectives.m(), "the reference point must have one coordinate an objective");
    // Distances below the reference point: a maximisation against the origin.
    let inside = objectives.rows().filter(|row| row.iter().zip(reference).all(|(x, r)| x < r));
    let heights: Vec<f64> = inside.flat_map(|row| row.iter().zip(reference).map(|(x, r)| r - x)).collect();
    if heights.iter().any(|height| height.is_infinite()) {
        return f64::INFINITY;
    }
    let mut boxes: Vec<&[f64]> = heights.chunks_exact(objectives.m()).collect();
    volume(&mut boxes, objectives.m())
}

/// The volume of the union of boxes that span from the origin to each corner; only the first `m` coordinates count.
fn volume(boxes: &mut [&[f64]], m: usize) -> f64 {
    match m {
        1 => boxes.iter().map(|corner| corner[0]).fold(0.0, f64::max),
        2 => area(boxes),
        3 => sweep(boxes),
        _ => slices(boxes, m),
    }
}

fn descending(a: f64, b: f64) -> Ordering {
    b.total_cmp(&a)
}

/// Two objectives: strips of growing height from the widest box to the narrowest.
fn area(boxes: &mut [&[f64]]) -> f64 {
    boxes.sort_unstable_by(|a, b| descending(a[0], b[0]));
    let (mut area, mut height) = (0.0, 0.0);
    for corner in boxes {
        if corner[1] > height {
            area += corner[0] * (corner[1] - height);
            height = corner[1];
        }
    }
    area
}

/// Three objectives: boxes enter in descending third coordinate, the area of the other two is kept as a staircase.
fn sweep(boxes: &mut [&[f64]]) -> f64 {
    boxes.sort_unstable_by(|a, b| descending(a[2], b[2]));
    // Corners (x, y) of the staircase, x descending and y ascending.
    let mut stairs: Vec<(f64, f64)> = Vec::with_capacity(boxes.len());
    let (mut volume, mut area, mut z) = (0.0, 0.0, 0.0);
    for corner in boxes {
        let (x, y) = (corner[0], corner[1]);
        volume += area * (z - corner[2]);
        z = corner[2];
        // Stairs wider than the newcomer stay; the next ones that are no higher are covered by it.
        let start = stairs.partition_point(|stair| stair.0 >= x);
        let floor = if start == 0 { 0.0 } else { stairs[start - 1].1 };
        if floor >= y {
            continue;
        }
        let covered = stairs[start..].partition_point(|stair| stair.1 <= y);
        let end = start + covered;
        let (mut low, mut gained) = (floor, 0.0);
        for stair in &stairs[start..end] {
            gained += (x - stair.0) * (stair.1 - low);
            low = stair.1;
        }
        let behind = stairs.get(end).map_or(0.0, |stair| stair.0);
        area += gained + (x - behind) * (y - low);
        stairs.splice(start..end, [(x, y)]);
    }
    volume + area * z
}

/// Four and more: each box adds what the boxes after it do not cover, and that cover, cut down to the box, is itself a
/// union of boxes with one coordinate less, since in descending order of the last one the cut leaves it the same.
fn slices(boxes: &mut [&[f64]], m: usize) -> f64 {
    let last = m - 1;
    boxes.sort_unstable_by(|a, b| a[last].total_cmp(&b[last]));
    let mut total = 0.0;
    for (at, corner) in boxes.iter().enumerate() {
        let cut: Vec<f64> = boxes[at + 1..]
            .iter()
            .flat_map(|other| corner[..last].iter().zip(*other).map(|(x, y)| x.min(*y)))
            .collect();
        let mut cover: Vec<&[f64]> = maximal(&cut, last);
        let own: f64 = corner[..last].iter().product();
        total += corner[last] * (own - volume(&mut cover, last));
    }
    total
}

/// The corners that lie inside no other.
fn maximal(corners: &[f64], m: usize) -> Vec<&[f64]> {
    let mut kept: Vec<&[f64]> = Vec::new();
    for corner in corners.chunks_exact(m) {
        if !kept.iter().any(|other| is_inside(corner, other)) {
            kept.retain(|other| !is_inside(other, corner));
            kept.push(corner);
        }
    }
    kept
}

fn is_inside(corner: &[f64], other: &[f64]) -> bool {
    corner.iter().zip(other).all(|(x, y)| x <= y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[f64], reference: &[f64], expected: f64) {
        let objectives = Objectives::new(rows, reference.len()).unwrap();
        assert_eq!(hypervolume(&objectives, reference), expected, "{rows:?} below {reference:?}");
    }

    #[test]
    fn small_examples() {
        check(&[], &[1.0, 1.0], 0.0);
        check(&[0.25, 0.5], &[1.0], 0.75);
        check(&[0.0, 2.0, 1.0, 1.0, 2.0, 0.0], &[3.0, 3.0], 6.0);
        check(&[1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 4.0, 0.0, 0.0, 4.0], &[3.0, 3.0], 4.0);
        check(&[0.0, 0.0, 2.0, 0.0, 2.0, 0.0, 2.0, 0.0, 0.0], &[3.0; 3], 9.0 + 9.0 + 9.0 - 3.0 * 3.0 + 1.0);
        check(&[0.0; 5], &[2.0; 5], 32.0);
    }

    #[test]
    fn infinities() {
        let inf = f64::INFINITY;
        check(&[-inf, 0.0], &[1.0, 1.0], inf);
        check(&[-inf, 1.0, 0.0, 0.0], &[1.0, 1.0], 1.0);
        check(&[0.0, 0.0], &[inf, 1.0], inf);
        check(&[inf, inf], &[inf, 1.0], 0.0);
    }
}
