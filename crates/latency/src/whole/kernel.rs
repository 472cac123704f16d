//! How alike two networks are, as a kernel: a sum of products of features. A linear model over those features and
//! least squares over the networks' similarities are the same thing; the second needs no list of all pairs, triples
//! and so on of operations. Nothing is fitted here.

use nalgebra::DMatrix;

use crate::edge_space::{EdgeSpace, Role};

/// Weight of the constant: so large that the penalty does not touch it.
const CONSTANT: f64 = 100.0;
/// Weight of the number of operations of a kind beside their places.
const COUNTS: f64 = 0.3;
/// Weight of squares and products of path lengths beside the lengths.
const CURVED: f64 = 0.3;

/// What the model looks at in one network.
#[derive(Debug, Clone)]
pub(super) struct Traits {
    /// What stands on each edge.
    written: Vec<Option<usize>>,
    /// The same without dead edges.
    effective: Vec<Option<usize>>,
    /// Numbers of each operation, as written and without dead edges.
    counts: Vec<f64>,
    /// For each kind of work and for all work, without dead edges: its amount, the most of it on one way through the
    /// network (what remains if branches run side by side), and their squares and product.
    paths: Vec<f64>,
}

impl Traits {
    pub(super) fn of(space: &EdgeSpace, operations: &[usize]) -> Self {
        let (written, effective) = (space.present(operations), space.effective(operations));
        let kinds = 0..space.operations();
        let count = |of: &[Option<usize>], kind| of.iter().filter(|&&found| found == Some(kind)).count();
        let of_kind = |kind| [count(&written, kind) as f64, count(&effective, kind) as f64];
        let counts = kinds.clone().flat_map(of_kind).collect();
        let work = kinds.filter(|&kind| space.role(kind) == Role::Work);
        let mut paths = curved(
            effective.iter().flatten().filter(|&&kind| space.role(kind) == Role::Work).count(),
            space.longest(&effective, |_, role| role == Role::Work),
        );
        for kind in work {
            let longest = space.longest(&effective, |found, _| found == kind);
            paths.extend(curved(count(&effective, kind), longest));
        }
        Self { written, effective, counts, paths }
    }

    fn is_connected(&self) -> bool {
        self.effective.iter().any(Option::is_some)
    }
}

fn curved(total: usize, longest: usize) -> Vec<f64> {
    let (total, longest) = (total as f64, longest as f64);
    let square = CURVED.sqrt();
    vec![total, longest, square * total * total, square * total * longest, square * longest * longest]
}

/// What may interact with what, beyond a sum of single effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interaction {
    /// Nothing.
    None,
    /// Operations as written: any number of them, near networks more than far ones.
    Written,
    /// The same without dead edges: a runtime that prunes them, and runs branches side by side.
    Effective,
    /// Which edges are there at all, with the operations on them: a runtime that prunes only where it can.
    Presence,
}

impl Interaction {
    pub(super) const ALL: [Self; 4] = [Self::None, Self::Written, Self::Effective, Self::Presence];

    pub(super) fn similarity(self, a: &Traits, b: &Traits) -> f64 {
        let single = CONSTANT
            + f64::from(a.is_connected() && b.is_connected())
            + shared(&a.written, &b.written)
            + shared(&a.effective, &b.effective)
            + COUNTS * product(&a.counts, &b.counts)
            + product(&a.paths, &b.paths);
        let edges = a.written.len() as f64;
        // Half of the edges, or a sixth where one edge decides: how far similarity reaches.
        let near = |different: usize, reach: f64| (-(different as f64) / (reach * edges)).exp();
        single
            + match self {
                Self::None => 0.0,
                Self::Written => near(differences(&a.written, &b.written), 0.5),
                Self::Effective => near(differences(&a.effective, &b.effective), 0.5),
                Self::Presence => {
                    let there = |of: &Traits| of.written.iter().map(Option::is_some).collect::<Vec<_>>();
                    let alike = 1.0 + shared(&a.written, &b.written) + COUNTS * product(&a.counts, &b.counts);
                    near(differences(&there(a), &there(b)), 1.0 / 6.0) * alike
                }
            }
    }

    pub(super) fn gram(self, rows: &[(Traits, f64)]) -> DMatrix<f64> {
        let mut gram = DMatrix::zeros(rows.len(), rows.len());
        for (column, (b, _)) in rows.iter().enumerate() {
            for (row, (a, _)) in rows.iter().enumerate().skip(column) {
                let similarity = self.similarity(a, b);
                gram[(row, column)] = similarity;
                gram[(column, row)] = similarity;
            }
        }
        gram
    }
}

/// Edges with the same operation on both.
fn shared(a: &[Option<usize>], b: &[Option<usize>]) -> f64 {
    a.iter().zip(b).filter(|(a, b)| a.is_some() && a == b).count() as f64
}

fn differences<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    a.iter().zip(b).filter(|(a, b)| a != b).count()
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
