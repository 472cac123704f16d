//! The DARTS cell search space as CARS uses it (DARTS: arXiv 1806.09055; CARS: arXiv 1909.04977, CVPR 2020):
//! genotypes, macro plans, shape-resolved plans and their exact counts, and the NAS-Bench-201 cell space.
//! This crate does not know training, tensors, selection or files.
//!
//! A [`Genotype`] says what a network computes inside its two kinds of cell; a [`MacroPlan`] says how wide
//! and deep the network around them is. Only a [`Plan`] joins the two into layers with shapes, and everything
//! that needs layers (counts, latency keys, exported graphs, drawings, the networks themselves) walks the
//! same plan.
//!
//! ```
//! use space::{Genotype, MacroPlan, Plan, named};
//!
//! let darts = &named::find("darts-v2").expect("a named genotype").genotype;
//! let plan = Plan::stand_alone(darts, &MacroPlan::cifar())?;
//! assert_eq!(plan.parameters(), 3_349_342);
//! assert_eq!(darts.to_string().parse::<Genotype>()?, *darts);
//! # Ok::<(), space::Error>(())
//! ```

mod primitive;

mod genotype;
mod json;
mod text;

pub mod named;

mod macro_plan;
mod plan;

mod any;
mod architecture;
mod darts;
mod nas_bench_201;
mod search_space;
pub mod vega;

mod error;

pub use any::{AnyArchitecture, AnySpace};
pub use architecture::Architecture;
pub use darts::{Coupling, DartsSpace};
pub use error::{CellProblem, Error, PathProblem};
pub use genotype::{Cell, CellKind, Edge, Genotype, MAX_NODES, NodeIndex};
pub use macro_plan::{MacroPlan, SeparableRepeats, Stem};
pub use nas_bench_201::{NasBench201Cell, NasBench201Operation, NasBench201Space};
pub use plan::{
    BatchNorm, CellValues, Conv, ConvForm, Layer, LayerKind, Op, OpKind, Plan, Pool, Shape, Site, Style,
    ValueId, Weight, WeightRole, Window,
};
pub use primitive::Primitive;
pub use search_space::SearchSpace;
