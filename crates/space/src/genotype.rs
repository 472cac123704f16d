//! The discrete architecture: two cells, each a list of nodes with two incoming edges (arXiv 1806.09055,
//! section 2.1). Text is in `text.rs`, JSON in `json.rs`; this module knows neither widths nor shapes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{CellProblem, Error};
use crate::primitive::Primitive;

/// The most intermediate nodes a cell may have. Published cells have four or five.
pub const MAX_NODES: usize = 32;

/// A node of a cell: 0 and 1 are the two inputs (the outputs of the cell before the last, and of the last), 2
/// and up the intermediate nodes in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeIndex(pub u8);

impl NodeIndex {
    /// The index of the intermediate node at `position` (0 for the first) of [`Cell::nodes`].
    pub const fn intermediate(position: usize) -> Self {
        Self(position as u8 + 2)
    }

    /// The index as an array index over inputs and nodes.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Whether this is one of the two inputs of the cell.
    pub const fn is_cell_input(self) -> bool {
        self.0 < 2
    }
}

impl fmt::Display for NodeIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A connection into a node: the primitive applied, and the node it is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// What is computed.
    pub primitive: Primitive,
    /// What it is computed from.
    pub input: NodeIndex,
}

/// One cell: every node is the sum of its two edges, and the output is a concatenation of nodes over
/// channels.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The two edges of each intermediate node; `nodes[0]` is node 2.
    pub nodes: Vec<[Edge; 2]>,
    /// The concatenated nodes, in the order of their channels.
    pub concat: Vec<NodeIndex>,
}

/// The two kinds of cell in a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellKind {
    /// Keeps resolution and channels.
    Normal,
    /// Halves the resolution and doubles the channels.
    Reduction,
}

impl CellKind {
    /// Both kinds, in the order of the notation.
    pub const ALL: [Self; 2] = [Self::Normal, Self::Reduction];
}

impl fmt::Display for CellKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Normal => "normal",
            Self::Reduction => "reduction",
        })
    }
}

/// A discrete architecture: its normal and its reduction cell.
///
/// Written and read in the DARTS notation (`Display`, `FromStr`) and as JSON (`serde`); everything read is
/// checked, a genotype put together by hand is checked when it becomes a plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Genotype {
    /// The cell that keeps the resolution.
    pub normal: Cell,
    /// The cell that halves it.
    pub reduction: Cell,
}

impl Genotype {
    /// The cell of one kind.
    pub const fn cell(&self, kind: CellKind) -> &Cell {
        match kind {
            CellKind::Normal => &self.normal,
            CellKind::Reduction => &self.reduction,
        }
    }

    /// The cell of one kind, to change it.
    pub const fn cell_mut(&mut self, kind: CellKind) -> &mut Cell {
        match kind {
            CellKind::Normal => &mut self.normal,
            CellKind::Reduction => &mut self.reduction,
        }
    }

    /// Whether both cells are cells; otherwise the first fault.
    pub fn check(&self) -> Result<(), Error> {
        CellKind::ALL.into_iter().try_for_each(|kind| {
            self.cell(kind).check().map_err(|problem| Error::Cell { cell: kind, problem })
        })
    }
}

impl Cell {
    /// Groups a flat list of edges into nodes, two edges a node, as the DARTS notation lists them.
    pub fn from_edges(edges: &[Edge], concat: Vec<NodeIndex>) -> Result<Self, CellProblem> {
        let (nodes, rest) = edges.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(CellProblem::OddEdges { found: edges.len() });
        }
        let cell = Self { nodes: nodes.to_vec(), concat };
        cell.check()?;
        Ok(cell)
    }

    /// The edges in the order of the DARTS notation, with the node each feeds.
    pub fn edges(&self) -> impl Iterator<Item = (NodeIndex, Edge)> + '_ {
        self.nodes.iter().enumerate().flat_map(|(position, pair)| {
            pair.iter().map(move |edge| (NodeIndex::intermediate(position), *edge))
        })
    }

    /// Whether every edge reads an earlier node and the concatenation names intermediate nodes, each once.
    pub fn check(&self) -> Result<(), CellProblem> {
        match self.nodes.len() {
            0 => return Err(CellProblem::NoNodes),
            1..=MAX_NODES => {}
            found => return Err(CellProblem::TooManyNodes { found }),
        }
        for (position, (node, edge)) in self.edges().enumerate() {
            if edge.input >= node {
                return Err(CellProblem::InputNotBefore { position, node, input: edge.input });
            }
        }
        if self.concat.is_empty() {
            return Err(CellProblem::EmptyConcat);
        }
        let last = NodeIndex::intermediate(self.nodes.len() - 1);
        for (position, &found) in self.concat.iter().enumerate() {
            if found.is_cell_input() || found > last {
                return Err(CellProblem::ConcatOutOfRange { position, found, last });
            }
            if self.concat[..position].contains(&found) {
                return Err(CellProblem::ConcatRepeated { position, found });
            }
        }
        Ok(())
    }
}
