//! What is told of an architecture: its objectives for the search, and the population as observers see it. Sizes are those
//! of the stand-alone network at the supernet's width and depth, with scale and shift in its batch-norms and without
//! auxiliary head, as CARS measures them.

use evolution::Search;
use pareto::{Objectives, hypervolume};
use space::{
    AnyArchitecture, AnySpace, Architecture, Cell, Edge, Genotype, MacroPlan, NasBench201Cell,
    NasBench201Operation, NodeIndex, Plan, Primitive,
};

use super::RunError;
use super::latency::Predictor;
use crate::config::{CheckedConfig, Objective};
use crate::event::{Generation, Individual, Latency, Measured};

/// Turns architectures into numbers.
pub(super) struct Measure {
    macro_plan: MacroPlan,
    objectives: Vec<Objective>,
    latency: Option<Predictor>,
    /// Worst value of each objective: error 1, and the sizes of the largest architecture of the space.
    reference: Vec<f64>,
}

impl Measure {
    pub(super) fn new(config: &CheckedConfig, latency: Option<Predictor>) -> Result<Self, RunError> {
        let macro_plan = config.macro_plan();
        let objectives = config.objectives().to_vec();
        let reference = vec![0.0; objectives.len()];
        let mut measure = Self { macro_plan, objectives, latency, reference };
        for architecture in uniform(config.search_space()) {
            let worst = measure.objectives(&architecture, 0.0)?;
            for (reference, value) in measure.reference.iter_mut().zip(worst) {
                *reference = reference.max(value);
            }
        }
        Ok(measure)
    }

    /// The objectives of an architecture, all minimised, in the order of the config.
    pub(super) fn objectives(&self, genotype: &AnyArchitecture, accuracy: f64) -> Result<Vec<f64>, RunError> {
        let plan = genotype.stand_alone(&self.macro_plan)?;
        let latency = self.latency(&plan)?;
        let value = |objective: &Objective| match objective {
            Objective::Accuracy => 1.0 - accuracy,
            Objective::Parameters => plan.parameters() as f64,
            Objective::MultiplyAdds => plan.multiply_adds() as f64,
            Objective::Latency => latency.map_or(f64::INFINITY, |latency| latency.predicted_ms),
        };
        Ok(self.objectives.iter().map(value).collect())
    }

    /// Who of so many ranks evaluates which of those asked for, by position.
    pub(super) fn shares<I>(
        &self,
        asked: &[(I, AnyArchitecture)],
        ranks: usize,
    ) -> Result<Vec<Vec<usize>>, RunError> {
        let work: Result<Vec<u64>, RunError> = asked.iter().map(|(_, one)| self.work(one)).collect();
        Ok(cluster::longest_first(&work?, ranks))
    }

    /// As [`work`], at the width and depth of the supernet.
    pub(super) fn work(&self, architecture: &AnyArchitecture) -> Result<u64, RunError> {
        Ok(work(architecture, &self.macro_plan)?)
    }

    fn latency(&self, plan: &Plan) -> Result<Option<Latency>, RunError> {
        self.latency.as_ref().map(|predictor| predictor.predict(plan)).transpose()
    }

    /// The times of a front's networks, if latency is an objective and the table is of this machine's kernels.
    pub(super) fn timed(
        &self,
        config: &CheckedConfig,
        generation: &Generation,
    ) -> Result<Option<Measured>, RunError> {
        self.latency.as_ref().map_or(Ok(None), |predictor| predictor.measure(config, generation))
    }

    /// The population after a selection.
    pub(super) fn generation(
        &self,
        config: &CheckedConfig,
        search: &Search<AnySpace>,
        epoch: usize,
        evaluated: usize,
    ) -> Result<Generation, RunError> {
        let mut individuals = Vec::new();
        for one in search.population() {
            let plan = one.genotype.stand_alone(&self.macro_plan)?;
            individuals.push(Individual {
                id: one.id.0,
                origin: one.origin,
                accuracy: 1.0 - one.error().unwrap_or(1.0),
                parameters: plan.parameters(),
                multiply_adds: plan.multiply_adds(),
                latency: self.latency(&plan)?,
                genotype: one.genotype.clone(),
            });
        }
        let members = search.front();
        let position = |id| search.population().iter().position(|one| one.id == id);
        let front = members.iter().filter_map(|member| position(member.id)).collect();
        // Sizes are divided by their reference, so that the volume is a share of a unit cube.
        let rows: Vec<f64> = members
            .iter()
            .flat_map(|member| member.objectives.iter().flatten().zip(&self.reference))
            .map(|(value, reference)| value / reference)
            .collect();
        let unit = vec![1.0; self.objectives.len()];
        let rows =
            Objectives::new(&rows, unit.len()).expect("told objectives are finite, references positive");
        let volume = hypervolume(&rows, &unit);
        Ok(Generation {
            generation: search.generation().0 as usize,
            generations: config.generations(),
            epoch,
            evaluated,
            individuals,
            front,
            hypervolume: volume,
            reference: self.reference.clone(),
        })
    }
}

/// What an evaluation of an architecture takes, as far as ranks share it out by: the multiply-adds of its network.
pub(crate) fn work(architecture: &AnyArchitecture, macro_plan: &MacroPlan) -> Result<u64, space::Error> {
    Ok(architecture.stand_alone(macro_plan)?.multiply_adds())
}

/// The architectures with one operation on every edge; the largest of the space is among them.
fn uniform(space: &AnySpace) -> Vec<AnyArchitecture> {
    match space {
        AnySpace::Darts(space) => {
            let genotypes = space.primitives.iter().map(|&primitive| everywhere(primitive, space.nodes));
            genotypes.map(AnyArchitecture::Darts).collect()
        }
        AnySpace::NasBench201 => {
            let cells =
                NasBench201Operation::ALL.map(|operation| NasBench201Cell { operations: [operation; 6] });
            cells.map(AnyArchitecture::NasBench201).to_vec()
        }
    }
}

/// The genotype with one primitive on every edge.
fn everywhere(primitive: Primitive, nodes: usize) -> Genotype {
    let edge = |input| Edge { primitive, input: NodeIndex(input) };
    let cell = Cell {
        nodes: vec![[edge(0), edge(1)]; nodes],
        concat: (0..nodes).map(NodeIndex::intermediate).collect(),
    };
    Genotype { normal: cell.clone(), reduction: cell }
}
