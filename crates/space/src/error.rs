//! Everything that can be wrong with a genotype, a macro plan or their combination, with the place it is
//! wrong at. This module finds nothing wrong itself.

use thiserror::Error as ThisError;

use crate::genotype::{CellKind, MAX_NODES, NodeIndex};
use crate::primitive::Primitive;

/// An error of this crate.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum Error {
    /// The text is no primitive.
    #[error("unknown primitive `{found}`; {}", hint(*suggestion))]
    UnknownPrimitive {
        /// The text.
        found: String,
        /// The primitive it resembles.
        suggestion: Option<&'static str>,
    },
    /// A text in the DARTS or the NAS-Bench-201 notation breaks its grammar.
    #[error("character {position}: expected {expected}, found {found}{}", did_you_mean(*suggestion))]
    Syntax {
        /// Where, counted in characters from 1.
        position: usize,
        /// What the grammar allows there.
        expected: String,
        /// What stands there.
        found: String,
        /// The allowed word it resembles.
        suggestion: Option<&'static str>,
    },
    /// A genotype in JSON is malformed, or lacks a field.
    #[error("character {position}: {message}")]
    Json {
        /// Where the reader stopped, counted in characters from 1.
        position: usize,
        /// What it missed.
        message: String,
    },
    /// A cell is well written but describes no cell.
    #[error("{cell} cell: {problem}")]
    Cell {
        /// Which cell.
        cell: CellKind,
        /// What is wrong with it.
        problem: CellProblem,
    },
    /// A number of a macro plan lies outside its range.
    #[error("macro plan: `{field}` must be between {low} and {high}, found {found}")]
    OutOfRange {
        /// The field of `MacroPlan`.
        field: &'static str,
        /// Its value.
        found: usize,
        /// The smallest allowed value.
        low: usize,
        /// The largest allowed value.
        high: usize,
    },
    /// The reduction cells are not a strictly ascending list of cells.
    #[error(
        "macro plan: `reductions[{position}]` is {found}; list cells below `cells` = {cells} in ascending order, \
         each once"
    )]
    Reductions {
        /// The position in the list.
        position: usize,
        /// The cell named there.
        found: usize,
        /// The number of cells.
        cells: usize,
    },
    /// A height or width that has to be halved is odd.
    #[error(
        "macro plan: {axis} {size} at {place} cannot be halved exactly; choose one divisible by 2 for every reduction, \
         and by 8 more for the ImageNet stem"
    )]
    DoesNotHalve {
        /// `height` or `width`.
        axis: &'static str,
        /// The odd size, in pixels.
        size: usize,
        /// Where it has to be halved.
        place: String,
    },
    /// The ImageNet stem halves the channel count, which is odd.
    #[error("macro plan: the ImageNet stem needs an even `channels`, found {channels}")]
    OddChannels {
        /// The channel count.
        channels: usize,
    },
    /// The genotype is valid but is no path of the supernet.
    #[error("{cell} cell is no path of the supernet: {problem}")]
    Path {
        /// Which cell.
        cell: CellKind,
        /// Why it is none.
        problem: PathProblem,
    },
}

/// What makes a list of edges no cell.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum CellProblem {
    /// There is no node.
    #[error("it has no nodes; expected at least one pair of edges")]
    NoNodes,
    /// There are more nodes than the notation's limit.
    #[error("it has {found} nodes; at most {MAX_NODES} are supported")]
    TooManyNodes {
        /// The number of nodes.
        found: usize,
    },
    /// A node lacks its second edge.
    #[error("it lists {found} edges; every node takes two, so an even number is needed")]
    OddEdges {
        /// The number of edges.
        found: usize,
    },
    /// An edge starts at its own node or a later one.
    #[error("edge {position} (of node {node}) reads node {input}; it may read nodes 0 to {}", node.0 - 1)]
    InputNotBefore {
        /// The position in the flat list of edges, counted from 0.
        position: usize,
        /// The node the edge feeds.
        node: NodeIndex,
        /// The node it reads.
        input: NodeIndex,
    },
    /// Nothing is concatenated.
    #[error("its concatenation is empty; name at least one node")]
    EmptyConcat,
    /// The concatenation names a node that is not an intermediate node of the cell.
    #[error("position {position} of its concatenation names node {found}; expected a node from 2 to {last}")]
    ConcatOutOfRange {
        /// The position in the concatenation, counted from 0.
        position: usize,
        /// The node named there.
        found: NodeIndex,
        /// The last node of the cell.
        last: NodeIndex,
    },
    /// The concatenation names a node twice.
    #[error("position {position} of its concatenation names node {found} a second time")]
    ConcatRepeated {
        /// The position of the second mention, counted from 0.
        position: usize,
        /// The node.
        found: NodeIndex,
    },
}

/// What makes a valid cell no path of the supernet (four nodes, eight primitives, all four nodes
/// concatenated).
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub enum PathProblem {
    /// The supernet's cells have four nodes.
    #[error("it has {found} nodes, the supernet's cells have 4")]
    Nodes {
        /// The number of nodes.
        found: usize,
    },
    /// The supernet's cells concatenate nodes 2, 3, 4, 5 in this order.
    #[error("it concatenates {found:?}, the supernet's cells concatenate [2, 3, 4, 5]")]
    Concat {
        /// The concatenated nodes.
        found: Vec<u8>,
    },
    /// The supernet holds the eight primitives of DARTS.
    #[error("node {node} uses {primitive}, which is not among the eight primitives of the supernet")]
    Primitive {
        /// The node.
        node: NodeIndex,
        /// Its primitive.
        primitive: Primitive,
    },
    /// The supernet holds each primitive once on an edge.
    #[error("node {node} uses {primitive} twice on its edge from node {input}; the supernet holds it once")]
    Repeated {
        /// The node.
        node: NodeIndex,
        /// The node both edges read.
        input: NodeIndex,
        /// The primitive of both.
        primitive: Primitive,
    },
}

/// The candidate that a misspelt word most resembles, if any is near enough to be meant.
pub(crate) fn closest<const N: usize>(word: &str, candidates: [&'static str; N]) -> Option<&'static str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).min(4))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn hint(suggestion: Option<&'static str>) -> String {
    suggestion.map_or_else(
        || format!("expected one of {}", Primitive::ALL.map(Primitive::name).join(", ")),
        |name| format!("did you mean `{name}`?"),
    )
}

fn did_you_mean(suggestion: Option<&'static str>) -> String {
    suggestion.map(|word| format!("; did you mean `{word}`?")).unwrap_or_default()
}
