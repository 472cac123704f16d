//! Turns a plan's layers into block calls on numbered values, by fusing each layer's elementary operations: rectifier,
//! linear stage, batch-norm. Shapes come from the plan alone; buffers are not assigned here.

use kernels::{Activation, Block, BlockKind, Head, Norm};
use space::{ConvForm, Layer, LayerKind, Op, OpKind, Plan, Primitive, Shape, Site, Window};

/// A feature map: the plan's values first, then those between the blocks of one layer.
pub(crate) type Value = usize;

/// Value 0 of every plan is the image.
pub(crate) const IMAGE: Value = 0;

/// One block call before buffers are assigned.
#[derive(Clone)]
pub(crate) struct Lowered {
    pub(crate) block: Block,
    pub(crate) inputs: Vec<Value>,
    pub(crate) output: Value,
    pub(crate) weights: Vec<String>,
    pub(crate) batch_norm: Option<String>,
    /// Whether drop-path may drop the output: the last block of an edge's operation that is not the identity.
    pub(crate) droppable: bool,
}

impl Lowered {
    /// Takes what it reads, `[height, width, channels]`, to another value.
    pub(crate) fn identity(
        [height, width, channels]: [usize; 3],
        activation: Activation,
        inputs: Vec<Value>,
        output: Value,
    ) -> Self {
        let block = Block {
            kind: BlockKind::Identity,
            activation,
            norm: Norm::None,
            height,
            width,
            channels_in: vec![channels],
            channels_out: channels,
        };
        Self { block, inputs, output, weights: Vec::new(), batch_norm: None, droppable: false }
    }
}

/// Weight of the auxiliary classifier's loss (DARTS, section 3.2), unless the recipe has another.
const AUXILIARY_LOSS_WEIGHT: f64 = 0.4;

/// One classifier before buffers are assigned.
#[derive(Clone)]
pub(crate) struct LoweredHead {
    pub(crate) head: Head,
    pub(crate) inputs: Vec<Value>,
    pub(crate) weights: Vec<String>,
    /// Factor on its loss.
    pub(crate) loss_weight: f64,
    /// Share of each target that is spread over all classes.
    pub(crate) label_smoothing: f64,
}

/// A plan as block calls.
pub(crate) struct Program {
    /// Elements of one sample of each value.
    pub(crate) values: Vec<usize>,
    pub(crate) calls: Vec<Lowered>,
    /// The main classifier, then the auxiliary one if asked for; of merged programs, that of each.
    pub(crate) heads: Vec<LoweredHead>,
}

/// Lowers the layers of a plan, in order, with or without its auxiliary head.
pub(crate) fn lower(plan: &Plan, auxiliary: Auxiliary) -> Program {
    let mut lowering = Lowering {
        program: Program {
            values: plan.values.iter().map(|shape| shape.elements()).collect(),
            calls: Vec::new(),
            heads: Vec::new(),
        },
        shapes: plan.values.clone(),
        rectified: vec![false; plan.values.len()],
    };
    let extra: &[Layer] = match auxiliary {
        Auxiliary::Attached => &plan.auxiliary,
        Auxiliary::Left => &[],
    };
    for layer in plan.layers.iter().chain(extra) {
        lowering.layer(layer);
    }
    lowering.program
}

/// Whether the auxiliary head takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Auxiliary {
    Attached,
    Left,
}

impl Program {
    /// The calls that the classifiers depend on, in order. A cell input that no edge reads, for one, is not computed. Without
    /// a classifier (one layer alone), the last call is what is wanted.
    pub(crate) fn live_calls(&self) -> Vec<&Lowered> {
        let mut needed = vec![false; self.values.len()];
        for &value in self.heads.iter().flat_map(|head| &head.inputs) {
            needed[value] = true;
        }
        if let (true, Some(last)) = (self.heads.is_empty(), self.calls.last()) {
            needed[last.output] = true;
        }
        let mut live: Vec<&Lowered> = Vec::new();
        for call in self.calls.iter().rev() {
            if needed[call.output] {
                call.inputs.iter().for_each(|&value| needed[value] = true);
                live.push(call);
            }
        }
        live.reverse();
        live
    }
}

/// A program in the making.
struct Lowering {
    program: Program,
    /// Of each value.
    shapes: Vec<Shape>,
    /// Values whose readers apply a rectifier, because the layer that wrote them ends in one.
    rectified: Vec<bool>,
}

impl Lowering {
    fn layer(&mut self, layer: &Layer) {
        if matches!(layer.kind, LayerKind::Primitive { primitive: Primitive::None, .. }) {
            return;
        }
        let mut inputs: Vec<Value> = layer.inputs.iter().map(|value| value.index()).collect();
        let mut weights = layer.weights().into_iter().map(|weight| weight.name);
        let mut batch_norms = layer.batch_norms().into_iter().map(|batch_norm| batch_norm.name);
        let mut activation = Activation::None;
        let layer_ops = layer.ops();
        let mut ops = layer_ops.as_slice();
        let first_call = self.program.calls.len();
        while let Some(op) = ops.first() {
            match op.kind {
                OpKind::Relu => {
                    activation = Activation::Relu;
                    ops = &ops[1..];
                    continue;
                }
                OpKind::GlobalAvgPool | OpKind::Linear => {
                    let activation = self.activation(activation, &inputs);
                    self.head(layer, activation, inputs, weights.collect());
                    return;
                }
                _ => {}
            }
            let (kind, used, batch_norm) = fuse(ops);
            let last = &ops[used - 1];
            let block = Block {
                kind,
                activation: self.activation(activation, &inputs),
                norm: batch_norm,
                height: op.input.height,
                width: op.input.width,
                channels_in: inputs.iter().map(|&value| self.shapes[value].channels).collect(),
                channels_out: last.output.channels,
            };
            ops = &ops[used..];
            let output = self.value(last.output);
            self.program.calls.push(Lowered {
                weights: weights.by_ref().take(block.weight_lens().len()).collect(),
                batch_norm: if block.norm == Norm::None { None } else { batch_norms.next() },
                block,
                inputs: std::mem::replace(&mut inputs, vec![output]),
                output,
                droppable: false,
            });
            activation = Activation::None;
        }
        self.finish(layer, activation, first_call, inputs);
    }

    /// Lets the last block of a layer write the layer's value; a layer without blocks is the identity.
    fn finish(&mut self, layer: &Layer, trailing: Activation, first_call: usize, inputs: Vec<Value>) {
        let output = layer.output.index();
        let on_edge = matches!(layer.site, Site::Edge { .. });
        if self.program.calls.len() == first_call {
            let Shape { height, width, channels } = layer.input_shape;
            let activation = self.activation(Activation::None, &inputs);
            let identity = Lowered::identity([height, width, channels], activation, inputs, output);
            self.program.calls.push(identity);
        } else if let Some(call) = self.program.calls.last_mut() {
            call.output = output;
            call.droppable = on_edge;
        }
        self.rectified[output] = trailing == Activation::Relu;
    }

    fn head(&mut self, layer: &Layer, activation: Activation, inputs: Vec<Value>, weights: Vec<String>) {
        let head = Head {
            activation,
            height: layer.input_shape.height,
            width: layer.input_shape.width,
            channels_in: inputs.iter().map(|&value| self.shapes[value].channels).collect(),
            classes: layer.output_shape.channels,
        };
        let loss_weight = if self.program.heads.is_empty() { 1.0 } else { AUXILIARY_LOSS_WEIGHT };
        self.program.heads.push(LoweredHead { head, inputs, weights, loss_weight, label_smoothing: 0.0 });
    }

    fn activation(&self, own: Activation, inputs: &[Value]) -> Activation {
        let rectified = inputs.iter().any(|&value| self.rectified[value]);
        if rectified { Activation::Relu } else { own }
    }

    fn value(&mut self, shape: Shape) -> Value {
        self.program.values.push(shape.elements());
        self.shapes.push(shape);
        self.rectified.push(false);
        self.program.values.len() - 1
    }
}

/// The block that the operations begin with, how many operations it covers, and its batch-norm.
fn fuse(ops: &[Op]) -> (BlockKind, usize, Norm) {
    let (kind, used) = match ops[0].kind {
        OpKind::Conv(conv) => match (conv.form, conv.window) {
            (ConvForm::Depthwise, _) => {
                let kind = BlockKind::DepthwisePointwise {
                    kernel: conv.kernel[0],
                    stride: conv.stride[0],
                    dilation: conv.dilation,
                };
                (kind, 2)
            }
            (ConvForm::Pointwise, Window::Whole) => (BlockKind::Pointwise, 1),
            (ConvForm::Pointwise, _) => (BlockKind::FactorizedReduce, 2),
            (ConvForm::Dense, _) => {
                let kind = BlockKind::Convolution {
                    kernel: conv.kernel,
                    stride: conv.stride,
                    padding: conv.padding,
                };
                (kind, 1)
            }
        },
        OpKind::MaxPool(pool) => (BlockKind::MaxPool { stride: pool.stride }, 1),
        OpKind::AvgPool(pool) => {
            let kind =
                BlockKind::AveragePool { kernel: pool.kernel, stride: pool.stride, padding: pool.padding };
            (kind, 1)
        }
        OpKind::BatchNorm { .. } => (BlockKind::Identity, 0),
        OpKind::Relu | OpKind::GlobalAvgPool | OpKind::Linear => unreachable!("the caller has taken these"),
    };
    match ops.get(used).map(|op| op.kind) {
        Some(OpKind::BatchNorm { affine: true }) => (kind, used + 1, Norm::Affine),
        Some(OpKind::BatchNorm { affine: false }) => (kind, used + 1, Norm::Plain),
        _ => (kind, used, Norm::None),
    }
}
