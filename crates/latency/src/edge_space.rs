//! A space of networks by what they have on each edge of a fixed graph, and what of a network is really there: edges
//! that lead nowhere or carry zeros can be left out by a runtime. Times are not known here.

use space::{NasBench201Cell, NasBench201Operation};

use crate::error::LatencyError;

/// What an operation does to the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// No connection: the edge is not there.
    Absent,
    /// Passes its input on.
    Identity,
    /// Computes something.
    Work,
}

/// Networks that differ only in which operation stands on each edge of one directed acyclic graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeSpace {
    edges: Vec<[usize; 2]>,
    inputs: Vec<usize>,
    outputs: Vec<usize>,
    roles: Vec<Role>,
    nodes: usize,
}

impl EdgeSpace {
    /// A space over these edges (`[from, to]`, ordered so that all edges into a node come before those out of it),
    /// with the nodes that are given and those that are wanted, and one role for each operation.
    ///
    /// # Panics
    ///
    /// If an edge does not lead to a higher node, or edges are not sorted by the node they lead to.
    pub fn new(edges: &[[usize; 2]], inputs: &[usize], outputs: &[usize], roles: &[Role]) -> Self {
        assert!(edges.iter().all(|[from, to]| from < to), "every edge leads to a higher node");
        assert!(edges.is_sorted_by_key(|[_, to]| to), "edges are sorted by the node they lead to");
        let nodes = edges.iter().flatten().chain(inputs).chain(outputs).max().map_or(0, |last| last + 1);
        Self {
            edges: edges.to_vec(),
            inputs: inputs.to_vec(),
            outputs: outputs.to_vec(),
            roles: roles.to_vec(),
            nodes,
        }
    }

    /// The cells of NAS-Bench-201 (arXiv 2001.00326); see [`EdgeSpace::nas_bench_201_operations`].
    pub fn nas_bench_201() -> Self {
        let role = |operation| match operation {
            NasBench201Operation::None => Role::Absent,
            NasBench201Operation::SkipConnect => Role::Identity,
            NasBench201Operation::Conv1x1
            | NasBench201Operation::Conv3x3
            | NasBench201Operation::AvgPool3x3 => Role::Work,
        };
        let edges = [[0, 1], [0, 2], [1, 2], [0, 3], [1, 3], [2, 3]];
        Self::new(&edges, &[0], &[3], &NasBench201Operation::ALL.map(role))
    }

    /// The operations of a cell as numbers of this space.
    pub fn nas_bench_201_operations(cell: &NasBench201Cell) -> Vec<usize> {
        cell.operations.iter().map(|&operation| operation as usize).collect()
    }

    /// A chain of layers, each one of several operations, as in FBNet (arXiv 1812.03443).
    pub fn chain(layers: usize, roles: &[Role]) -> Self {
        let edges: Vec<[usize; 2]> = (0..layers).map(|layer| [layer, layer + 1]).collect();
        Self::new(&edges, &[0], &[layers], roles)
    }

    /// The number of edges of every network.
    pub fn edges(&self) -> usize {
        self.edges.len()
    }

    /// Whether these are operations for all edges.
    pub fn check(&self, operations: &[usize]) -> Result<(), LatencyError> {
        if operations.len() != self.edges.len() {
            return Err(LatencyError::Edges { expected: self.edges.len(), found: operations.len() });
        }
        let known = self.roles.len();
        match operations.iter().position(|&operation| operation >= known) {
            None => Ok(()),
            Some(edge) => Err(LatencyError::Operation { edge, found: operations[edge], known }),
        }
    }

    /// The operations, with those absent that no input reaches or no output needs.
    pub(crate) fn effective(&self, operations: &[usize]) -> Vec<Option<usize>> {
        let mut reached = vec![false; self.nodes];
        let mut needed = vec![false; self.nodes];
        self.inputs.iter().for_each(|&node| reached[node] = true);
        self.outputs.iter().for_each(|&node| needed[node] = true);
        let present = |edge: usize| self.role(operations[edge]) != Role::Absent;
        for (edge, &[from, to]) in self.edges.iter().enumerate() {
            reached[to] |= present(edge) && reached[from];
        }
        for (edge, &[from, to]) in self.edges.iter().enumerate().rev() {
            needed[from] |= present(edge) && needed[to];
        }
        let alive = |edge: usize| {
            let [from, to] = self.edges[edge];
            present(edge) && reached[from] && needed[to]
        };
        operations.iter().enumerate().map(|(edge, &operation)| alive(edge).then_some(operation)).collect()
    }

    /// The operations, with those absent that are so by name.
    pub(crate) fn present(&self, operations: &[usize]) -> Vec<Option<usize>> {
        let present = |operation: &usize| self.role(*operation) != Role::Absent;
        operations.iter().map(|operation| Some(*operation).filter(present)).collect()
    }

    /// The most edges on a way through the network that count.
    pub(crate) fn longest(
        &self,
        operations: &[Option<usize>],
        counts: impl Fn(usize, Role) -> bool,
    ) -> usize {
        let mut longest = vec![0; self.nodes];
        for (&[from, to], operation) in self.edges.iter().zip(operations) {
            if let Some(operation) = *operation {
                let step = usize::from(counts(operation, self.role(operation)));
                longest[to] = longest[to].max(longest[from] + step);
            }
        }
        longest.into_iter().max().unwrap_or(0)
    }

    /// The number of operations.
    pub(crate) fn operations(&self) -> usize {
        self.roles.len()
    }

    pub(crate) fn role(&self, operation: usize) -> Role {
        self.roles[operation]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_reached_and_needed_is_there() {
        let space = EdgeSpace::nas_bench_201();
        let check = |text: &str, expected: [usize; 6]| {
            let cell: NasBench201Cell = text.parse().unwrap();
            let operations = EdgeSpace::nas_bench_201_operations(&cell);
            let found = space.effective(&operations).into_iter().map(|operation| operation.unwrap_or(0));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
        };
        // Node 1 leads nowhere, node 2 is reached by nothing.
        check("|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_1x1~2|", [0, 0, 0, 1, 0, 0]);
        check("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|", [3, 0, 1, 0, 0, 4]);
        check("|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|none~0|none~1|none~2|", [0; 6]);
    }

    #[test]
    fn the_longest_way_counts_what_is_asked_for() {
        let space = EdgeSpace::nas_bench_201();
        let operations = [3, 3, 2, 3, 1, 4].map(Some);
        assert_eq!(space.longest(&operations, |_, role| role == Role::Work), 3);
        assert_eq!(space.longest(&operations, |operation, _| operation == 3), 1);
        assert_eq!(space.longest(&[None; 6], |_, _| true), 0);
    }

    #[test]
    fn what_is_no_network_is_refused() {
        let space = EdgeSpace::chain(3, &[Role::Work, Role::Identity]);
        assert_eq!(space.check(&[0, 1, 1]), Ok(()));
        assert_eq!(space.check(&[0, 1]), Err(LatencyError::Edges { expected: 3, found: 2 }));
        assert_eq!(space.check(&[0, 2, 1]), Err(LatencyError::Operation { edge: 1, found: 2, known: 2 }));
    }
}
