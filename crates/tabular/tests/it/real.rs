//! NAS-Bench-201 itself (CIFAR-10): its well-known figures, and how near 500 evaluations come to its best.

use std::fs::File;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use space::NasBench201Cell;
use tabular::{Method, Problem, Settings, Table, study};

const PATH: &str = "nas-bench-201/nb201_cifar10.csv.gz";
const DRIVE: &str = "c10_valid_acc_12ep";
const JUDGE: &str = "c10_test_acc_200ep";

/// The table; `None`, and a line that says so, where it is not at hand.
fn real() -> Option<Table> {
    let Some(folder) = std::env::var_os("CARS_DATA").map(PathBuf::from) else {
        eprintln!("skipped: CARS_DATA is not set (the folder with {PATH})");
        return None;
    };
    let file = File::open(folder.join(PATH)).unwrap();
    Some(Table::read(GzDecoder::new(file)).unwrap())
}

#[test]
fn the_published_figures_are_there() {
    let Some(table) = real() else { return };
    let test = table.complete(JUDGE).unwrap();
    let (best, accuracy) = NasBench201Cell::all().zip(test).max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
    assert_eq!(
        best.to_string(),
        "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|"
    );
    assert!((accuracy - 94.37).abs() < 0.005, "{accuracy}");
    for cell in NasBench201Cell::all() {
        let value = |column| table.value(column, &cell).unwrap().unwrap();
        assert_eq!(value("params_c10_derived"), cell.parameters() as f64, "{cell}");
        assert_eq!(value("macs_c10_derived"), cell.multiply_adds() as f64, "{cell}");
    }
}

/// What a search may look at is 12 epochs and the validation images; it is judged by 200 epochs and the test images.
#[test]
fn evolution_is_ahead_of_the_others_on_the_median() {
    let Some(table) = real() else { return };
    for size in ["macs", "parameters"] {
        let problem = Problem::new(&table, &["error", size], [DRIVE, JUDGE]).unwrap();
        let median =
            |method| study(method, &problem, &Settings::default(), 500, 0..100).unwrap().hypervolume.median;
        let ours = median(Method::Evolution);
        for other in [Method::Regularised, Method::Random] {
            let theirs = median(other);
            assert!(ours > theirs, "{size}: {ours}, {other:?} {theirs}");
        }
    }
}
