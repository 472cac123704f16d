//! The sorts that are timed, each as its own users call it: what they would have converted long before is converted in
//! advance, what they get back is made and dropped within the time.

use std::cmp::Ordering;
use std::hint::black_box;

use moors::non_dominated_sorting::fast_non_dominated_sorting;
use ndarray::Array2;
use non_dominated_sort::{DominanceOrd, non_dominated_sort};
use pareto::{Objectives, Sorter};

use crate::cases::Case;

/// Above this many rows the quadratic peers are left out: they list every dominated pair, tens of gigabytes.
const QUADRATIC: usize = 20_000;

/// A sort, with the matrices of a case in the form it wants.
pub(crate) trait Peer {
    fn name(&self) -> &'static str;
    /// Sorts matrix `index`; this is what is timed.
    fn sort(&mut self, index: usize);
    /// The rank of every row of matrix `index`.
    fn ranks(&mut self, index: usize) -> Vec<u32>;
}

/// Ours first.
pub(crate) fn all(case: &Case) -> Vec<Box<dyn Peer + '_>> {
    let mut peers: Vec<Box<dyn Peer>> = vec![Box::new(Ours { case, sorter: Sorter::default() })];
    if case.n <= QUADRATIC {
        let rows = |matrix: &Vec<f64>| matrix.chunks_exact(case.m).map(<[f64]>::to_vec).collect();
        peers.push(Box::new(NonDominatedSort(case.matrices.iter().map(rows).collect())));
        let array =
            |matrix: &Vec<f64>| Array2::from_shape_fn((case.n, case.m), |(i, j)| matrix[i * case.m + j]);
        peers.push(Box::new(Moors(case.matrices.iter().map(array).collect())));
    }
    peers
}

struct Ours<'a> {
    case: &'a Case,
    sorter: Sorter,
}

impl Ours<'_> {
    /// With the check for NaN, as every user pays for it.
    fn call(&mut self, index: usize) -> &[u32] {
        let objectives = Objectives::new(black_box(&self.case.matrices[index]), self.case.m)
            .expect("timing inputs hold no NaN");
        self.sorter.ranks(&objectives)
    }
}

impl Peer for Ours<'_> {
    fn name(&self) -> &'static str {
        "cars-pareto"
    }

    fn sort(&mut self, index: usize) {
        black_box(self.call(index));
    }

    fn ranks(&mut self, index: usize) -> Vec<u32> {
        self.call(index).to_vec()
    }
}

struct Moors(Vec<Array2<f64>>);

impl Moors {
    fn call(&self, index: usize) -> Vec<Vec<usize>> {
        let matrix = black_box(&self.0[index]);
        fast_non_dominated_sorting(matrix, matrix.nrows())
    }
}

impl Peer for Moors {
    fn name(&self) -> &'static str {
        "moors"
    }

    fn sort(&mut self, index: usize) {
        black_box(self.call(index));
    }

    fn ranks(&mut self, index: usize) -> Vec<u32> {
        ranks(&self.call(index), self.0[index].nrows())
    }
}

struct NonDominatedSort(Vec<Vec<Vec<f64>>>);

/// The order that `non-dominated-sort` asks its users to write.
struct Dominance;

impl DominanceOrd for Dominance {
    type T = Vec<f64>;

    fn dominance_ord(&self, a: &Vec<f64>, b: &Vec<f64>) -> Ordering {
        let (mut better, mut worse) = (false, false);
        for (a, b) in a.iter().zip(b) {
            better |= a < b;
            worse |= a > b;
        }
        worse.cmp(&better)
    }
}

impl NonDominatedSort {
    fn call(&self, index: usize) -> Vec<Vec<usize>> {
        let mut front = non_dominated_sort(black_box(&self.0[index]), &Dominance);
        let mut fronts = Vec::new();
        while !front.is_empty() {
            fronts.push(front.current_front_indices().to_vec());
            front = front.next_front();
        }
        fronts
    }
}

impl Peer for NonDominatedSort {
    fn name(&self) -> &'static str {
        "non-dominated-sort"
    }

    fn sort(&mut self, index: usize) {
        black_box(self.call(index));
    }

    fn ranks(&mut self, index: usize) -> Vec<u32> {
        ranks(&self.call(index), self.0[index].len())
    }
}

fn ranks(fronts: &[Vec<usize>], n: usize) -> Vec<u32> {
    let mut ranks = vec![u32::MAX; n];
    for (rank, front) in (0..).zip(fronts) {
        for &row in front {
            ranks[row] = rank;
        }
    }
    ranks
}
