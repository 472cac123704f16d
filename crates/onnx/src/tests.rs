//! Exported models, decoded again and checked against the plan: operators, shapes by the rules of ONNX, names
//! and initialisers. Whether a runtime computes the same scores cannot be seen here.

use std::collections::BTreeMap;

use prost::Message;
use rand::RngExt;
use random::{Purpose, stream};
use space::{
    Cell, DartsSpace, Edge, Genotype, MacroPlan, NodeIndex, OpKind, Plan, Primitive, SearchSpace, ValueId,
    Window, named,
};

use crate::proto::{Extent, Graph, Model, Node, Tensor, ValueInfo};
use crate::{OnnxError, Options, export, export_layer};

type Arrays = BTreeMap<String, Vec<f32>>;

/// Every array of a plan with numbers of its own.
fn arrays(plan: &Plan) -> Arrays {
    let mut rng = stream(1, Purpose::Test, 0, 0);
    let mut draw = |length: usize| (0..length).map(|_| rng.random_range(0.5..1.5)).collect();
    let mut arrays = Arrays::new();
    for layer in &plan.layers {
        for weight in layer.weights() {
            arrays.insert(weight.name.clone(), draw(weight.elements()));
        }
        for norm in layer.batch_norms() {
            arrays.insert(format!("{}.mean", norm.name), draw(norm.channels));
            arrays.insert(format!("{}.variance", norm.name), draw(norm.channels));
        }
    }
    arrays
}

fn exported(plan: &Plan) -> Graph {
    written(plan, &arrays(plan), &Options::default()).graph.unwrap()
}

fn written(plan: &Plan, arrays: &Arrays, options: &Options) -> Model {
    let bytes = export(plan, options, |name| arrays.get(name).map(Vec::as_slice)).unwrap();
    let model = Model::decode(bytes.as_slice()).unwrap();
    assert_eq!((model.ir_version, model.opset_import[0].version), (8, 17));
    model
}

/// The dimensions and elements of an initialiser.
fn floats(graph: &Graph, name: &str) -> (Vec<i64>, Vec<f32>) {
    let tensor = graph.initializers.iter().find(|tensor| tensor.name == name).unwrap();
    let (values, _) = tensor.raw.as_chunks::<4>();
    (tensor.dims.clone(), values.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
}

fn stand_alone(name: &str, macro_plan: &MacroPlan) -> Plan {
    Plan::stand_alone(&named::find(name).unwrap().genotype, macro_plan).unwrap()
}

fn ints<'a>(node: &'a Node, name: &str) -> &'a [i64] {
    &node.attributes.iter().find(|attribute| attribute.name == name).unwrap().ints
}

fn int(node: &Node, name: &str) -> i64 {
    node.attributes.iter().find(|attribute| attribute.name == name).unwrap().int.unwrap()
}

/// The sizes behind the batch dimension.
fn sizes(value: &ValueInfo) -> Vec<i64> {
    let shape = value.kind.as_ref().unwrap().tensor.as_ref().unwrap().shape.as_ref().unwrap();
    let (batch, rest) = shape.dims.split_first().unwrap();
    assert_eq!(batch.extent, Some(Extent::Named("N".to_owned())));
    rest.iter()
        .map(|dimension| match dimension.extent {
            Some(Extent::Fixed(size)) => size,
            ref other => panic!("{}: {other:?}", value.name),
        })
        .collect()
}

/// The sizes that the operator's definition gives for its inputs' sizes (all behind the batch).
fn inferred(node: &Node, inputs: &[&Vec<i64>], dims: &BTreeMap<&str, &Tensor>) -> Vec<i64> {
    let spatial = |kernel: &[i64], dilations: &[i64]| -> Vec<i64> {
        let (strides, pads) = (ints(node, "strides"), ints(node, "pads"));
        (0..2)
            .map(|axis| {
                let reach = dilations[axis] * (kernel[axis] - 1) + 1;
                (inputs[0][axis + 1] + pads[axis] + pads[axis + 2] - reach) / strides[axis] + 1
            })
            .collect()
    };
    match node.op_type.as_str() {
        "Relu" | "BatchNormalization" => inputs[0].clone(),
        "Add" => {
            assert_eq!(inputs[0], inputs[1], "{}", node.name);
            inputs[0].clone()
        }
        "Conv" => {
            let weight = &dims[node.inputs[1].as_str()].dims;
            assert_eq!(weight[1] * int(node, "group"), inputs[0][0], "{}", node.name);
            assert_eq!(weight[2..], *ints(node, "kernel_shape"));
            [vec![weight[0]], spatial(&weight[2..], ints(node, "dilations"))].concat()
        }
        "MaxPool" | "AveragePool" => {
            // Padding is no pixel of the mean.
            assert!(node.op_type == "MaxPool" || int(node, "count_include_pad") == 0);
            [vec![inputs[0][0]], spatial(ints(node, "kernel_shape"), &[1, 1])].concat()
        }
        "Concat" => {
            assert_eq!(int(node, "axis"), 1);
            assert!(inputs.iter().all(|sizes| sizes[1..] == inputs[0][1..]), "{}", node.name);
            [vec![inputs.iter().map(|sizes| sizes[0]).sum()], inputs[0][1..].to_vec()].concat()
        }
        "Slice" => vec![inputs[0][0], inputs[0][1] - 1, inputs[0][2] - 1],
        "GlobalAveragePool" => vec![inputs[0][0], 1, 1],
        "Flatten" => vec![inputs[0].iter().product()],
        "Gemm" => {
            let [weight, bias] = [1, 2].map(|input| &dims[node.inputs[input].as_str()].dims);
            assert_eq!((weight[0], weight[1]), (inputs[0][0], bias[0]));
            vec![weight[1]]
        }
        other => panic!("{other} is no operator of a plan"),
    }
}

/// Checks what must hold for any plan, and returns the number of nodes of each operator.
fn check(plan: &Plan) -> BTreeMap<String, usize> {
    let graph = exported(plan);
    let initializers: BTreeMap<&str, &Tensor> =
        graph.initializers.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
    assert_eq!(initializers.len(), graph.initializers.len(), "a name is used twice");
    for tensor in &graph.initializers {
        let width = if tensor.element == 7 { 8 } else { 4 };
        assert_eq!(tensor.raw.len() as i64, width * tensor.dims.iter().product::<i64>(), "{}", tensor.name);
    }
    let trainable = plan.layers.iter().flat_map(space::Layer::weights);
    let elements: u64 = trainable.map(|weight| initializers[weight.name.as_str()].raw.len() as u64 / 4).sum();
    assert_eq!(elements, plan.parameters());

    let declared: BTreeMap<&str, Vec<i64>> =
        graph.values.iter().chain(&graph.outputs).map(|value| (value.name.as_str(), sizes(value))).collect();
    let mut known = BTreeMap::from([("image", sizes(&graph.inputs[0]))]);
    let mut counts = BTreeMap::new();
    for node in &graph.nodes {
        *counts.entry(node.op_type.clone()).or_insert(0) += 1;
        let output = node.outputs[0].as_str();
        let written = match declared.get(output) {
            // Zeros: their sizes are computed in the graph.
            _ if node.op_type == "ConstantOfShape" => {
                let rest = initializers[format!("{output}/sizes").as_str()];
                let (rest, _) = rest.raw.as_chunks::<8>();
                rest.iter().map(|&size| i64::from_le_bytes(size)).collect()
            }
            None => continue,
            Some(_) => {
                let inputs: Vec<&Vec<i64>> = node
                    .inputs
                    .iter()
                    .filter(|input| !initializers.contains_key(input.as_str()))
                    .map(|input| known.get(input.as_str()).expect("written before it is read"))
                    .collect();
                inferred(node, &inputs, &initializers)
            }
        };
        assert_eq!(declared[output], written, "{}", node.name);
        assert!(known.insert(output, written).is_none(), "{output} is written twice");
    }
    let output = &graph.outputs[0];
    assert_eq!((output.name.as_str(), sizes(output)), ("logits", vec![plan.macro_plan.classes as i64]));
    assert!(known.contains_key("logits"));
    counts
}

#[test]
fn every_published_network_becomes_a_well_formed_graph() {
    for named in named::all() {
        for macro_plan in [MacroPlan::search(), MacroPlan { channels: 16, ..MacroPlan::imagenet() }] {
            let plan = Plan::stand_alone(&named.genotype, &macro_plan).unwrap();
            let counts = check(&plan);
            let ops: Vec<_> = plan.layers.iter().flat_map(space::Layer::ops).collect();
            let halves = ops
                .iter()
                .filter(|op| matches!(op.kind, OpKind::Conv(conv) if conv.window == Window::OddHalf));
            let halves = halves.count();
            let count = |is: fn(&OpKind) -> bool| ops.iter().filter(|op| is(&op.kind)).count();
            let values: std::collections::BTreeSet<ValueId> =
                plan.layers.iter().map(|layer| layer.output).collect();
            let joined: std::collections::BTreeSet<_> =
                plan.layers.iter().map(|layer| &layer.inputs).filter(|inputs| inputs.len() > 1).collect();
            let expected = [
                ("Add", plan.layers.len() - values.len()),
                ("AveragePool", count(|kind| matches!(kind, OpKind::AvgPool(_)))),
                ("BatchNormalization", count(|kind| matches!(kind, OpKind::BatchNorm { .. }))),
                ("Concat", halves + joined.len()),
                ("Conv", count(|kind| matches!(kind, OpKind::Conv(_)))),
                ("Flatten", 1),
                ("Gemm", 1),
                ("GlobalAveragePool", 1),
                ("MaxPool", count(|kind| matches!(kind, OpKind::MaxPool(_)))),
                ("Relu", count(|kind| matches!(kind, OpKind::Relu))),
                ("Slice", halves),
            ];
            let expected: BTreeMap<String, usize> = expected
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .map(|(name, count)| (name.to_owned(), count))
                .collect();
            assert_eq!(counts, expected, "{}", named.name);
        }
    }
}

#[test]
fn paths_of_the_supernet_and_missing_connections_are_exported_too() {
    let space = DartsSpace { nodes: 4, ..DartsSpace::with_none() };
    for index in 0..20 {
        let genotype = space.sample(&mut stream(2, Purpose::Test, 0, index));
        check(&Plan::path(&genotype, &MacroPlan::search()).unwrap());
        check(&Plan::stand_alone(&genotype, &MacroPlan::search()).unwrap());
    }
    // A node that nothing leads to is zero, even if it is read twice.
    let edge = |input| Edge { primitive: Primitive::None, input: NodeIndex(input) };
    let cell = Cell::from_edges(&[edge(0), edge(1)], vec![NodeIndex(2)]).unwrap();
    let genotype = Genotype { normal: cell.clone(), reduction: cell };
    let counts = check(&Plan::stand_alone(&genotype, &MacroPlan::search()).unwrap());
    assert_eq!((counts["ConstantOfShape"], counts["Shape"]), (8, 8));
    assert!(!counts.contains_key("Add"));
}

#[test]
fn numbers_arrive_where_onnx_reads_them() {
    let plan = stand_alone("cars-a", &MacroPlan::search());
    let (arrays, graph) = (arrays(&plan), exported(&plan));
    let floats = |name: &str| floats(&graph, name);
    let (dims, stem) = floats("stem.0.conv");
    assert_eq!(dims, [48, 3, 3, 3]);
    // Output 5, input 1, row 2, column 0: tap 6.
    assert_eq!(stem[((5 * 3 + 1) * 3 + 2) * 3], arrays["stem.0.conv"][(6 * 3 + 1) * 48 + 5]);
    let (dims, classifier) = floats("classifier.weight");
    assert_eq!((dims, &classifier), (vec![256, 10], &arrays["classifier.weight"]));
    let norm = graph.nodes.iter().find(|node| node.op_type == "BatchNormalization").unwrap();
    let expected = ["scale", "shift", "mean", "variance"].map(|what| format!("stem.0.bn.{what}"));
    assert_eq!(norm.inputs[1..], expected);
    let epsilon = norm.attributes.iter().find(|attribute| attribute.name == "epsilon").unwrap();
    assert_eq!(epsilon.float, Some(1e-5));
    for name in expected {
        assert_eq!(floats(&name), (vec![48], arrays[&name].clone()));
    }
}

#[test]
fn the_even_half_comes_first_and_the_odd_half_lacks_a_row_and_a_column() {
    let graph = exported(&stand_alone("cars-a", &MacroPlan::search()));
    let node = |name: &String| graph.nodes.iter().find(|node| node.outputs[0] == *name).unwrap();
    let halves: Vec<&Node> = graph.nodes.iter().filter(|node| node.name.ends_with("/halves")).collect();
    assert!(!halves.is_empty());
    for concat in halves {
        let [even, odd] = [0, 1].map(|half| node(&concat.inputs[half]));
        assert!(even.inputs[1].ends_with(".pointwise_even"), "{}", even.inputs[1]);
        assert!(odd.inputs[1].ends_with(".pointwise_odd"), "{}", odd.inputs[1]);
        let slice = node(&odd.inputs[0]);
        assert_eq!((slice.op_type.as_str(), &slice.inputs[0]), ("Slice", &even.inputs[0]));
    }
}

#[test]
fn bad_arrays_are_named() {
    let plan = stand_alone("darts-v2", &MacroPlan::search());
    let good = arrays(&plan);
    let try_with = |change: &dyn Fn(&mut Arrays)| {
        let mut arrays = good.clone();
        change(&mut arrays);
        export(&plan, &Options::default(), |name| arrays.get(name).map(Vec::as_slice)).unwrap_err()
    };
    let error = try_with(&|arrays| {
        arrays.remove("classifier.bias");
        arrays.remove("stem.0.bn.mean");
    });
    let names = ["stem.0.bn.mean", "classifier.bias"].map(str::to_owned).to_vec();
    assert_eq!(error, OnnxError::Missing { names });
    assert!(
        error.to_string().starts_with("2 arrays of the plan are missing: stem.0.bn.mean, classifier.bias;")
    );
    let error = try_with(&|arrays| {
        arrays.get_mut("classifier.bias").unwrap().pop();
    });
    let name = "classifier.bias".to_owned();
    assert_eq!(error, OnnxError::Length { name, expected: 10, found: 9 });
    let error = try_with(&|arrays| arrays.get_mut("stem.0.conv").unwrap()[7] = f32::NAN);
    assert_eq!(
        error.to_string(),
        "element 7 of array `stem.0.conv` is NaN; a model with it computes nothing"
    );
}

#[test]
fn a_layer_alone_is_a_model_from_its_input_to_its_output() {
    let plan = stand_alone("NASNet_A", &MacroPlan::search());
    let mut kinds = std::collections::BTreeSet::new();
    for layer in &plan.layers {
        if matches!(layer.kind, space::LayerKind::Primitive { primitive: Primitive::None, .. }) {
            continue;
        }
        kinds.insert(layer.kind);
        let arrays = arrays(&Plan::of_layer(layer));
        let bytes = export_layer(layer, |name| arrays.get(name).map(Vec::as_slice)).unwrap();
        let graph = Model::decode(bytes.as_slice()).unwrap().graph.unwrap();
        let (input, output) = (layer.input_shape, layer.output_shape);
        let map = |shape: space::Shape| [shape.channels, shape.height, shape.width].map(|size| size as i64);
        assert_eq!(sizes(&graph.inputs[0]), map(input));
        let expected = map(output);
        let row = layer.kind == space::LayerKind::GlobalPoolClassifier;
        assert_eq!(sizes(&graph.outputs[0]), expected[..if row { 1 } else { 3 }], "{:?}", layer.kind);
        assert_eq!(graph.nodes.last().unwrap().outputs, [graph.outputs[0].name.clone()]);
    }
    assert!(kinds.len() > 8, "{kinds:?}");
}

#[test]
fn folded_batch_norms_are_kernels_and_biases() {
    let options = Options { fold: true, ..Options::default() };
    let plan = stand_alone("cars-a", &MacroPlan::search());
    let arrays = arrays(&plan);
    let graph = written(&plan, &arrays, &options).graph.unwrap();
    assert!(graph.nodes.iter().all(|node| node.op_type != "BatchNormalization"));
    let factor = |norm: &str, channel: usize| {
        let get = |what: &str| f64::from(arrays[&format!("{norm}.{what}")][channel]);
        let scale = get("scale") / (get("variance") + 1e-5).sqrt();
        (scale, get("shift") - get("mean") * scale)
    };
    // A whole convolution, and the second half of a factorized reduction, whose channels come after those of the first.
    for (layer, kernel, norm_offset) in [
        ("stem.0", "conv", 0),
        ("cells.3.preprocess0", "pointwise_even", 0),
        ("cells.3.preprocess0", "pointwise_odd", 16),
    ] {
        let name = format!("{layer}.{kernel}");
        let (dims, values) = floats(&graph, &name);
        let (_, bias) = floats(&graph, &format!("{name}.bias"));
        let [outputs, inputs, taps] = [dims[0], dims[1], dims[2] * dims[3]].map(|size| size as usize);
        assert_eq!(bias.len(), outputs);
        for output in 0..outputs {
            let (scale, shift) = factor(&format!("{layer}.bn"), norm_offset + output);
            assert!((f64::from(bias[output]) - shift).abs() < 1e-6, "{name} {output}");
            for (input, tap) in (0..inputs).flat_map(|input| (0..taps).map(move |tap| (input, tap))) {
                let original = f64::from(arrays[&name][(tap * inputs + input) * outputs + output]);
                let found = f64::from(values[(output * inputs + input) * taps + tap]);
                assert!((found - original * scale).abs() < 1e-6, "{name} {output} {input} {tap}");
            }
        }
    }
}

#[test]
fn a_batch_norm_behind_a_pool_stays() {
    // In the supernet's style pools have batch-norms of their own.
    let genotype = DartsSpace::new().sample(&mut stream(3, Purpose::Test, 0, 0));
    let plan = Plan::path(&genotype, &MacroPlan::search()).unwrap();
    let options = Options { fold: true, ..Options::default() };
    let graph = written(&plan, &arrays(&plan), &options).graph.unwrap();
    let pools = plan.layers.iter().flat_map(space::Layer::ops);
    let pools = pools.filter(|op| matches!(op.kind, OpKind::MaxPool(_) | OpKind::AvgPool(_))).count();
    let norms = graph.nodes.iter().filter(|node| node.op_type == "BatchNormalization").count();
    assert!(pools > 0);
    assert_eq!(norms, pools);
}

#[test]
fn a_model_says_what_it_is() {
    let plan = stand_alone("darts-v1", &MacroPlan::search());
    let metadata = BTreeMap::from([("genotype".to_owned(), "text".to_owned())]);
    let model = written(&plan, &arrays(&plan), &Options { metadata, fold: false });
    assert_eq!(model.metadata.len(), 1);
    assert_eq!((model.metadata[0].key.as_str(), model.metadata[0].value.as_str()), ("genotype", "text"));
}
