//! Symmetric sets of directions, folded. If every way to permute the coordinates of a point leads to a point of the set, as
//! in every lattice, then the direction nearest to a row has its largest coordinate where the row has its largest, its second
//! where the row has its second, and so on (the rearrangement inequality: Hardy, Littlewood, Polya, Inequalities, theorem
//! 368). So only the points with descending coordinates need be compared with the row, sorted: at ten objectives 11 of 5005.

use crate::simd::LANES;

/// How rows are sorted, and which point a permuted descending point is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Folding {
    m: usize,
    /// The comparators of a sorting network.
    network: Vec<(usize, usize)>,
    /// What a level counts in the key of a point: its coordinates' levels (their places among all values that occur), packed
    /// so that keys have the lexicographic order of points.
    weights: Vec<u64>,
    /// The levels of the descending points.
    levels: Vec<u64>,
    table: Table,
}

impl Folding {
    /// Folds the rows of `values`, and names the descending ones, in descending lexicographic order. `None` if the set is not
    /// symmetric, or too large to be packed.
    pub(super) fn new(values: &[f64], m: usize) -> Option<(Self, Vec<u32>)> {
        let mut known: Vec<f64> = values.to_vec();
        known.sort_unstable_by(f64::total_cmp);
        known.dedup();
        let bits = usize::BITS - (known.len() - 1).leading_zeros();
        if bits as usize * m > 64 {
            return None;
        }
        let weights: Vec<u64> = (0..m).rev().map(|j| 1 << (bits as usize * j)).collect();
        let key = |levels: &[u64]| levels.iter().zip(&weights).map(|(level, weight)| level * weight).sum();
        let mut points = Vec::with_capacity(values.len() / m);
        for (name, row) in values.chunks_exact(m).enumerate() {
            let level = |x: &f64| known.partition_point(|other| other < x) as u64;
            let mut levels: Vec<u64> = row.iter().map(level).collect();
            let own: u64 = key(&levels);
            levels.sort_unstable_by(|a, b| b.cmp(a));
            points.push(Point { folded: key(&levels), own, name: name as u32 });
        }
        points.sort_unstable_by(|a, b| (b.folded, b.own, a.name).cmp(&(a.folded, a.own, b.name)));
        points.dedup_by_key(|point| point.own);
        let mut descending = Vec::new();
        let mut levels = Vec::new();
        for orbit in points.chunk_by(|a, b| a.folded == b.folded) {
            let row = &values[orbit[0].name as usize * m..][..m];
            if orbit[0].own != orbit[0].folded || orbit.len() as u128 != permutations(row, orbit.len()) {
                return None;
            }
            descending.push(orbit[0].name);
            levels.extend(row.iter().map(|x| known.partition_point(|other| other < x) as u64));
        }
        let table = Table::new(&points);
        Some((Self { m, network: network(m), weights, levels, table }, descending))
    }

    /// Sorts the values of each row of a block, largest first; `places` are where they have gone, those of equal values in
    /// their old order.
    #[inline(always)]
    pub(crate) fn sort(&self, block: &mut [[f64; LANES]], places: &mut Vec<[u64; LANES]>) {
        places.clear();
        for (j, own) in block.iter().enumerate() {
            let (earlier, later) = block.split_at(j);
            let mut place = [0; LANES];
            for values in earlier {
                for lane in 0..LANES {
                    place[lane] = if values[lane] >= own[lane] { place[lane] + 1 } else { place[lane] };
                }
            }
            for values in &later[1..] {
                for lane in 0..LANES {
                    place[lane] = if values[lane] > own[lane] { place[lane] + 1 } else { place[lane] };
                }
            }
            places.push(place);
        }
        for &(i, j) in &self.network {
            let (a, b) = (block[i], block[j]);
            for lane in 0..LANES {
                block[i][lane] = if a[lane] > b[lane] { a[lane] } else { b[lane] };
            }
            for lane in 0..LANES {
                block[j][lane] = if a[lane] < b[lane] { a[lane] } else { b[lane] };
            }
        }
    }

    /// The point that descending point `name` becomes when its coordinates go back to where a row's values were.
    #[inline(always)]
    pub(crate) fn unfold(&self, name: usize, places: &[[u64; LANES]], lane: usize) -> u32 {
        let levels = &self.levels[name * self.m..][..self.m];
        let mut key = 0;
        for (weight, places) in self.weights.iter().zip(places) {
            key += levels[places[lane] as usize] * weight;
        }
        self.table.find(key)
    }
}

/// A point by its keys: with its coordinates sorted, and as it is.
struct Point {
    folded: u64,
    own: u64,
    name: u32,
}

/// In how many ways the coordinates of a descending row can be arranged; more than `enough` is not told apart.
fn permutations(row: &[f64], enough: usize) -> u128 {
    let mut count: u128 = 1;
    for (at, x) in row.iter().enumerate() {
        let repeats = row[..=at].iter().filter(|y| *y == x).count();
        // Exact at every step: the running value counts the arrangements of the row so far.
        count = count * (at as u128 + 1) / repeats as u128;
        if count > enough as u128 {
            break;
        }
    }
    count
}

/// The comparators of Batcher's merge exchange for `n` values (Knuth, The Art of Computer Programming 3, 5.2.2, algorithm M).
fn network(n: usize) -> Vec<(usize, usize)> {
    let mut comparators = Vec::new();
    let top = n.next_power_of_two() / 2;
    let mut p = top;
    while p > 0 {
        let (mut q, mut r, mut d) = (top, 0, p);
        loop {
            comparators.extend((0..n - d).filter(|i| i & p == r).map(|i| (i, i + d)));
            if q == p {
                break;
            }
            (d, q, r) = (q - p, q / 2, p);
        }
        p /= 2;
    }
    comparators
}

/// Names by key: open addressing with linear probing.
#[derive(Debug, Clone, PartialEq)]
struct Table {
    entries: Vec<(u64, u32)>,
    shift: u32,
}

/// No point has this name.
const VACANT: u32 = u32::MAX;

impl Table {
    fn new(points: &[Point]) -> Self {
        let bits = (2 * points.len()).next_power_of_two().trailing_zeros();
        let mut table = Self { entries: vec![(0, VACANT); 1 << bits], shift: 64 - bits };
        for point in points {
            let mut at = table.home(point.own);
            while table.entries[at].1 != VACANT {
                at = (at + 1) % table.entries.len();
            }
            table.entries[at] = (point.own, point.name);
        }
        table
    }

    /// Fibonacci hashing: multiplies by 2^64 over the golden ratio.
    #[inline(always)]
    fn home(&self, key: u64) -> usize {
        (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift) as usize
    }

    /// The name of a key that is in the table.
    #[inline(always)]
    fn find(&self, key: u64) -> u32 {
        let mut at = self.home(key);
        while self.entries[at].0 != key || self.entries[at].1 == VACANT {
            at = (at + 1) % self.entries.len();
        }
        self.entries[at].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::{das_dennis, two_layers};

    #[test]
    fn lattices_fold_to_partitions() {
        // The partitions of 6 into at most 10 parts, of 5 into at most 3, of 4 into at most 2; of 3 and of 2 into any.
        for (points, expected) in [
            (das_dennis(10, 6), 11),
            (das_dennis(3, 5), 5),
            (das_dennis(2, 4), 3),
            (das_dennis(1, 9), 1),
            (two_layers(10, 3, 2), 5),
        ] {
            let values: Vec<f64> = points.points().flatten().copied().collect();
            let (_, descending) = Folding::new(&values, points.m()).unwrap();
            assert_eq!(descending.len(), expected);
            assert!(descending.iter().all(|&name| points.point(name as usize).is_sorted_by(|a, b| a >= b)));
        }
    }

    #[test]
    fn other_sets_do_not_fold() {
        assert!(Folding::new(&[1.0, 0.0, 0.0, 1.0], 2).is_some());
        assert!(Folding::new(&[1.0, 0.0, 0.5, 0.5], 2).is_none(), "(0, 1) is missing");
        assert!(Folding::new(&[0.0, 1.0, 0.5, 0.5], 2).is_none(), "(1, 0) is missing");
        assert!(Folding::new(&[1.0, 1.0, 0.0, 1.0, 0.0, 1.0], 3).is_none());
        let wide: Vec<f64> = (0..100).map(f64::from).collect();
        assert!(Folding::new(&wide, 100).is_none(), "700 bits");
    }

    #[test]
    fn networks_sort() {
        // By the zero-one principle a network that sorts all zeros and ones sorts everything.
        for n in 1..12 {
            let network = network(n);
            for bits in 0_u32..1 << n {
                let mut values: Vec<u32> = (0..n).map(|i| bits >> i & 1).collect();
                for &(i, j) in &network {
                    if values[j] > values[i] {
                        values.swap(i, j);
                    }
                }
                assert!(values.is_sorted_by(|a, b| a >= b), "{n}: {bits:b}");
            }
        }
    }
}
