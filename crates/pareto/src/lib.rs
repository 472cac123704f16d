//! Non-dominated sorting, selection (NSGA-II, NSGA-III, U-NSGA-III, pNSGA-III) and quality indicators on plain rows
//! of numbers: borrowed rows in, indices out. This crate does not know genotypes, tensors, files or printing.
//!
//! Every objective is minimised; a quantity to maximise enters negated. Row `i` is individual `i`.
//!
//! ```
//! use pareto::{Objectives, fronts, non_dominated};
//!
//! // Four networks: error in percent, parameters in millions.
//! let rows = [3.0, 3.6, 2.6, 3.6, 2.7, 3.3, 2.9, 2.4];
//! let objectives = Objectives::new(&rows, 2)?;
//! assert_eq!(fronts(&objectives), [vec![1, 2, 3], vec![0]]);
//! assert_eq!(non_dominated(&objectives), [1, 2, 3]);
//! # Ok::<(), pareto::ObjectivesError>(())
//! ```
//!
//! Infinities are ordinary values of a comparison; −0 equals +0; a NaN is refused when [`Objectives`] is built.
//! Equal rows never dominate each other, so they share a front.

#![allow(clippy::inline_always, reason = "code is compiled for a vector unit only where it is inlined")]
#![allow(clippy::needless_bitwise_bool, reason = "`&&` is a branch, and here branches are mispredicted")]

mod crowding;
mod dominance;
mod draw;
mod error;
mod indicators;
pub mod nsga2;
pub mod nsga3;
mod objectives;
pub mod pnsga3;
pub mod reference;
mod simd;
mod sort;
mod span;
pub mod unsga3;

pub use crowding::crowding;
pub use dominance::dominates;
pub use error::{ColumnsError, ObjectivesError, ReferenceError};
pub use indicators::{Archive, additive_epsilon, contributions, gains, hypervolume, igd, igd_plus};
pub use objectives::Objectives;
pub use reference::ReferencePoints;
pub use simd::Vectors;
pub use sort::{Sorter, UNRANKED, fronts, non_dominated, ranks, ranks_until};
