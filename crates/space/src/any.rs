//! The spaces of this crate as one type, for programs in which a setting chooses between them.

use std::fmt;
use std::str::FromStr;

use rand_core::Rng;
use serde::{Deserialize, Serialize};

use crate::architecture::Architecture;
use crate::darts::DartsSpace;
use crate::error::Error;
use crate::genotype::Genotype;
use crate::macro_plan::MacroPlan;
use crate::nas_bench_201::{NasBench201Cell, NasBench201Operation, NasBench201Space};
use crate::plan::Plan;
use crate::search_space::SearchSpace;

/// One of the spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnySpace {
    /// Cells of the DARTS space.
    Darts(DartsSpace),
    /// Cells of NAS-Bench-201.
    NasBench201,
}

/// A point of one of the spaces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AnyArchitecture {
    /// Of the DARTS space.
    Darts(Genotype),
    /// Of NAS-Bench-201.
    NasBench201(NasBench201Cell),
}

impl AnySpace {
    /// The supernet of the space.
    pub fn supernet(&self, macro_plan: &MacroPlan) -> Result<Plan, Error> {
        match self {
            Self::Darts(_) => Plan::supernet(macro_plan),
            Self::NasBench201 => Plan::nas_bench_201_supernet(macro_plan),
        }
    }
}

impl AnyArchitecture {
    /// The genotype, if it is of the DARTS space.
    pub const fn darts(&self) -> Option<&Genotype> {
        match self {
            Self::Darts(genotype) => Some(genotype),
            Self::NasBench201(_) => None,
        }
    }

    /// The operation of every edge, by name.
    pub fn operations(&self) -> Vec<&'static str> {
        match self {
            Self::Darts(genotype) => {
                let cells = [&genotype.normal, &genotype.reduction];
                cells
                    .into_iter()
                    .flat_map(super::genotype::Cell::edges)
                    .map(|(_, edge)| edge.primitive.name())
                    .collect()
            }
            Self::NasBench201(cell) => cell.operations.map(NasBench201Operation::name).to_vec(),
        }
    }
}

impl Architecture for AnyArchitecture {
    fn stand_alone(&self, macro_plan: &MacroPlan) -> Result<Plan, Error> {
        match self {
            Self::Darts(genotype) => genotype.stand_alone(macro_plan),
            Self::NasBench201(cell) => cell.stand_alone(macro_plan),
        }
    }

    fn path(&self, macro_plan: &MacroPlan) -> Result<Plan, Error> {
        match self {
            Self::Darts(genotype) => genotype.path(macro_plan),
            Self::NasBench201(cell) => cell.path(macro_plan),
        }
    }
}

impl fmt::Display for AnyArchitecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Darts(genotype) => genotype.fmt(f),
            Self::NasBench201(cell) => cell.fmt(f),
        }
    }
}

impl FromStr for AnyArchitecture {
    type Err = Error;

    /// The notation of NAS-Bench-201 begins with a bar, that of DARTS never.
    fn from_str(text: &str) -> Result<Self, Error> {
        if text.trim_start().starts_with('|') {
            text.parse().map(Self::NasBench201)
        } else {
            text.parse().map(Self::Darts)
        }
    }
}

impl SearchSpace for AnySpace {
    type Genotype = AnyArchitecture;

    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> AnyArchitecture {
        match self {
            Self::Darts(space) => AnyArchitecture::Darts(space.sample(rng)),
            Self::NasBench201 => AnyArchitecture::NasBench201(NasBench201Space.sample(rng)),
        }
    }

    fn n_genes(&self) -> usize {
        match self {
            Self::Darts(space) => space.n_genes(),
            Self::NasBench201 => NasBench201Space.n_genes(),
        }
    }

    fn take_gene(&self, into: &mut AnyArchitecture, from: &AnyArchitecture, gene: usize) {
        match (self, into, from) {
            (Self::Darts(space), AnyArchitecture::Darts(into), AnyArchitecture::Darts(from)) => {
                space.take_gene(into, from, gene);
            }
            (Self::NasBench201, AnyArchitecture::NasBench201(into), AnyArchitecture::NasBench201(from)) => {
                NasBench201Space.take_gene(into, from, gene);
            }
            _ => panic!("both genotypes are of this space"),
        }
    }

    fn resample_gene<R: Rng + ?Sized>(&self, genotype: &mut AnyArchitecture, gene: usize, rng: &mut R) {
        match (self, genotype) {
            (Self::Darts(space), AnyArchitecture::Darts(genotype)) => {
                space.resample_gene(genotype, gene, rng);
            }
            (Self::NasBench201, AnyArchitecture::NasBench201(cell)) => {
                NasBench201Space.resample_gene(cell, gene, rng);
            }
            _ => panic!("the genotype is of this space"),
        }
    }
}
