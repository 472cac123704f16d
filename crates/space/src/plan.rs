//! The plan: a network as shape-resolved layers in execution order, and the only place where a genotype
//! becomes layers. Structure follows `model.py` and `model_search.py` of DARTS (arXiv 1806.09055). A plan
//! holds no weights and computes nothing; it says what there is to compute.

mod build;
mod count;
mod nas_bench_201;
mod op;
mod parts;
mod weight;

use serde::{Deserialize, Serialize};

use crate::genotype::{CellKind, NodeIndex};
use crate::macro_plan::{MacroPlan, SeparableRepeats};
use crate::nas_bench_201::NasBench201Operation;
use crate::primitive::Primitive;

pub use op::{Conv, ConvForm, Op, OpKind, Pool, Window};
pub use weight::{BatchNorm, Weight, WeightRole};

/// A network as layers with shapes, in execution order.
///
/// # Values
///
/// Layers communicate through values, feature maps numbered by [`ValueId`]; value 0 is the image. Two rules
/// replace the additions and concatenations of the usual description:
///
/// - **A value is the sum of all layers that write it.** Only nodes have several writers (their edges); all
///   of them come before the first reader. The first writer sets the value, later ones add. An edge with
///   [`Primitive::None`] is a writer that contributes zero: it has no operations and may be skipped, but a
///   node written by nothing else is a value of zeros.
/// - **A cell's output is a list of values**, concatenated over channels in that order where it is read.
///   Nothing is copied: the layer that reads it lists them in [`Layer::inputs`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The frame the plan was made for.
    pub macro_plan: MacroPlan,
    /// Whether this is a network of its own or (part of) the supernet.
    pub style: Style,
    /// The shape of every value, by [`ValueId`].
    pub values: Vec<Shape>,
    /// The layers in execution order; the last is the classifier.
    pub layers: Vec<Layer>,
    /// The auxiliary head, in execution order, reading the output of cell `2 * cells / 3`. It is used in
    /// training only, so counts leave it out unless their name says otherwise. Empty in the supernet's style,
    /// and where the feature map does not shrink to the 1x1 that its classifier of 768 inputs needs (8 to 10
    /// pixels a side behind a CIFAR stem, 7 or 8 behind an ImageNet stem).
    pub auxiliary: Vec<Layer>,
    /// The values that belong to each cell.
    pub cells: Vec<CellValues>,
    /// The value of the class scores, `classes` x 1 x 1.
    pub logits: ValueId,
}

/// What kind of network a plan describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// A network trained alone: batch-norm with scale and shift everywhere, pools without batch-norm.
    StandAlone,
    /// The supernet, or what one genotype switches on in it: batch-norm inside cells without scale and shift,
    /// pools followed by such a batch-norm, no auxiliary head.
    Shared,
}

/// A value of a plan: an index into [`Plan::values`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(pub u32);

impl ValueId {
    /// The image.
    pub const IMAGE: Self = Self(0);

    /// The identifier as an array index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The shape of a feature map of one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Shape {
    /// Channels.
    pub channels: usize,
    /// Height in pixels.
    pub height: usize,
    /// Width in pixels.
    pub width: usize,
}

impl Shape {
    /// The number of elements.
    pub const fn elements(self) -> usize {
        self.channels * self.pixels()
    }

    /// The number of pixels.
    pub const fn pixels(self) -> usize {
        self.height * self.width
    }
}

/// The values of one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellValues {
    /// The kind of the cell.
    pub kind: CellKind,
    /// The value of every node: the two preprocessed inputs, then the intermediate nodes.
    pub nodes: Vec<ValueId>,
    /// The values that make up the output, in channel order.
    pub output: Vec<ValueId>,
}

/// One block of computation with a name of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Where it stands.
    pub site: Site,
    /// What it computes.
    pub kind: LayerKind,
    /// The values it reads, concatenated over channels in this order.
    pub inputs: Vec<ValueId>,
    /// The value it writes, or adds to.
    pub output: ValueId,
    /// The shape of the concatenated inputs.
    pub input_shape: Shape,
    /// The shape of the output.
    pub output_shape: Shape,
    /// The style of the plan it belongs to.
    pub style: Style,
}

/// Where in the network a layer stands. A site and a [`LayerKind`] name a layer uniquely within a plan, and a
/// path's layer equals the supernet's layer in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Site {
    /// The n-th convolution of the stem.
    Stem(usize),
    /// What brings an input of a cell to the cell's width and resolution.
    Preprocess {
        /// The cell.
        cell: usize,
        /// Which input: 0 from the cell before the last, 1 from the last.
        input: usize,
    },
    /// An edge of a cell.
    Edge {
        /// The cell.
        cell: usize,
        /// Its kind.
        kind: CellKind,
        /// The node it feeds.
        node: NodeIndex,
        /// The node it reads.
        input: NodeIndex,
        /// Its place in the node's pair, 0 or 1, in a stand-alone network (which may use a primitive twice on
        /// one edge). `None` in the supernet's style, where edge and primitive say it all.
        slot: Option<usize>,
    },
    /// A layer of a residual block, which halves the resolution between the stages of NAS-Bench-201.
    Residual {
        /// Its place among the cells.
        cell: usize,
        /// 0 and 1: the two convolutions; 2: the shortcut.
        part: usize,
    },
    /// What follows the last cell of NAS-Bench-201.
    Last,
    /// The classifier.
    Classifier,
    /// The n-th layer of the auxiliary head.
    Auxiliary(usize),
}

/// What a layer computes; [`Layer::ops`] spells it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LayerKind {
    /// A 3x3 convolution and batch-norm, with a rectifier in front where `relu` is set.
    StemConv {
        /// Whether the input is rectified first.
        relu: bool,
        /// 1 or 2.
        stride: usize,
    },
    /// Rectifier, 1x1 convolution, batch-norm.
    ReluConvBn,
    /// Rectifier, two 1x1 convolutions of stride 2 (one on even, one on odd rows and columns) side by side,
    /// batch-norm.
    FactorizedReduce,
    /// A primitive on an edge.
    Primitive {
        /// The primitive.
        primitive: Primitive,
        /// 2 from an input of a reduction cell, otherwise 1.
        stride: usize,
        /// The form of a separable convolution; other primitives ignore it.
        separable: SeparableRepeats,
    },
    /// Rectifier, 3x3 convolution, batch-norm.
    ReluConv3x3Bn {
        /// 1 or 2.
        stride: usize,
    },
    /// A 3x3 mean pool of stride 1 without batch-norm, in either style.
    MeanPool3x3,
    /// A 2x2 mean pool of stride 2, then a 1x1 convolution without batch-norm.
    PoolProject,
    /// Batch-norm, rectifier.
    BnRelu,
    /// The mean over all pixels, then a linear layer.
    GlobalPoolClassifier,
    /// Rectifier, then a 5x5 mean pool without padding.
    AuxiliaryPool {
        /// 3 behind a CIFAR stem, 2 behind an ImageNet stem.
        stride: usize,
    },
    /// A 1x1 convolution to 128 channels, batch-norm, rectifier.
    AuxiliaryPointwise,
    /// A 2x2 convolution to 768 channels without padding, batch-norm where `batch_norm` is set, rectifier.
    AuxiliaryConv {
        /// Set behind a CIFAR stem; DARTS leaves it out in its ImageNet network.
        batch_norm: bool,
    },
    /// A linear layer on the 768 channels.
    AuxiliaryClassifier,
}

impl Plan {
    /// The layers that the class scores depend on, in order. With [`Primitive::None`] on edges a cell may not read one of
    /// its inputs: what prepares that input is computed for nothing, and a runtime that prunes leaves it out.
    pub fn needed_layers(&self) -> Vec<&Layer> {
        let mut needed = vec![false; self.values.len()];
        needed[self.logits.index()] = true;
        let mut layers: Vec<&Layer> = Vec::new();
        for layer in self.layers.iter().rev() {
            let connects = !matches!(layer.kind, LayerKind::Primitive { primitive: Primitive::None, .. });
            if connects && needed[layer.output.index()] {
                layer.inputs.iter().for_each(|input| needed[input.index()] = true);
                layers.push(layer);
            }
        }
        layers.reverse();
        layers
    }
}

impl Layer {
    /// The stable dotted name, a prefix of the names of its weights: `cells.3.node2.from0.sep_conv_3x3` in
    /// the supernet's style, `cells.3.node2.slot0.sep_conv_3x3` in a stand-alone network.
    pub fn name(&self) -> String {
        match self.site {
            Site::Stem(index) => format!("stem.{index}"),
            Site::Preprocess { cell, input } => format!("cells.{cell}.preprocess{input}"),
            Site::Edge { cell, node, input, slot, .. } => {
                let place = slot.map_or_else(|| format!("from{input}"), |slot| format!("slot{slot}"));
                let what = match self.kind {
                    LayerKind::Primitive { primitive, .. } => primitive.name(),
                    LayerKind::ReluConvBn => NasBench201Operation::Conv1x1.name(),
                    LayerKind::ReluConv3x3Bn { .. } => NasBench201Operation::Conv3x3.name(),
                    LayerKind::MeanPool3x3 => NasBench201Operation::AvgPool3x3.name(),
                    _ => unreachable!("no other kind of layer stands on an edge"),
                };
                format!("cells.{cell}.node{node}.{place}.{what}")
            }
            Site::Residual { cell, part } => format!("cells.{cell}.residual{part}"),
            Site::Last => "last".to_owned(),
            Site::Classifier => "classifier".to_owned(),
            Site::Auxiliary(index) => format!("auxiliary.{index}"),
        }
    }
}
