//! Random genotypes and macro plans for property tests.

use proptest::prelude::*;
use random::{Purpose, stream};
use space::{
    Cell, DartsSpace, Edge, Genotype, MacroPlan, NodeIndex, Primitive, SearchSpace, SeparableRepeats, Stem,
};

fn edge(node: u8) -> impl Strategy<Value = Edge> {
    (proptest::sample::select(&Primitive::ALL[..]), 0..node)
        .prop_map(|(primitive, input)| Edge { primitive, input: NodeIndex(input) })
}

/// Any cell: one to six nodes, any primitives, any non-empty concatenation in any order.
fn cell() -> impl Strategy<Value = Cell> {
    (1..=6_u8).prop_flat_map(|nodes| {
        let pairs: Vec<_> = (2..nodes + 2).map(|node| [edge(node), edge(node)]).collect();
        let intermediate: Vec<NodeIndex> = (2..nodes + 2).map(NodeIndex).collect();
        let concat = proptest::sample::subsequence(intermediate, 1..=usize::from(nodes)).prop_shuffle();
        (pairs, concat).prop_map(|(nodes, concat)| Cell { nodes, concat })
    })
}

/// Any genotype the notation can hold.
pub(crate) fn any_genotype() -> impl Strategy<Value = Genotype> {
    (cell(), cell()).prop_map(|(normal, reduction)| Genotype { normal, reduction })
}

/// A genotype of the CARS space, with or without `none`.
pub(crate) fn cars_genotype() -> impl Strategy<Value = Genotype> {
    (any::<u64>(), any::<bool>()).prop_map(|(seed, none)| {
        let space = if none { DartsSpace::with_none() } else { DartsSpace::new() };
        space.sample(&mut stream(seed, Purpose::Test, 0, 0))
    })
}

/// A small valid macro plan of either stem.
pub(crate) fn macro_plan() -> impl Strategy<Value = MacroPlan> {
    let repeats = prop_oneof![Just(SeparableRepeats::Two), Just(SeparableRepeats::One)];
    let stem = prop_oneof![Just(Stem::Cifar), Just(Stem::ImageNet)];
    let reductions = proptest::sample::subsequence((0..5).collect::<Vec<usize>>(), 0..=3);
    (
        1..=6_usize,
        5..=6_usize,
        reductions,
        stem,
        (1..=3_usize, 1..=3_usize),
        1..=3_usize,
        1..=12_usize,
        repeats,
    )
        .prop_map(
            |(half, cells, reductions, stem, (height, width), input_channels, classes, separable)| {
                // Enough factors of two for three stem convolutions and three reductions.
                let scale = 64;
                let channels = match stem {
                    Stem::Cifar => half,
                    Stem::ImageNet => 2 * half,
                };
                let (height, width) = (height * scale, width * scale);
                MacroPlan {
                    channels,
                    cells,
                    reductions,
                    stem,
                    height,
                    width,
                    input_channels,
                    classes,
                    separable,
                }
            },
        )
}
