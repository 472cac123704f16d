//! One layer alone: every kind of layer of a network can be run by itself, without changing its weights.

use space::{LayerKind, Plan, Primitive, named};
use supernet::{Cpu, SingleLayer};

use crate::common::tiny;

#[test]
fn every_layer_of_a_network_runs_alone() {
    for name in ["CARS_I", "AmoebaNet_A"] {
        let plan = Plan::stand_alone(&named::find(name).unwrap().genotype, &tiny()).unwrap();
        for layer in &plan.layers {
            let mut alone = SingleLayer::new(Cpu::new(), layer, 3).unwrap();
            let before = alone.state().unwrap();
            let weights = layer.weights().len();
            assert!(before.len() >= weights, "{} has {weights} weights", layer.name());
            alone.run().unwrap();
            alone.run().unwrap();
            assert_eq!(alone.state().unwrap(), before, "{}", layer.name());
        }
    }
}

#[test]
fn an_edge_without_connection_runs_too() {
    let mut genotype = named::find("CARS_A").unwrap().genotype.clone();
    genotype.normal.nodes[0][0].primitive = Primitive::None;
    let plan = Plan::stand_alone(&genotype, &tiny()).unwrap();
    let none = plan
        .layers
        .iter()
        .find(|layer| matches!(layer.kind, LayerKind::Primitive { primitive: Primitive::None, .. }));
    SingleLayer::new(Cpu::new(), none.unwrap(), 1).unwrap().run().unwrap();
}
