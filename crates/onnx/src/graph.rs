//! A graph in the making: nodes, initialisers and shapes, each name used once. It knows ONNX, not plans.

use std::collections::{BTreeMap, BTreeSet};

use space::Shape;

use crate::proto::{
    Attribute, AttributeKind, Dimension, ElementKind, Extent, Graph, Model, Node, OperatorSet, Property,
    Tensor, TensorShape, TensorType, Type, ValueInfo,
};

/// The version of the standard operators that models are written in.
pub const OPSET: i64 = 17;
/// The version of the file format that goes with it.
pub(crate) const IR_VERSION: i64 = 8;
/// The name of the batch dimension.
pub(crate) const BATCH: &str = "N";

/// Nodes and initialisers so far.
#[derive(Default)]
pub(crate) struct GraphBuilder {
    nodes: Vec<Node>,
    initializers: Vec<Tensor>,
    names: BTreeSet<String>,
    values: Vec<ValueInfo>,
}

/// What the elements of a value are, and how many; the batch comes first.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Extents {
    /// Batch, channels, height, width.
    Map(Shape),
    /// Batch, channels.
    Row(usize),
}

impl GraphBuilder {
    /// Adds a node that writes one value, called like the node.
    pub(crate) fn node(
        &mut self,
        name: String,
        op_type: &str,
        inputs: &[&str],
        attributes: Vec<Attribute>,
        extents: Extents,
    ) -> String {
        self.values.push(value_info(&name, extents));
        self.untyped_node(name, op_type, inputs, attributes)
    }

    /// The same for a value whose shape is left to the reader: an auxiliary list of sizes.
    pub(crate) fn untyped_node(
        &mut self,
        name: String,
        op_type: &str,
        inputs: &[&str],
        attributes: Vec<Attribute>,
    ) -> String {
        self.nodes.push(Node {
            inputs: inputs.iter().map(|&input| input.to_owned()).collect(),
            outputs: vec![name.clone()],
            name: name.clone(),
            op_type: op_type.to_owned(),
            attributes,
        });
        name
    }

    /// Adds an array of numbers; one of that name that is there already is kept.
    pub(crate) fn floats(&mut self, name: &str, dims: &[usize], values: &[f32]) -> String {
        let raw = || values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.initializer(name, dims, ElementKind::Float, raw)
    }

    /// Adds a list of integers, as [`GraphBuilder::floats`].
    pub(crate) fn integers(&mut self, name: &str, values: &[i64]) -> String {
        let raw = || values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.initializer(name, &[values.len()], ElementKind::Int64, raw)
    }

    fn initializer(
        &mut self,
        name: &str,
        dims: &[usize],
        element: ElementKind,
        raw: impl FnOnce() -> Vec<u8>,
    ) -> String {
        if self.names.insert(name.to_owned()) {
            let dims = dims.iter().map(|&dim| dim as i64).collect();
            self.initializers.push(Tensor {
                dims,
                element: element as i32,
                name: name.to_owned(),
                raw: raw(),
            });
        }
        name.to_owned()
    }

    /// The model from one input to one output. The output is written by a node, and its shape therefore
    /// known.
    pub(crate) fn finish(
        mut self,
        name: &str,
        input: (&str, Shape),
        output: &str,
        metadata: &BTreeMap<String, String>,
    ) -> Model {
        let (outputs, values) = self.values.drain(..).partition(|value| value.name == output);
        let graph = Graph {
            nodes: self.nodes,
            name: name.to_owned(),
            initializers: self.initializers,
            inputs: vec![value_info(input.0, Extents::Map(input.1))],
            outputs,
            values,
        };
        Model {
            ir_version: IR_VERSION,
            producer_name: "cars".to_owned(),
            producer_version: env!("CARGO_PKG_VERSION").to_owned(),
            graph: Some(graph),
            opset_import: vec![OperatorSet { domain: String::new(), version: OPSET }],
            metadata: metadata
                .iter()
                .map(|(key, value)| Property { key: key.clone(), value: value.clone() })
                .collect(),
        }
    }
}

pub(crate) fn int(name: &str, value: usize) -> Attribute {
    let int = Some(value as i64);
    Attribute { name: name.to_owned(), int, kind: AttributeKind::Int as i32, ..Attribute::default() }
}

pub(crate) fn ints(name: &str, values: &[usize]) -> Attribute {
    let ints = values.iter().map(|&value| value as i64).collect();
    Attribute { name: name.to_owned(), ints, kind: AttributeKind::Ints as i32, ..Attribute::default() }
}

pub(crate) fn float(name: &str, value: f32) -> Attribute {
    let float = Some(value);
    Attribute { name: name.to_owned(), float, kind: AttributeKind::Float as i32, ..Attribute::default() }
}

fn value_info(name: &str, extents: Extents) -> ValueInfo {
    let fixed = |size: usize| Extent::Fixed(size as i64);
    let mut sizes = vec![Extent::Named(BATCH.to_owned())];
    match extents {
        Extents::Map(Shape { channels, height, width }) => sizes.extend([channels, height, width].map(fixed)),
        Extents::Row(channels) => sizes.push(fixed(channels)),
    }
    let dims = sizes.into_iter().map(|extent| Dimension { extent: Some(extent) }).collect();
    let tensor = TensorType { element: ElementKind::Float as i32, shape: Some(TensorShape { dims }) };
    ValueInfo { name: name.to_owned(), kind: Some(Type { tensor: Some(tensor) }) }
}
