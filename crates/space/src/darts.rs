//! The space CARS searches (CVPR 2020; DARTS, arXiv 1806.09055): two cells whose nodes read two distinct
//! earlier nodes through one primitive each. A gene is a node: its two inputs with their primitives.

use rand::RngExt;
use rand_core::Rng;

use crate::genotype::{Cell, CellKind, Edge, Genotype, MAX_NODES, NodeIndex};
use crate::primitive::Primitive;
use crate::search_space::SearchSpace;

/// Whether the normal and the reduction cell vary together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coupling {
    /// A gene is a node index: that node of both cells, as in the code released with CARS (Vega).
    Coupled,
    /// A gene is a node of one cell: first those of the normal cell, then those of the reduction cell.
    Separate,
}

/// The DARTS cell space. Sampling panics where a field is outside the range it states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DartsSpace {
    /// The primitives to draw from. At least one.
    pub primitives: Vec<Primitive>,
    /// The intermediate nodes of a cell, all concatenated: 1 to [`MAX_NODES`].
    pub nodes: usize,
    /// What a gene is.
    pub coupling: Coupling,
}

impl DartsSpace {
    /// Four nodes and the seven primitives that connect; a node index is a gene.
    pub fn new() -> Self {
        Self::with(&Primitive::DARTS[1..])
    }

    /// The same with [`Primitive::None`], as in the code released with CARS.
    pub fn with_none() -> Self {
        Self::with(&Primitive::DARTS)
    }

    fn with(primitives: &[Primitive]) -> Self {
        Self { primitives: primitives.to_vec(), nodes: 4, coupling: Coupling::Coupled }
    }

    /// Two distinct inputs, uniform over the pairs, in ascending order; then two independent primitives.
    fn sample_node<R: Rng + ?Sized>(&self, position: usize, rng: &mut R) -> [Edge; 2] {
        let candidates = NodeIndex::intermediate(position).0;
        let first = rng.random_range(0..candidates);
        let other = rng.random_range(0..candidates - 1);
        let second = other + u8::from(other >= first);
        [first.min(second), first.max(second)].map(|input| {
            let index = rng.random_range(0..self.primitives.len() as u32);
            Edge { primitive: self.primitives[index as usize], input: NodeIndex(input) }
        })
    }

    fn sample_cell<R: Rng + ?Sized>(&self, rng: &mut R) -> Cell {
        assert!(
            (1..=MAX_NODES).contains(&self.nodes),
            "a cell has 1 to {MAX_NODES} nodes, not {}",
            self.nodes
        );
        Cell {
            nodes: (0..self.nodes).map(|position| self.sample_node(position, rng)).collect(),
            concat: (0..self.nodes).map(NodeIndex::intermediate).collect(),
        }
    }

    /// The node positions that a gene stands for.
    fn places(&self, gene: usize) -> (usize, &'static [CellKind]) {
        assert!(gene < self.n_genes(), "gene {gene} of {}", self.n_genes());
        match self.coupling {
            Coupling::Coupled => (gene, &CellKind::ALL),
            Coupling::Separate => {
                let cell = gene / self.nodes;
                (gene % self.nodes, &CellKind::ALL[cell..=cell])
            }
        }
    }
}

impl Default for DartsSpace {
    fn default() -> Self {
        Self::new()
    }
}

impl SearchSpace for DartsSpace {
    type Genotype = Genotype;

    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Genotype {
        Genotype { normal: self.sample_cell(rng), reduction: self.sample_cell(rng) }
    }

    fn n_genes(&self) -> usize {
        match self.coupling {
            Coupling::Coupled => self.nodes,
            Coupling::Separate => CellKind::ALL.len() * self.nodes,
        }
    }

    fn take_gene(&self, into: &mut Genotype, from: &Genotype, gene: usize) {
        let (position, kinds) = self.places(gene);
        for &kind in kinds {
            into.cell_mut(kind).nodes[position] = from.cell(kind).nodes[position];
        }
    }

    fn resample_gene<R: Rng + ?Sized>(&self, genotype: &mut Genotype, gene: usize, rng: &mut R) {
        let (position, kinds) = self.places(gene);
        for &kind in kinds {
            genotype.cell_mut(kind).nodes[position] = self.sample_node(position, rng);
        }
    }
}
