//! Walks a plan and writes one node for every elementary operation, an addition for every further edge into a
//! node, and a concatenation where a cell's output is read. Shapes and names are the plan's; none is derived
//! here.

use std::borrow::Cow;
use std::collections::BTreeMap;

use prost::Message;
use space::{
    BatchNorm, Conv, Layer, LayerKind, Op, OpKind, Plan, Pool, Primitive, Shape, ValueId, Weight, Window,
};

use crate::error::OnnxError;
use crate::fold::Folds;
use crate::graph::{Extents, GraphBuilder, float, int, ints};
use crate::layout::{kernel, kernel_dims};
use crate::proto::{Attribute, Model};

/// The epsilon of every batch-norm of a plan.
pub(crate) const EPSILON: f32 = 1e-5;
/// The only input: `N` images, channels first, normalised as in training.
const IMAGE: &str = "image";
/// The only output: class scores, `[N, classes]`.
const LOGITS: &str = "logits";
/// The only output of a layer alone.
const OUTPUT: &str = "output";

/// All arrays of a plan by name.
pub(crate) type Arrays<'w> = BTreeMap<String, &'w [f32]>;

/// How a network is written. The default: as it is, and nothing said about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether batch-norms are folded into the convolutions in front of them, which then have a bias.
    pub fold: bool,
    /// What the model says about itself (`metadata_props`), by key.
    pub metadata: BTreeMap<String, String>,
}

/// The network of a plan as the bytes of an ONNX model.
///
/// `arrays` finds an array by its name: weights by [`Weight::name`], running statistics as `NAME.mean` and
/// `NAME.variance` for a [`BatchNorm::name`], all in the layouts of [`space::WeightRole`]. The model reads
/// `image`, `[N, channels, height, width]` for any `N`, and writes `logits`, `[N, classes]`.
///
/// Fails with the list of all arrays that are missing, or the first that has the wrong length or a number
/// that is not finite; and if the model exceeds 2 GiB.
pub fn export<'w>(
    plan: &Plan,
    options: &Options,
    arrays: impl Fn(&str) -> Option<&'w [f32]>,
) -> Result<Vec<u8>, OnnxError> {
    let exporter = Exporter::walk(plan, check(plan, arrays)?, options.fold);
    let image = (IMAGE, plan.values[ValueId::IMAGE.index()]);
    encode(&exporter.graph.finish("network", image, LOGITS, &options.metadata))
}

/// One layer as a model of its own, to be timed by any runtime: reads `image`, `[N, channels, height, width]` of the
/// layer's input shape, and writes `output`. Arrays and errors as in [`export`].
pub fn export_layer<'w>(
    layer: &Layer,
    arrays: impl Fn(&str) -> Option<&'w [f32]>,
) -> Result<Vec<u8>, OnnxError> {
    let plan = Plan::of_layer(layer);
    let mut exporter = Exporter::walk(&plan, check(&plan, arrays)?, false);
    let written = exporter.value(plan.logits);
    let extents = match layer.kind {
        LayerKind::GlobalPoolClassifier | LayerKind::AuxiliaryClassifier => {
            Extents::Row(layer.output_shape.channels)
        }
        _ => Extents::Map(layer.output_shape),
    };
    // The layer may be the identity, which has no node of its own.
    let output = exporter.graph.node(OUTPUT.to_owned(), "Identity", &[&written], Vec::new(), extents);
    encode(&exporter.graph.finish("layer", (IMAGE, layer.input_shape), &output, &BTreeMap::new()))
}

fn encode(model: &Model) -> Result<Vec<u8>, OnnxError> {
    let bytes = model.encoded_len();
    if bytes > i32::MAX as usize {
        return Err(OnnxError::TooLarge { bytes });
    }
    Ok(model.encode_to_vec())
}

/// All arrays of the plan by name, each there, of the right length and finite.
fn check<'w>(plan: &Plan, arrays: impl Fn(&str) -> Option<&'w [f32]>) -> Result<Arrays<'w>, OnnxError> {
    let mut found = BTreeMap::new();
    let mut missing = Vec::new();
    for (name, expected) in plan.layers.iter().flat_map(needed) {
        match arrays(&name) {
            None => missing.push(name),
            Some(values) if values.len() != expected => {
                return Err(OnnxError::Length { name, expected, found: values.len() });
            }
            Some(values) => {
                if let Some(index) = values.iter().position(|value| !value.is_finite()) {
                    return Err(OnnxError::NotFinite { name, index, found: values[index].to_string() });
                }
                found.insert(name, values);
            }
        }
    }
    if missing.is_empty() { Ok(found) } else { Err(OnnxError::Missing { names: missing }) }
}

/// Names and lengths of a layer's arrays.
fn needed(layer: &Layer) -> Vec<(String, usize)> {
    let weights = layer.weights().into_iter().map(|weight| (weight.elements(), weight.name));
    let statistics =
        layer.batch_norms().into_iter().flat_map(|norm| statistics(&norm).map(|name| (norm.channels, name)));
    weights.chain(statistics).map(|(elements, name)| (name, elements)).collect()
}

/// The names of a batch-norm's running mean and variance.
pub(crate) fn statistics(norm: &BatchNorm) -> [String; 2] {
    ["mean", "variance"].map(|what| format!("{}.{what}", norm.name))
}

struct Exporter<'a, 'w> {
    plan: &'a Plan,
    arrays: Arrays<'w>,
    fold: bool,
    graph: GraphBuilder,
    /// The tensor that holds each value so far; `None` while nothing was written to it.
    tensors: Vec<Option<String>>,
    /// Concatenations that are there already, by their values.
    concatenated: BTreeMap<Vec<ValueId>, String>,
}

impl<'a, 'w> Exporter<'a, 'w> {
    /// Writes all layers of a plan whose arrays are these.
    fn walk(plan: &'a Plan, arrays: Arrays<'w>, fold: bool) -> Self {
        let mut exporter = Self {
            plan,
            arrays,
            fold,
            graph: GraphBuilder::default(),
            tensors: vec![None; plan.values.len()],
            concatenated: BTreeMap::new(),
        };
        exporter.tensors[ValueId::IMAGE.index()] = Some(IMAGE.to_owned());
        for layer in &plan.layers {
            exporter.layer(layer);
        }
        exporter
    }

    fn layer(&mut self, layer: &Layer) {
        if matches!(layer.kind, LayerKind::Primitive { primitive: Primitive::None, .. }) {
            return;
        }
        let input = self.input(layer);
        let written = self.ops(layer, input);
        let sum = match self.tensors[layer.output.index()].take() {
            None => written,
            Some(sum) => {
                let name = format!("{}/sum", layer.name());
                self.graph.node(name, "Add", &[&sum, &written], Vec::new(), Extents::Map(layer.output_shape))
            }
        };
        self.tensors[layer.output.index()] = Some(sum);
    }

    /// What a layer reads: a value, or the concatenation of several.
    fn input(&mut self, layer: &Layer) -> String {
        if let [value] = layer.inputs[..] {
            return self.value(value);
        }
        if let Some(tensor) = self.concatenated.get(&layer.inputs) {
            return tensor.clone();
        }
        let parts: Vec<String> = layer.inputs.iter().map(|&value| self.value(value)).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let name = format!("{}/input", layer.name());
        let extents = Extents::Map(layer.input_shape);
        let tensor = self.graph.node(name, "Concat", &parts, vec![int("axis", 1)], extents);
        self.concatenated.insert(layer.inputs.clone(), tensor.clone());
        tensor
    }

    /// The tensor of a value; zeros for a node that only [`Primitive::None`] leads to.
    fn value(&mut self, value: ValueId) -> String {
        if let Some(tensor) = &self.tensors[value.index()] {
            return tensor.clone();
        }
        let shape = self.plan.values[value.index()];
        let name = format!("zeros.{}", value.0);
        let rest = [shape.channels, shape.height, shape.width].map(|size| size as i64);
        let rest = self.graph.integers(&format!("{name}/sizes"), &rest);
        let batch = vec![int("start", 0), int("end", 1)];
        let batch = self.graph.untyped_node(format!("{name}/batch"), "Shape", &[IMAGE], batch);
        let axis = vec![int("axis", 0)];
        let sizes = self.graph.untyped_node(format!("{name}/shape"), "Concat", &[&batch, &rest], axis);
        let zeros = self.graph.node(name, "ConstantOfShape", &[&sizes], Vec::new(), Extents::Map(shape));
        self.tensors[value.index()] = Some(zeros.clone());
        zeros
    }

    /// The operations of a layer one after the other; returns the last result, or `input` if there is none.
    fn ops(&mut self, layer: &Layer, input: String) -> String {
        let layer_name = layer.name();
        let folds = if self.fold { Folds::of(layer, &self.arrays) } else { Folds::default() };
        let mut weights = layer.weights().into_iter();
        let mut norms = layer.batch_norms().into_iter();
        let mut tensor = input;
        let mut even_half = None;
        for (index, op) in layer.ops().iter().enumerate() {
            let name = format!("{layer_name}/{index}");
            let extents = Extents::Map(op.output);
            tensor = match op.kind {
                OpKind::Relu => self.graph.node(name, "Relu", &[&tensor], Vec::new(), extents),
                OpKind::Conv(conv) => {
                    let weight = weights.next().expect("a convolution has a kernel");
                    match conv.window {
                        Window::Whole => self.conv(name, op, &conv, (&weight, &folds), &tensor),
                        Window::EvenHalf => {
                            even_half = Some(self.conv(name, op, &conv, (&weight, &folds), &tensor));
                            tensor
                        }
                        Window::OddHalf => {
                            let odd_pixels = self.odd_pixels(&name, op.input, &tensor);
                            let odd = self.conv(name.clone(), op, &conv, (&weight, &folds), &odd_pixels);
                            let even = even_half.take().expect("the even half comes before the odd half");
                            let whole = Shape { channels: layer.output_shape.channels, ..op.output };
                            let axis = vec![int("axis", 1)];
                            let name = format!("{name}/halves");
                            self.graph.node(name, "Concat", &[&even, &odd], axis, Extents::Map(whole))
                        }
                    }
                }
                OpKind::BatchNorm { affine } => {
                    let norm = norms.next().expect("a batch-norm has statistics");
                    let scale = affine.then(|| weights.next().zip(weights.next())).flatten();
                    if folds.norms.contains(&norm.name) {
                        tensor
                    } else {
                        self.batch_norm(name, op, &norm, scale, &tensor)
                    }
                }
                OpKind::MaxPool(pool) => self.graph.node(name, "MaxPool", &[&tensor], window(&pool), extents),
                OpKind::AvgPool(pool) => {
                    let mut attributes = window(&pool);
                    attributes.push(int("count_include_pad", 0));
                    self.graph.node(name, "AveragePool", &[&tensor], attributes, extents)
                }
                OpKind::GlobalAvgPool => {
                    self.graph.node(name, "GlobalAveragePool", &[&tensor], Vec::new(), extents)
                }
                OpKind::Linear => {
                    let pair =
                        weights.next().zip(weights.next()).expect("a linear layer has weight and bias");
                    self.linear(&name, op, &pair, &tensor)
                }
            };
        }
        tensor
    }

    fn conv(
        &mut self,
        name: String,
        op: &Op,
        conv: &Conv,
        (weight, folds): (&Weight, &Folds),
        input: &str,
    ) -> String {
        let dims = kernel_dims(op, conv);
        let values = self.arrays[&weight.name];
        let fold = folds.kernels.get(&weight.name);
        let values = fold.map_or(Cow::Borrowed(values), |fold| Cow::Owned(fold.scaled(values)));
        let mut inputs = vec![input.to_owned()];
        inputs.push(self.graph.floats(&weight.name, &dims, &kernel(&values, dims)));
        if let Some(fold) = fold {
            let bias = fold.bias();
            inputs.push(self.graph.floats(&format!("{}.bias", weight.name), &[bias.len()], &bias));
        }
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let [vertical, horizontal] = conv.padding;
        let attributes = vec![
            ints("dilations", &[conv.dilation, conv.dilation]),
            int("group", op.groups()),
            ints("kernel_shape", &conv.kernel),
            ints("pads", &[vertical, horizontal, vertical, horizontal]),
            ints("strides", &conv.stride),
        ];
        self.graph.node(name, "Conv", &inputs, attributes, Extents::Map(op.output))
    }

    /// The image without its first row and column.
    fn odd_pixels(&mut self, name: &str, shape: Shape, input: &str) -> String {
        let starts = self.graph.integers("odd_half/starts", &[1, 1]);
        let ends = self.graph.integers("odd_half/ends", &[i64::MAX, i64::MAX]);
        let axes = self.graph.integers("odd_half/axes", &[2, 3]);
        let rest = Shape { height: shape.height - 1, width: shape.width - 1, ..shape };
        let inputs = [input, &starts, &ends, &axes];
        self.graph.node(format!("{name}/odd"), "Slice", &inputs, Vec::new(), Extents::Map(rest))
    }

    fn batch_norm(
        &mut self,
        name: String,
        op: &Op,
        norm: &BatchNorm,
        affine: Option<(Weight, Weight)>,
        input: &str,
    ) -> String {
        let channels = [norm.channels];
        let [scale, shift] = match affine {
            Some((scale, shift)) => [scale, shift].map(|weight| self.array(&weight.name, &channels)),
            None => [("ones", 1.0), ("zeros", 0.0)].map(|(constant, value)| {
                let name = format!("{constant}_of_{}", norm.channels);
                self.graph.floats(&name, &channels, &vec![value; norm.channels])
            }),
        };
        let [mean, variance] = statistics(norm).map(|name| self.array(&name, &channels));
        let inputs = [input, &scale, &shift, &mean, &variance];
        let attributes = vec![float("epsilon", EPSILON)];
        self.graph.node(name, "BatchNormalization", &inputs, attributes, Extents::Map(op.output))
    }

    fn linear(&mut self, name: &str, op: &Op, (weight, bias): &(Weight, Weight), input: &str) -> String {
        let row = Extents::Row(op.input.channels);
        let row = self.graph.node(format!("{name}/flat"), "Flatten", &[input], vec![int("axis", 1)], row);
        let weight = self.array(&weight.name, &weight.shape);
        let bias = self.array(&bias.name, &bias.shape);
        // The only linear layer outside the auxiliary head is the classifier.
        let scores = Extents::Row(op.output.channels);
        self.graph.node(LOGITS.to_owned(), "Gemm", &[&row, &weight, &bias], Vec::new(), scores)
    }

    /// An array in the layout it has.
    fn array(&mut self, name: &str, dims: &[usize]) -> String {
        self.graph.floats(name, dims, self.arrays[name])
    }
}

fn window(pool: &Pool) -> Vec<Attribute> {
    vec![
        ints("kernel_shape", &[pool.kernel; 2]),
        ints("pads", &[pool.padding; 4]),
        ints("strides", &[pool.stride; 2]),
    ]
}
