//! Counts against two public tables, which are too large to keep here: 7,000 DARTS networks and all
//! NAS-Bench-201 cells.

use std::io::Read;
use std::path::PathBuf;

use space::{Cell, Edge, Genotype, MacroPlan, NasBench201Cell, NodeIndex, Plan};

/// The lines of a compressed table without its header, or `None` (and a notice) where there is no data
/// folder.
fn table(path: &str, header: &str) -> Option<Vec<String>> {
    let Some(folder) = std::env::var_os("CARS_DATA").map(PathBuf::from) else {
        eprintln!("skipped: CARS_DATA is not set (the folder with {path})");
        return None;
    };
    let file = std::fs::File::open(folder.join(path)).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let mut lines = text.lines().map(str::to_owned);
    assert!(lines.next().unwrap().starts_with(header), "{path} has another header");
    Some(lines.collect())
}

fn cell(text: &str) -> Cell {
    let edges: Vec<Edge> = text
        .split(' ')
        .map(|pair| {
            let (primitive, input) = pair.split_once(':').unwrap();
            Edge { primitive: primitive.parse().unwrap(), input: NodeIndex(input.parse().unwrap()) }
        })
        .collect();
    Cell::from_edges(&edges, (2..6).map(NodeIndex).collect()).unwrap()
}

#[test]
fn seven_thousand_darts_networks_have_the_public_counts() {
    let header = "row,normal,reduce,macs_c36_l20_32x32,params_c36_l20_derived";
    let Some(lines) = table("darts-space/darts_10k_rows_0-6999.csv.gz", header) else { return };
    assert_eq!(lines.len(), 7_000);
    let macro_plan = MacroPlan::cifar();
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let genotype = Genotype { normal: cell(fields[1]), reduction: cell(fields[2]) };
        let plan = Plan::stand_alone(&genotype, &macro_plan).unwrap();
        assert_eq!(plan.multiply_adds().to_string(), fields[3], "row {}", fields[0]);
        assert_eq!(plan.parameters().to_string(), fields[4], "row {}", fields[0]);
    }
}

#[test]
fn all_nas_bench_201_cells_have_the_public_counts() {
    let header =
        "index,arch_str,iso_index,c10_test_acc_200ep,c10_valid_acc_12ep,c10_test_acc_12ep,params_c10";
    let Some(lines) = table("nas-bench-201/nb201_cifar10.csv.gz", header) else { return };
    assert_eq!(lines.len(), NasBench201Cell::COUNT);
    for line in lines {
        let fields: Vec<&str> = line.split(',').collect();
        let cell: NasBench201Cell = fields[1].parse().unwrap();
        assert_eq!(cell.to_string(), fields[1]);
        assert_eq!(cell.parameters().to_string(), fields[6], "cell {}", fields[0]);
        assert_eq!(cell.multiply_adds().to_string(), fields[7], "cell {}", fields[0]);
    }
}
