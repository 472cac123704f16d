//! What there is to measure: every distinct layer that a network of the space or a published one can have, and a sample of
//! whole networks that covers the space from small to large.

use std::collections::BTreeMap;

use latency::{LayerKey, distinct_layers};
use random::{Purpose, stream};
use space::{Cell, DartsSpace, Edge, Genotype, MacroPlan, NodeIndex, Plan, Primitive, SearchSpace, named};

/// For which networks a table is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Their frame.
    pub frame: MacroPlan,
    /// What stands on their edges, besides the published networks.
    pub primitives: Vec<Primitive>,
}

/// Something to be timed.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The frame it belongs to.
    pub frame: MacroPlan,
    /// What it is.
    pub kind: TargetKind,
}

/// The two kinds of things to time.
#[derive(Debug, Clone, PartialEq)]
pub enum TargetKind {
    /// One layer alone.
    Layer(LayerKey),
    /// A whole network.
    Network {
        /// What to call it.
        name: String,
        /// Its cells.
        genotype: Genotype,
    },
}

/// Published networks in the sample: those of CARS, and other families' ways to build a cell.
const PUBLISHED: [&str; 20] = [
    "CARS_A",
    "CARS_B",
    "CARS_C",
    "CARS_D",
    "CARS_E",
    "CARS_F",
    "CARS_G",
    "CARS_H",
    "CARS_I",
    "CARS_Lat_A",
    "CARS_Lat_B",
    "CARS_Lat_C",
    "CARS_Lat_D",
    "CARS_Lat_E",
    "CARS_Lat_F",
    "CARS_Lat_G",
    "DARTS_V2",
    "NASNet_A",
    "AmoebaNet_A",
    "PNASNet_5",
];
/// Drawn networks in the sample.
const DRAWN: usize = 40;
/// Networks among which they are chosen.
const DRAWS: u64 = 400;
/// Intermediate nodes of a drawn cell.
const NODES: usize = 4;

impl Target {
    /// What to call it in a log: unique within a table.
    pub fn name(&self) -> String {
        match &self.kind {
            TargetKind::Layer(key) => key.to_string(),
            TargetKind::Network { name, .. } => name.clone(),
        }
    }
}

impl Scope {
    /// Plans that have, together, every layer that a network of the space can have.
    pub fn plans(&self) -> Result<Vec<Plan>, space::Error> {
        let genotypes = self.primitives.iter().map(|&primitive| everywhere(primitive));
        genotypes.map(|genotype| Plan::stand_alone(&genotype, &self.frame)).collect()
    }

    /// All distinct layers by key, those of the published networks included.
    pub fn layers(&self) -> Result<BTreeMap<LayerKey, space::Layer>, space::Error> {
        let mut plans = self.plans()?;
        for named in named::all() {
            plans.push(Plan::stand_alone(&named.genotype, &self.frame)?);
        }
        Ok(distinct_layers(&plans).into_iter().map(|(key, layer)| (key, layer.clone())).collect())
    }

    /// Everything to be timed: the layers, then sixty whole networks, twenty of them published.
    pub fn targets(&self) -> Result<Vec<Target>, space::Error> {
        let target = |kind| Target { frame: self.frame.clone(), kind };
        let mut targets: Vec<Target> =
            self.layers()?.into_keys().map(|key| target(TargetKind::Layer(key))).collect();
        for name in PUBLISHED {
            let named = named::find(name).expect("a published network");
            let genotype = named.genotype.clone();
            targets.push(target(TargetKind::Network { name: named.name.to_owned(), genotype }));
        }
        for (index, genotype) in self.sample()?.into_iter().enumerate() {
            let name = format!("drawn {}", index + 1);
            targets.push(target(TargetKind::Network { name, genotype }));
        }
        Ok(targets)
    }

    /// Networks drawn from the space, at even distances in multiply-adds from the smallest to the largest drawn.
    fn sample(&self) -> Result<Vec<Genotype>, space::Error> {
        let space = DartsSpace { primitives: self.primitives.clone(), ..DartsSpace::new() };
        let mut drawn = Vec::new();
        for index in 0..DRAWS {
            let genotype = space.sample(&mut stream(index, Purpose::Profile, 0, 0));
            drawn.push((Plan::stand_alone(&genotype, &self.frame)?.multiply_adds(), genotype));
        }
        drawn.sort();
        drawn.dedup();
        let (smallest, largest) = (drawn[0].0, drawn[drawn.len() - 1].0);
        let mut chosen = Vec::new();
        for step in 0..DRAWN.min(drawn.len()) as u64 {
            let wanted = smallest + (largest - smallest) * step / (DRAWN as u64 - 1);
            let nearest = (0..drawn.len()).min_by_key(|&at| drawn[at].0.abs_diff(wanted));
            chosen.push(drawn.remove(nearest.unwrap_or_default()).1);
        }
        Ok(chosen)
    }
}

/// Cells that carry one primitive on edges from their inputs and from their own nodes, so that it comes with every stride
/// and size.
fn everywhere(primitive: Primitive) -> Genotype {
    let edge = |input: usize| Edge { primitive, input: NodeIndex(input as u8) };
    let cell = Cell {
        nodes: (0..NODES).map(|node| [edge(node), edge(node + 1)]).collect(),
        concat: (0..NODES).map(NodeIndex::intermediate).collect(),
    };
    Genotype { normal: cell.clone(), reduction: cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layers_of_any_network_of_the_space_are_there() {
        for frame in [MacroPlan::search(), MacroPlan::custom(4, 3), MacroPlan::imagenet()] {
            let scope = Scope { frame, primitives: Primitive::DARTS.to_vec() };
            let layers = scope.layers().unwrap();
            for index in 0..30 {
                let genotype = DartsSpace::with_none().sample(&mut stream(3, Purpose::Test, 0, index));
                let plan = Plan::stand_alone(&genotype, &scope.frame).unwrap();
                for key in plan.layers.iter().filter_map(LayerKey::of) {
                    assert!(layers.contains_key(&key), "{key}");
                }
            }
        }
    }

    #[test]
    fn the_sample_spans_the_space() {
        let scope = Scope { frame: MacroPlan::search(), primitives: Primitive::DARTS[1..].to_vec() };
        let targets = scope.targets().unwrap();
        let names: std::collections::BTreeSet<String> = targets.iter().map(Target::name).collect();
        assert_eq!(names.len(), targets.len());
        let networks = targets.iter().filter(|target| matches!(target.kind, TargetKind::Network { .. }));
        assert_eq!(networks.count(), PUBLISHED.len() + DRAWN);
        let sizes: Vec<u64> = scope
            .sample()
            .unwrap()
            .iter()
            .map(|genotype| Plan::stand_alone(genotype, &scope.frame).unwrap().multiply_adds())
            .collect();
        assert!(sizes[DRAWN - 1] > 2 * sizes[0], "{sizes:?}");
    }
}
