//! What holds for every plan, whatever the genotype and the frame.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use space::{
    CellKind, Error, Genotype, Layer, MacroPlan, NodeIndex, OpKind, PathProblem, Plan, Primitive, Shape,
    Site, Style, ValueId, WeightRole, Window, named,
};

use crate::strategies::{any_genotype, cars_genotype, macro_plan};

/// All layers in execution order, the auxiliary head after the rest.
fn layers(plan: &Plan) -> impl Iterator<Item = &Layer> {
    plan.layers.iter().chain(&plan.auxiliary)
}

fn concatenated(plan: &Plan, inputs: &[ValueId]) -> Shape {
    let shapes: Vec<Shape> = inputs.iter().map(|input| plan.values[input.index()]).collect();
    for shape in &shapes {
        assert_eq!((shape.height, shape.width), (shapes[0].height, shapes[0].width));
    }
    Shape { channels: shapes.iter().map(|shape| shape.channels).sum(), ..shapes[0] }
}

fn check_values(plan: &Plan) {
    let mut writers = vec![0_usize; plan.values.len()];
    let mut read = vec![false; plan.values.len()];
    writers[ValueId::IMAGE.index()] = 1;
    for layer in layers(plan) {
        for input in &layer.inputs {
            assert!(writers[input.index()] > 0, "{} reads an unwritten value", layer.name());
            read[input.index()] = true;
        }
        assert!(!read[layer.output.index()], "{} writes a value that was read", layer.name());
        writers[layer.output.index()] += 1;
        assert_eq!(layer.input_shape, concatenated(plan, &layer.inputs), "{}", layer.name());
        assert_eq!(layer.output_shape, plan.values[layer.output.index()], "{}", layer.name());
    }
    let nodes: BTreeSet<ValueId> = plan.cells.iter().flat_map(|cell| cell.nodes[2..].to_vec()).collect();
    for (index, &writers) in writers.iter().enumerate() {
        if nodes.contains(&ValueId(index as u32)) {
            assert!(writers >= 2, "node value {index} has {writers} writers");
        } else {
            assert_eq!(writers, 1, "value {index}");
        }
    }
    let classes = Shape { channels: plan.macro_plan.classes, height: 1, width: 1 };
    assert_eq!(plan.values[plan.logits.index()], classes);
    assert_eq!(plan.layers.last().map(|layer| layer.output), Some(plan.logits));
}

fn check_ops(plan: &Plan) {
    for layer in layers(plan) {
        let (name, ops) = (layer.name(), layer.ops());
        let mut shape = layer.input_shape;
        let mut even = None;
        for op in &ops {
            match op.kind {
                OpKind::Conv(conv) if conv.window == Window::EvenHalf => {
                    even = Some(op.input);
                    shape = op.output;
                }
                OpKind::Conv(conv) if conv.window == Window::OddHalf => {
                    assert_eq!(Some(op.input), even, "{name}: both halves read the same");
                    assert_eq!(op.output, shape, "{name}: both halves write as much");
                    shape.channels *= 2;
                }
                _ => {
                    assert_eq!(op.input, shape, "{name}: {op:?}");
                    shape = op.output;
                }
            }
        }
        if ops.is_empty() {
            let Site::Edge { .. } = layer.site else { panic!("{name} does nothing") };
            let none = format!("{:?}", layer.kind).contains("primitive: None");
            assert!(none || layer.input_shape == layer.output_shape, "{name} is no identity");
        } else {
            assert_eq!(shape, layer.output_shape, "{name}");
        }
    }
}

fn check_weights(plan: &Plan) {
    let mut names = BTreeSet::new();
    let (mut all, mut norms) = (0, 0);
    for layer in layers(plan) {
        let weights = layer.weights();
        for weight in &weights {
            assert!(weight.name.starts_with(&format!("{}.", layer.name())));
            assert!(names.insert(weight.name.clone()), "{} is named twice", weight.name);
            assert!(weight.fan_in > 0);
        }
        all += weights.iter().map(|weight| weight.elements() as u64).sum::<u64>();
        for norm in layer.batch_norms() {
            assert!(names.insert(norm.name.clone()), "{} is named twice", norm.name);
            let scale = weights.iter().find(|weight| weight.name == format!("{}.scale", norm.name));
            let shift = weights.iter().find(|weight| weight.name == format!("{}.shift", norm.name));
            for weight in [scale, shift] {
                assert_eq!(weight.map(|w| w.shape.clone()), norm.affine.then(|| vec![norm.channels]));
            }
            let in_cell = matches!(layer.site, Site::Preprocess { .. } | Site::Edge { .. });
            assert_eq!(norm.affine, plan.style == Style::StandAlone || !in_cell, "{}", norm.name);
            if !matches!(layer.site, Site::Auxiliary(_)) && norm.affine {
                norms += 2 * norm.channels as u64;
            }
        }
    }
    assert_eq!(plan.parameters_with_auxiliary(), all);
    assert_eq!(plan.batch_norm_parameters(), norms);
}

fn check_plan(plan: &Plan) {
    check_values(plan);
    check_ops(plan);
    check_weights(plan);
}

/// Names of weights and batch-norms, with their shapes.
fn stored(plan: &Plan) -> BTreeMap<String, (Vec<usize>, Option<WeightRole>)> {
    let weights = layers(plan).flat_map(Layer::weights).map(|w| (w.name, (w.shape, Some(w.role))));
    let norms = layers(plan).flat_map(Layer::batch_norms).map(|n| (n.name, (vec![n.channels], None)));
    weights.chain(norms).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn stand_alone_plans_hold_together(genotype in any_genotype(), macro_plan in macro_plan()) {
        let plan = Plan::stand_alone(&genotype, &macro_plan).unwrap();
        check_plan(&plan);
        prop_assert!(plan.parameters_with_auxiliary() >= plan.parameters());
    }

    #[test]
    fn a_path_is_part_of_the_supernet(genotype in cars_genotype(), macro_plan in macro_plan()) {
        let (path, supernet) = (
            Plan::path(&genotype, &macro_plan).unwrap(),
            Plan::supernet(&macro_plan).unwrap(),
        );
        check_plan(&path);
        check_plan(&supernet);
        prop_assert_eq!(&path.values, &supernet.values);
        prop_assert_eq!(&path.cells, &supernet.cells);
        // A subsequence, equal in every field.
        let mut rest = supernet.layers.iter();
        for layer in &path.layers {
            prop_assert!(rest.any(|candidate| candidate == layer), "{} is not in order", layer.name());
        }
        let shared = stored(&supernet);
        for (name, what) in stored(&path) {
            prop_assert_eq!(shared.get(&name), Some(&what), "{}", name);
        }
        let mut swapped = genotype.clone();
        for kind in CellKind::ALL {
            swapped.cell_mut(kind).nodes.iter_mut().for_each(|pair| pair.reverse());
        }
        prop_assert_eq!(Plan::path(&swapped, &macro_plan).unwrap(), path);
    }

    #[test]
    fn a_path_costs_what_the_network_costs(genotype in cars_genotype(), macro_plan in macro_plan()) {
        // The styles differ in batch-norm only, which has no multiply-adds.
        let path = Plan::path(&genotype, &macro_plan).unwrap();
        let network = Plan::stand_alone(&genotype, &macro_plan).unwrap();
        prop_assert_eq!(path.multiply_adds(), network.multiply_adds());
        prop_assert_eq!(
            path.parameters() - path.batch_norm_parameters(),
            network.parameters() - network.batch_norm_parameters()
        );
    }
}

#[test]
fn names_are_stable() {
    // Files of weights depend on these names: a change here is a breaking change.
    let genotype = &named::find("CARS_A").unwrap().genotype;
    let names = |plan: &Plan, prefix: &str| -> Vec<String> {
        stored(plan).into_keys().filter(|name| name.starts_with(prefix)).collect()
    };
    let plan = Plan::stand_alone(genotype, &MacroPlan::search()).unwrap();
    assert_eq!(names(&plan, "stem"), ["stem.0.bn", "stem.0.bn.scale", "stem.0.bn.shift", "stem.0.conv"]);
    assert_eq!(
        names(&plan, "cells.3.preprocess0"),
        ["bn", "bn.scale", "bn.shift", "pointwise_even", "pointwise_odd"]
            .map(|part| format!("cells.3.preprocess0.{part}"))
    );
    assert_eq!(
        names(&plan, "cells.0.node2"),
        [
            "bn1",
            "bn1.scale",
            "bn1.shift",
            "bn2",
            "bn2.scale",
            "bn2.shift",
            "depthwise1",
            "depthwise2",
            "pointwise1",
            "pointwise2"
        ]
        .map(|part| format!("cells.0.node2.slot1.sep_conv_5x5.{part}"))
    );
    assert_eq!(names(&plan, "classifier"), ["classifier.bias", "classifier.weight"]);
    assert_eq!(
        names(&plan, "auxiliary"),
        [
            "auxiliary.1.bn",
            "auxiliary.1.bn.scale",
            "auxiliary.1.bn.shift",
            "auxiliary.1.pointwise",
            "auxiliary.2.bn",
            "auxiliary.2.bn.scale",
            "auxiliary.2.bn.shift",
            "auxiliary.2.conv",
            "auxiliary.3.bias",
            "auxiliary.3.weight"
        ]
    );
    let path = Plan::path(genotype, &MacroPlan::search()).unwrap();
    assert_eq!(
        names(&path, "cells.7.node5"),
        [
            "from0.sep_conv_3x3.bn1",
            "from0.sep_conv_3x3.bn2",
            "from0.sep_conv_3x3.depthwise1",
            "from0.sep_conv_3x3.depthwise2",
            "from0.sep_conv_3x3.pointwise1",
            "from0.sep_conv_3x3.pointwise2",
            "from2.dil_conv_5x5.bn",
            "from2.dil_conv_5x5.depthwise",
            "from2.dil_conv_5x5.pointwise"
        ]
        .map(|part| format!("cells.7.node5.{part}"))
    );
    assert_eq!(names(&path, "cells.7.node3.from0"), ["cells.7.node3.from0.max_pool_3x3.bn"]);
}

#[test]
fn the_largest_counts_fit() {
    let edge = |input| space::Edge { primitive: Primitive::Conv7x1And1x7, input: NodeIndex(input) };
    let cell = space::Cell {
        nodes: vec![[edge(0), edge(1)]; space::MAX_NODES],
        concat: (0..space::MAX_NODES).map(NodeIndex::intermediate).collect(),
    };
    let genotype = Genotype { normal: cell.clone(), reduction: cell };
    let largest = MacroPlan {
        reductions: (246..256).collect(),
        height: 1024,
        width: 1024,
        input_channels: 1024,
        classes: 1 << 20,
        ..MacroPlan::custom(1024, 256)
    };
    // Arithmetic is checked in tests, so a count that overflows panics.
    let plan = Plan::stand_alone(&genotype, &largest).unwrap();
    assert_eq!(
        plan.values[plan.cells[255].output[0].index()],
        Shape { channels: 1 << 20, height: 1, width: 1 }
    );
    assert!(plan.multiply_adds() < plan.thop_ops());
    assert!(plan.parameters() > 1 << 40);
}

#[test]
fn the_supernet_has_every_primitive_on_every_edge() {
    let plan = Plan::supernet(&MacroPlan::search()).unwrap();
    let edges = plan.layers.iter().filter(|layer| matches!(layer.site, Site::Edge { .. })).count();
    assert_eq!(edges, 8 * 14 * Primitive::DARTS.len());
    assert!(plan.auxiliary.is_empty());
}

#[test]
fn what_the_supernet_lacks_is_no_path() {
    let problem = |genotype: &Genotype| match Plan::path(genotype, &MacroPlan::search()) {
        Err(Error::Path { cell, problem }) => (cell, problem),
        other => panic!("{other:?}"),
    };
    let nasnet = &named::find("NASNet_A").unwrap().genotype;
    assert_eq!(problem(nasnet), (CellKind::Normal, PathProblem::Nodes { found: 5 }));
    let mut genotype = named::find("DARTS_V2").unwrap().genotype.clone();
    genotype.reduction.concat.swap(0, 1);
    assert_eq!(problem(&genotype), (CellKind::Reduction, PathProblem::Concat { found: vec![3, 2, 4, 5] }));
    genotype.reduction.concat.swap(0, 1);
    let edge = genotype.normal.nodes[1][0];
    genotype.normal.nodes[1][1] = edge;
    let (node, primitive) = (NodeIndex(3), edge.primitive);
    assert_eq!(
        problem(&genotype),
        (CellKind::Normal, PathProblem::Repeated { node, input: edge.input, primitive })
    );
    genotype.normal.nodes[1][1].primitive = Primitive::SepConv7x7;
    let primitive = Primitive::SepConv7x7;
    assert_eq!(problem(&genotype), (CellKind::Normal, PathProblem::Primitive { node, primitive }));
}

#[test]
fn the_auxiliary_head_exists_only_where_it_fits() {
    let genotype = &named::find("DARTS_V2").unwrap().genotype;
    let layers = |macro_plan: &MacroPlan| Plan::stand_alone(genotype, macro_plan).unwrap().auxiliary.len();
    assert_eq!(layers(&MacroPlan::custom(8, 5)), 4);
    assert_eq!(layers(&MacroPlan { height: 16, width: 16, ..MacroPlan::custom(8, 5) }), 0);
    assert_eq!(layers(&MacroPlan { height: 64, width: 64, ..MacroPlan::custom(8, 5) }), 0);
    assert_eq!(layers(&MacroPlan { height: 256, width: 256, ..MacroPlan::imagenet() }), 4);
}
