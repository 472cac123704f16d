//! The networks of NAS-Bench-201 (arXiv 2001.00326, section 2.1): a stem of one 3x3 convolution, cells whose nodes are
//! sums over edges, residual blocks where a macro plan has reductions, batch-norm, rectifier and classifier.

use crate::error::Error;
use crate::genotype::{CellKind, NodeIndex};
use crate::macro_plan::{MacroPlan, SeparableRepeats};
use crate::nas_bench_201::{NasBench201Cell, NasBench201Operation};
use crate::plan::build::Builder;
use crate::plan::{CellValues, LayerKind, Plan, Shape, Site, Style, ValueId};
use crate::primitive::Primitive;

/// Node it feeds and node it reads, in the order of [`NasBench201Cell::operations`].
const EDGES: [(u8, u8); 6] = [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)];

impl Plan {
    /// The network of one cell, to be trained alone. The benchmark's is that of `MacroPlan::custom(16, 17)`: fifteen cells
    /// and two residual blocks in their places. The stem is one 3x3 convolution to `channels`, whatever the macro plan's; there
    /// is no auxiliary head.
    ///
    /// An edge with [`NasBench201Operation::None`] is no layer; a node that nothing feeds is a value of zeros.
    pub fn nas_bench_201(cell: &NasBench201Cell, macro_plan: &MacroPlan) -> Result<Self, Error> {
        build(macro_plan, Style::StandAlone, &cell.operations.map(|operation| vec![operation]))
    }

    /// What one cell switches on in the supernet of the same macro plan: its layers are a subsequence of the supernet's.
    pub fn nas_bench_201_path(cell: &NasBench201Cell, macro_plan: &MacroPlan) -> Result<Self, Error> {
        build(macro_plan, Style::Shared, &cell.operations.map(|operation| vec![operation]))
    }

    /// The supernet of the space: every edge with all operations. Batch-norms on edges have no scale and shift, those of
    /// stem, residual blocks and end have.
    pub fn nas_bench_201_supernet(macro_plan: &MacroPlan) -> Result<Self, Error> {
        build(macro_plan, Style::Shared, &std::array::from_fn(|_| NasBench201Operation::ALL.to_vec()))
    }
}

fn build(
    macro_plan: &MacroPlan,
    style: Style,
    edges: &[Vec<NasBench201Operation>; 6],
) -> Result<Plan, Error> {
    macro_plan.check()?;
    let (mut builder, image) = Builder::new(macro_plan, style);
    let mut shape = Shape { channels: macro_plan.channels, ..builder.values[image.index()] };
    let mut last =
        builder.push(Site::Stem(0), LayerKind::StemConv { relu: false, stride: 1 }, &[image], shape);
    for cell in 0..macro_plan.cells {
        if macro_plan.reductions.contains(&cell) {
            let Shape { channels, height, width } = shape;
            shape = Shape { channels: 2 * channels, height: height / 2, width: width / 2 };
            last = builder.residual(cell, last, shape);
        } else {
            last = builder.summed(cell, edges, last, shape);
        }
    }
    let last = builder.push(Site::Last, LayerKind::BnRelu, &[last], shape);
    let logits = builder.classifier(&[last]);
    Ok(builder.finish(logits, Vec::new()))
}

impl Builder<'_> {
    /// A cell; returns its last node.
    fn summed(
        &mut self,
        cell: usize,
        edges: &[Vec<NasBench201Operation>; 6],
        input: ValueId,
        shape: Shape,
    ) -> ValueId {
        let separable = self.macro_plan.separable;
        let nodes = [input, self.value(shape), self.value(shape), self.value(shape)];
        for (&(node, from), operations) in EDGES.iter().zip(edges) {
            for kind in operations.iter().filter_map(|&operation| kind(operation, separable)) {
                let [node, input] = [NodeIndex(node), NodeIndex(from)];
                let site = Site::Edge { cell, kind: CellKind::Normal, node, input, slot: None };
                let layer = self.layer(site, kind, &[nodes[input.index()]], nodes[node.index()]);
                self.layers.push(layer);
            }
        }
        let [.., output] = nodes;
        self.cells.push(CellValues { kind: CellKind::Normal, nodes: nodes.to_vec(), output: vec![output] });
        output
    }

    /// Two convolutions, and beside them a mean pool with a projection; returns their sum.
    fn residual(&mut self, cell: usize, input: ValueId, shape: Shape) -> ValueId {
        let site = |part| Site::Residual { cell, part };
        let between = self.push(site(0), LayerKind::ReluConv3x3Bn { stride: 2 }, &[input], shape);
        let output = self.push(site(1), LayerKind::ReluConv3x3Bn { stride: 1 }, &[between], shape);
        let shortcut = self.layer(site(2), LayerKind::PoolProject, &[input], output);
        self.layers.push(shortcut);
        let nodes = vec![input, between, output];
        self.cells.push(CellValues { kind: CellKind::Reduction, nodes, output: vec![output] });
        output
    }
}

/// What stands on an edge; nothing where it is to contribute nothing.
const fn kind(operation: NasBench201Operation, separable: SeparableRepeats) -> Option<LayerKind> {
    match operation {
        NasBench201Operation::None => None,
        NasBench201Operation::SkipConnect => {
            Some(LayerKind::Primitive { primitive: Primitive::SkipConnect, stride: 1, separable })
        }
        NasBench201Operation::Conv1x1 => Some(LayerKind::ReluConvBn),
        NasBench201Operation::Conv3x3 => Some(LayerKind::ReluConv3x3Bn { stride: 1 }),
        NasBench201Operation::AvgPool3x3 => Some(LayerKind::MeanPool3x3),
    }
}
