//! How a plan is put together: stem, cells with their preprocessing, classifier, auxiliary head. Shapes are
//! resolved here and nowhere else; what a layer is made of is in `parts.rs`.

use crate::error::{Error, PathProblem};
use crate::genotype::{Cell, CellKind, Genotype, NodeIndex};
use crate::macro_plan::{MacroPlan, Stem};
use crate::plan::{CellValues, Layer, LayerKind, Plan, Shape, Site, Style, ValueId};
use crate::primitive::Primitive;

/// Intermediate nodes of the supernet's cells.
const SUPERNET_NODES: usize = 4;

impl Plan {
    /// The network of one genotype, to be trained alone: scale and shift in every batch-norm, pools without
    /// batch-norm, the auxiliary head described.
    pub fn stand_alone(genotype: &Genotype, macro_plan: &MacroPlan) -> Result<Self, Error> {
        genotype.check()?;
        let pattern = |kind| Pattern::of(genotype.cell(kind), Style::StandAlone);
        build(macro_plan, Style::StandAlone, &CellKind::ALL.map(pattern))
    }

    /// What one genotype switches on in the supernet of the same macro plan. Its values are the supernet's
    /// values, and its layers are a subsequence of the supernet's layers, equal in every field. The two edges
    /// of a node come in the supernet's order, whichever way round the genotype lists them.
    ///
    /// The genotype needs cells of four nodes, all concatenated in order, of the eight primitives, none twice
    /// on an edge.
    pub fn path(genotype: &Genotype, macro_plan: &MacroPlan) -> Result<Self, Error> {
        genotype.check()?;
        for cell in CellKind::ALL {
            path_problem(genotype.cell(cell)).map_or(Ok(()), |problem| Err(Error::Path { cell, problem }))?;
        }
        let pattern = |kind| Pattern::of(genotype.cell(kind), Style::Shared);
        build(macro_plan, Style::Shared, &CellKind::ALL.map(pattern))
    }

    /// The supernet: cells of four nodes, every edge with all eight primitives in the order of their index.
    pub fn supernet(macro_plan: &MacroPlan) -> Result<Self, Error> {
        build(macro_plan, Style::Shared, &CellKind::ALL.map(|_| Pattern::complete()))
    }
}

impl Plan {
    /// One layer and nothing else: value 0 is what it reads, as one map of its input shape, value 1 what it writes. The
    /// macro plan says nothing here.
    pub fn of_layer(layer: &Layer) -> Self {
        let layer = Layer { inputs: vec![ValueId::IMAGE], output: ValueId(1), ..layer.clone() };
        Self {
            macro_plan: MacroPlan::search(),
            style: layer.style,
            values: vec![layer.input_shape, layer.output_shape],
            layers: vec![layer],
            auxiliary: Vec::new(),
            cells: Vec::new(),
            logits: ValueId(1),
        }
    }
}

fn path_problem(cell: &Cell) -> Option<PathProblem> {
    if cell.nodes.len() != SUPERNET_NODES {
        return Some(PathProblem::Nodes { found: cell.nodes.len() });
    }
    if !cell.concat.iter().map(|node| node.index()).eq(2..SUPERNET_NODES + 2) {
        return Some(PathProblem::Concat { found: cell.concat.iter().map(|node| node.0).collect() });
    }
    let foreign = cell.edges().find(|(_, edge)| !edge.primitive.is_darts());
    if let Some((node, edge)) = foreign {
        return Some(PathProblem::Primitive { node, primitive: edge.primitive });
    }
    let twice = cell.nodes.iter().position(|[first, second]| first == second)?;
    let edge = cell.nodes[twice][0];
    let node = NodeIndex::intermediate(twice);
    Some(PathProblem::Repeated { node, input: edge.input, primitive: edge.primitive })
}

/// One edge of every cell of a kind.
struct PatternEdge {
    node: NodeIndex,
    input: NodeIndex,
    slot: Option<usize>,
    primitive: Primitive,
}

/// What all cells of one kind have in common: their edges in execution order, and what they concatenate.
struct Pattern {
    nodes: usize,
    edges: Vec<PatternEdge>,
    concat: Vec<NodeIndex>,
}

impl Pattern {
    fn of(cell: &Cell, style: Style) -> Self {
        let edges = cell.edges().enumerate().map(|(position, (node, edge))| PatternEdge {
            node,
            input: edge.input,
            slot: match style {
                Style::StandAlone => Some(position % 2),
                Style::Shared => None,
            },
            primitive: edge.primitive,
        });
        let mut edges: Vec<PatternEdge> = edges.collect();
        match style {
            Style::StandAlone => {}
            Style::Shared => edges.sort_by_key(|edge| (edge.node, edge.input, edge.primitive)),
        }
        Self { nodes: cell.nodes.len(), edges, concat: cell.concat.clone() }
    }

    fn complete() -> Self {
        let nodes = (0..SUPERNET_NODES).map(NodeIndex::intermediate);
        let edges = nodes.clone().flat_map(|node| {
            (0..node.0).flat_map(move |input| {
                let input = NodeIndex(input);
                Primitive::DARTS.map(|primitive| PatternEdge { node, input, slot: None, primitive })
            })
        });
        Self { nodes: SUPERNET_NODES, edges: edges.collect(), concat: nodes.collect() }
    }
}

fn build(macro_plan: &MacroPlan, style: Style, patterns: &[Pattern; 2]) -> Result<Plan, Error> {
    macro_plan.check()?;
    let (mut builder, image) = Builder::new(macro_plan, style);
    let [mut before_last, mut last] = builder.stem(image);
    let mut channels = macro_plan.channels;
    // DARTS treats the third ImageNet stem convolution as a reduction, the CIFAR stem not.
    let mut last_reduced = macro_plan.stem == Stem::ImageNet;
    for cell in 0..macro_plan.cells {
        let kind = if macro_plan.reductions.contains(&cell) { CellKind::Reduction } else { CellKind::Normal };
        if kind == CellKind::Reduction {
            channels *= 2;
        }
        let pattern = &patterns[kind as usize];
        let output = builder.cell(cell, kind, pattern, channels, last_reduced, [&before_last, &last]);
        before_last = std::mem::replace(&mut last, output);
        last_reduced = kind == CellKind::Reduction;
    }
    let logits = builder.classifier(&last);
    let auxiliary = match style {
        Style::StandAlone => builder.auxiliary(),
        Style::Shared => Vec::new(),
    };
    Ok(builder.finish(logits, auxiliary))
}

/// A plan being put together.
pub(super) struct Builder<'a> {
    pub(super) macro_plan: &'a MacroPlan,
    style: Style,
    pub(super) values: Vec<Shape>,
    pub(super) layers: Vec<Layer>,
    pub(super) cells: Vec<CellValues>,
}

impl<'a> Builder<'a> {
    /// A plan of nothing but its image.
    pub(super) fn new(macro_plan: &'a MacroPlan, style: Style) -> (Self, ValueId) {
        let &MacroPlan { input_channels: channels, height, width, .. } = macro_plan;
        let values = vec![Shape { channels, height, width }];
        (Self { macro_plan, style, values, layers: Vec::new(), cells: Vec::new() }, ValueId::IMAGE)
    }

    pub(super) fn finish(self, logits: ValueId, auxiliary: Vec<Layer>) -> Plan {
        let Self { macro_plan, style, values, layers, cells } = self;
        Plan { macro_plan: macro_plan.clone(), style, values, layers, auxiliary, cells, logits }
    }
}

impl Builder<'_> {
    pub(super) fn value(&mut self, shape: Shape) -> ValueId {
        self.values.push(shape);
        ValueId(self.values.len() as u32 - 1)
    }

    pub(super) fn layer(&self, site: Site, kind: LayerKind, inputs: &[ValueId], output: ValueId) -> Layer {
        let shapes = inputs.iter().map(|input| self.values[input.index()]);
        let channels = shapes.clone().map(|shape| shape.channels).sum();
        let (height, width) =
            shapes.map(|shape| (shape.height, shape.width)).next().expect("a layer reads something");
        let input_shape = Shape { channels, height, width };
        let output_shape = self.values[output.index()];
        Layer { site, kind, inputs: inputs.to_vec(), output, input_shape, output_shape, style: self.style }
    }

    /// Adds a layer with a value of its own.
    pub(super) fn push(&mut self, site: Site, kind: LayerKind, inputs: &[ValueId], output: Shape) -> ValueId {
        let output = self.value(output);
        let layer = self.layer(site, kind, inputs, output);
        self.layers.push(layer);
        output
    }

    /// The two inputs of the first cell.
    fn stem(&mut self, image: ValueId) -> [Vec<ValueId>; 2] {
        let channels = self.macro_plan.channels;
        let shape = self.values[image.index()];
        match self.macro_plan.stem {
            Stem::Cifar => {
                let kind = LayerKind::StemConv { relu: false, stride: 1 };
                let output = Shape { channels: 3 * channels, ..shape };
                let stem = self.push(Site::Stem(0), kind, &[image], output);
                [vec![stem], vec![stem]]
            }
            Stem::ImageNet => {
                let mut value = image;
                let steps = [(channels / 2, 2), (channels, 4), (channels, 8)];
                let [_, second, third] = std::array::from_fn(|step| {
                    let (channels, divisor) = steps[step];
                    let output =
                        Shape { channels, height: shape.height / divisor, width: shape.width / divisor };
                    let kind = LayerKind::StemConv { relu: step > 0, stride: 2 };
                    value = self.push(Site::Stem(step), kind, &[value], output);
                    value
                });
                [vec![second], vec![third]]
            }
        }
    }

    /// Adds a cell; returns its output.
    fn cell(
        &mut self,
        cell: usize,
        kind: CellKind,
        pattern: &Pattern,
        channels: usize,
        last_reduced: bool,
        inputs: [&[ValueId]; 2],
    ) -> Vec<ValueId> {
        let size = self.values[inputs[1][0].index()];
        let before = Shape { channels, ..size };
        let first = if last_reduced { LayerKind::FactorizedReduce } else { LayerKind::ReluConvBn };
        let mut nodes = vec![
            self.push(Site::Preprocess { cell, input: 0 }, first, inputs[0], before),
            self.push(Site::Preprocess { cell, input: 1 }, LayerKind::ReluConvBn, inputs[1], before),
        ];
        let (input_stride, after) = match kind {
            CellKind::Normal => (1, before),
            CellKind::Reduction => {
                (2, Shape { channels, height: before.height / 2, width: before.width / 2 })
            }
        };
        for _ in 0..pattern.nodes {
            nodes.push(self.value(after));
        }
        for &PatternEdge { node, input, slot, primitive } in &pattern.edges {
            let stride = if input.is_cell_input() { input_stride } else { 1 };
            let layer_kind = LayerKind::Primitive { primitive, stride, separable: self.macro_plan.separable };
            let site = Site::Edge { cell, kind, node, input, slot };
            let layer = self.layer(site, layer_kind, &[nodes[input.index()]], nodes[node.index()]);
            self.layers.push(layer);
        }
        let output: Vec<ValueId> = pattern.concat.iter().map(|node| nodes[node.index()]).collect();
        self.cells.push(CellValues { kind, nodes, output: output.clone() });
        output
    }

    pub(super) fn classifier(&mut self, last: &[ValueId]) -> ValueId {
        let scores = Shape { channels: self.macro_plan.classes, height: 1, width: 1 };
        self.push(Site::Classifier, LayerKind::GlobalPoolClassifier, last, scores)
    }

    fn auxiliary(&mut self) -> Vec<Layer> {
        let (stride, batch_norm, sizes) = match self.macro_plan.stem {
            Stem::Cifar => (3, true, 8..=10),
            Stem::ImageNet => (2, false, 7..=8),
        };
        let input = self.cells[2 * self.macro_plan.cells / 3].output.clone();
        let channels = input.iter().map(|value| self.values[value.index()].channels).sum();
        let size = self.values[input[0].index()];
        if !sizes.contains(&size.height) || !sizes.contains(&size.width) {
            return Vec::new();
        }
        let square = |channels, side| Shape { channels, height: side, width: side };
        let steps = [
            (LayerKind::AuxiliaryPool { stride }, square(channels, 2)),
            (LayerKind::AuxiliaryPointwise, square(128, 2)),
            (LayerKind::AuxiliaryConv { batch_norm }, square(768, 1)),
            (LayerKind::AuxiliaryClassifier, square(self.macro_plan.classes, 1)),
        ];
        let mut inputs = input;
        let mut layers = Vec::new();
        for (index, (kind, shape)) in steps.into_iter().enumerate() {
            let output = self.value(shape);
            layers.push(self.layer(Site::Auxiliary(index), kind, &inputs, output));
            inputs = vec![output];
        }
        layers
    }
}
