//! The search spaces: what sampling draws, and what a gene is.

use proptest::prelude::*;
use random::{Purpose, Stream, stream};
use space::{
    CellKind, Coupling, DartsSpace, Error, NasBench201Cell, NasBench201Operation, NasBench201Space,
    Primitive, SearchSpace,
};

fn rng(index: u64) -> Stream {
    stream(1, Purpose::Test, 0, index)
}

#[test]
fn a_seeded_sample_is_pinned() {
    // Released results depend on this draw: a change here is a breaking change.
    let genotype = DartsSpace::new().sample(&mut stream(0, Purpose::Test, 0, 0));
    assert_eq!(
        genotype.to_string(),
        "Genotype(normal=[('dil_conv_5x5', 0), ('skip_connect', 1), ('skip_connect', 0), ('sep_conv_3x3', 2), \
         ('sep_conv_5x5', 2), ('skip_connect', 3), ('dil_conv_5x5', 2), ('max_pool_3x3', 4)], \
         normal_concat=[2, 3, 4, 5], \
         reduce=[('dil_conv_5x5', 0), ('sep_conv_3x3', 1), ('dil_conv_5x5', 0), ('skip_connect', 1), \
         ('avg_pool_3x3', 0), ('sep_conv_5x5', 2), ('dil_conv_5x5', 0), ('max_pool_3x3', 2)], \
         reduce_concat=[2, 3, 4, 5])"
    );
}

/// Pearson's statistic against the uniform distribution.
fn chi_squared(counts: &[u32]) -> f64 {
    let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
    counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum()
}

#[test]
fn sampling_is_uniform_over_pairs_of_inputs_and_over_primitives() {
    for (space, choices) in [(DartsSpace::new(), 7), (DartsSpace::with_none(), 8)] {
        let mut pairs = vec![0_u32; 10];
        let mut both = vec![0_u32; choices * choices];
        for index in 0..10_000 {
            let genotype = space.sample(&mut rng(index));
            let [first, second] = genotype.reduction.nodes[3];
            assert!(first.input < second.input);
            let (low, high) = (first.input.index(), second.input.index());
            pairs[high * (high - 1) / 2 + low] += 1;
            let number =
                |edge: space::Edge| space.primitives.iter().position(|p| *p == edge.primitive).unwrap();
            both[number(first) * choices + number(second)] += 1;
        }
        // The 99.9 % points of 9, 48 and 63 degrees of freedom are 27.9, 84.0 and 103.4.
        assert!(chi_squared(&pairs) < 27.9, "{pairs:?}");
        assert!(chi_squared(&both) < if choices == 7 { 84.0 } else { 103.4 }, "{both:?}");
    }
}

proptest! {
    #[test]
    fn a_gene_is_one_node_of_one_or_both_cells(seed in any::<u64>(), separate in any::<bool>(), gene in 0..8_usize) {
        let coupling = if separate { Coupling::Separate } else { Coupling::Coupled };
        let space = DartsSpace { coupling, ..DartsSpace::new() };
        prop_assert_eq!(space.n_genes(), if separate { 8 } else { 4 });
        let gene = gene % space.n_genes();
        let mut rng = stream(seed, Purpose::Test, 0, 0);
        let (into, from) = (space.sample(&mut rng), space.sample(&mut rng));
        prop_assert!(into.check().is_ok());
        let (mut taken, mut resampled) = (into.clone(), into.clone());
        space.take_gene(&mut taken, &from, gene);
        space.resample_gene(&mut resampled, gene, &mut rng);
        prop_assert!(resampled.check().is_ok());
        for kind in CellKind::ALL {
            for node in 0..4 {
                let own = match coupling {
                    Coupling::Coupled => gene == node,
                    Coupling::Separate => gene == node + 4 * kind as usize,
                };
                let source = if own { &from } else { &into };
                prop_assert_eq!(taken.cell(kind).nodes[node], source.cell(kind).nodes[node]);
                if !own {
                    prop_assert_eq!(resampled.cell(kind).nodes[node], into.cell(kind).nodes[node]);
                }
            }
        }
    }

    #[test]
    fn all_genes_taken_make_the_other_genotype(seed in any::<u64>()) {
        let mut rng = stream(seed, Purpose::Test, 1, 0);
        for coupling in [Coupling::Coupled, Coupling::Separate] {
            let space = DartsSpace { coupling, ..DartsSpace::with_none() };
            let (mut into, from) = (space.sample(&mut rng), space.sample(&mut rng));
            (0..space.n_genes()).for_each(|gene| space.take_gene(&mut into, &from, gene));
            prop_assert_eq!(into, from);
        }
    }
}

#[test]
fn resampling_a_node_redraws_inputs_and_primitives() {
    let space = DartsSpace::new();
    let mut genotype = space.sample(&mut rng(0));
    let before = genotype.clone();
    let (mut inputs, mut primitives) = (0, 0);
    for index in 0..200 {
        space.resample_gene(&mut genotype, 3, &mut rng(index + 1));
        for kind in CellKind::ALL {
            let (old, new) = (before.cell(kind).nodes[3], genotype.cell(kind).nodes[3]);
            inputs += u32::from(old.map(|edge| edge.input) != new.map(|edge| edge.input));
            primitives += u32::from(old.map(|edge| edge.primitive) != new.map(|edge| edge.primitive));
            assert!(new.iter().all(|edge| edge.primitive != Primitive::None));
        }
    }
    // Of 400 redraws nine tenths change the inputs and 48 of 49 the primitives.
    assert!((330..=390).contains(&inputs), "{inputs}");
    assert!(primitives > 370, "{primitives}");
}

#[test]
fn nas_bench_201_cells_are_all_different_and_read_back() {
    let cells: Vec<NasBench201Cell> = NasBench201Cell::all().collect();
    assert_eq!(cells.len(), 15_625);
    assert!(cells.is_sorted_by(|a, b| a < b));
    for cell in cells {
        assert_eq!(cell.to_string().parse(), Ok(cell));
        assert_eq!(
            serde_json::from_str::<NasBench201Cell>(&serde_json::to_string(&cell).unwrap()).unwrap(),
            cell
        );
    }
}

#[test]
fn nas_bench_201_counts_are_those_of_the_benchmark() {
    let text =
        "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|";
    let cell: NasBench201Cell = text.parse().unwrap();
    assert_eq!(cell.to_string(), text);
    assert_eq!((cell.parameters(), cell.multiply_adds()), (129_306, 15_647_370));
    let text =
        "|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|";
    let cell: NasBench201Cell = text.parse().unwrap();
    assert_eq!((cell.parameters(), cell.multiply_adds()), (802_426, 113_951_370));
}

#[test]
fn faulty_nas_bench_201_cells_are_located() {
    let refused = |text: &str, message: &str| {
        assert_eq!(text.parse::<NasBench201Cell>().expect_err(text).to_string(), message);
    };
    refused("", "character 1: expected `|`, found the end of the text");
    refused("|none~0|+|none~0|none~2|", "character 23: expected `1`, found `2`");
    refused(
        "|none~0|+|nor_conv3x3~0|",
        "character 11: expected one of none, skip_connect, nor_conv_1x1, nor_conv_3x3, avg_pool_3x3, found \
         `nor_conv3x3`; did you mean `nor_conv_3x3`?",
    );
    let whole = NasBench201Cell { operations: [NasBench201Operation::None; 6] }.to_string();
    refused(&format!("{whole}+|"), "character 48: expected the end of the text, found `+`");
    assert!(matches!(whole[1..].parse::<NasBench201Cell>(), Err(Error::Syntax { position: 1, .. })));
}

#[test]
fn a_gene_of_nas_bench_201_is_an_edge() {
    let space = NasBench201Space;
    let mut seen = [[0_u32; 5]; 6];
    for index in 0..2_000 {
        let mut rng = rng(index);
        let (mut into, from) = (space.sample(&mut rng), space.sample(&mut rng));
        let before = into;
        let gene = index as usize % space.n_genes();
        space.take_gene(&mut into, &from, gene);
        for edge in 0..6 {
            let source = if edge == gene { from } else { before };
            assert_eq!(into.operations[edge], source.operations[edge]);
        }
        space.resample_gene(&mut into, gene, &mut rng);
        seen[gene][into.operations[gene] as usize] += 1;
    }
    // The 99.9 % point of 4 degrees of freedom is 18.5.
    assert!(seen.iter().all(|counts| chi_squared(counts) < 18.5), "{seen:?}");
}
