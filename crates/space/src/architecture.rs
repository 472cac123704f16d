//! What a point of a space has to be able to do to become a network: describe itself as a plan, alone or as a
//! path through the supernet of its space. How it is drawn and varied is in `search_space.rs`.

use std::fmt::Display;

use crate::error::Error;
use crate::genotype::Genotype;
use crate::macro_plan::MacroPlan;
use crate::nas_bench_201::NasBench201Cell;
use crate::plan::Plan;

/// An architecture that plans can be made of. Its text is that of its literature.
pub trait Architecture: Display {
    /// The network of its own.
    fn stand_alone(&self, macro_plan: &MacroPlan) -> Result<Plan, Error>;

    /// What it switches on in the supernet of its space.
    fn path(&self, macro_plan: &MacroPlan) -> Result<Plan, Error>;
}

impl Architecture for Genotype {
    fn stand_alone(&self, macro_plan: &MacroPlan) -> Result<Plan, Error> {
        Plan::stand_alone(self, macro_plan)
    }

    fn path(&self, macro_plan: &MacroPlan) -> Result<Plan, Error> {
        Plan::path(self, macro_plan)
    }
}

impl Architecture for NasBench201Cell {
    fn stand_alone(&self, macro_plan: &MacroPlan) -> Result<Plan, Error> {
        Plan::nas_bench_201(self, macro_plan)
    }

    fn path(&self, macro_plan: &MacroPlan) -> Result<Plan, Error> {
        Plan::nas_bench_201_path(self, macro_plan)
    }
}
