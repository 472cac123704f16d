//! Published latencies, read from the folder in `CARS_DATA`: see the README there for where they come from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use latency::EdgeSpace;
use space::NasBench201Cell;

use super::Row;

/// A column of measured times of NAS-Bench-201 cells.
#[derive(Clone, Copy)]
pub(super) struct Device {
    pub(super) name: &'static str,
    file: &'static str,
    column: &'static str,
}

const HELP: &str = "latency-tables/nb201_help_devices.csv.gz";
const HW_NAS_BENCH: &str = "hw-nas-bench/nb201_cifar10_latency.csv.gz";

pub(super) const EYERISS: Device = Device { name: "Eyeriss", file: HW_NAS_BENCH, column: "eyeriss_ms" };
pub(super) const RASPI4: Device = Device { name: "Raspberry Pi 4", file: HW_NAS_BENCH, column: "raspi4_ms" };
pub(super) const I7: Device = Device {
    name: "Core i7-7820X",
    file: "latency-tables/nb201_latbench_i7-7820x_fp32.csv.gz",
    column: "latency_ms",
};
pub(super) const SNAPDRAGON_855: Device = Device {
    name: "Snapdragon 855 CPU, int8",
    file: "latency-tables/nb201_subset1999_devices.csv.gz",
    column: "latbench_sd855_cpu_int8_ms",
};
pub(super) const GOLD_6226: Device = Device { name: "Xeon Gold 6226", file: HELP, column: "gold_6226_ms" };
pub(super) const TITAN_RTX_1: Device =
    Device { name: "Titan RTX, batch 1", file: HELP, column: "titan_rtx_1_ms" };
pub(super) const TITAN_RTX_32: Device =
    Device { name: "Titan RTX, batch 32", file: HELP, column: "titan_rtx_32_ms" };
pub(super) const TITAN_RTX_256: Device =
    Device { name: "Titan RTX, batch 256", file: HELP, column: "titan_rtx_256_ms" };

pub(super) fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("CARS_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!(
            "skipped: CARS_DATA is not set (the folder with latency-tables, hw-nas-bench, nas-bench-201)"
        );
    }
    folder
}

/// The columns of a compressed table, in the order asked for.
fn read(path: &Path, columns: &[&str]) -> Vec<Vec<String>> {
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
    let headings = reader.headers().unwrap().clone();
    let places: Vec<usize> = columns
        .iter()
        .map(|column| headings.iter().position(|heading| heading == *column).unwrap())
        .collect();
    let pick = |row: csv::StringRecord| places.iter().map(|&place| row[place].to_owned()).collect();
    reader.into_records().map(|row| pick(row.unwrap())).collect()
}

/// Cells by their index, with the index of the class of cells that compute the same.
fn cells(data: &Path) -> BTreeMap<String, (Vec<usize>, String)> {
    let rows = read(&data.join("nas-bench-201/nb201_cifar10.csv.gz"), &["index", "arch_str", "iso_index"]);
    let cell = |text: &str| EdgeSpace::nas_bench_201_operations(&text.parse::<NasBench201Cell>().unwrap());
    rows.into_iter().map(|row| (row[0].clone(), (cell(&row[1]), row[2].clone()))).collect()
}

/// All cells that a device has a time for.
pub(super) fn nas_bench_201(data: &Path, device: Device) -> Vec<Row> {
    let cells = cells(data);
    let times = read(&data.join(device.file), &["index", device.column]);
    times
        .into_iter()
        .filter(|row| !row[1].is_empty())
        .map(|row| (cells[&row[0]].0.clone(), row[1].parse().unwrap()))
        .collect()
}

/// The networks of the FBNet space.
pub(super) fn fbnet(data: &Path, column: &str) -> Vec<Row> {
    let names: Vec<String> = (0..22).map(|layer| format!("op{layer}")).collect();
    let columns: Vec<&str> = names.iter().map(String::as_str).chain([column]).collect();
    let rows = read(&data.join("latency-tables/fbnet_help_devices.csv.gz"), &columns);
    let operations = |row: &[String]| row[..22].iter().map(|field| field.parse().unwrap()).collect();
    rows.iter().map(|row| (operations(row), row[22].parse().unwrap())).collect()
}

/// The rank correlation that a perfect prediction would have with these noisy times: the square root of that of two
/// measurements of the same thing (as in classical test theory). Two cells are the same thing if they compute the same
/// (equal `iso_index`) with the same operations: isomorphic cells alone are not, where a runtime keeps dead edges.
pub(super) fn noise_ceiling(data: &Path, device: Device) -> f64 {
    let cells = cells(data);
    let mut same: BTreeMap<(String, Vec<usize>), Vec<f64>> = BTreeMap::new();
    for row in read(&data.join(device.file), &["index", device.column]) {
        let (operations, class) = &cells[&row[0]];
        let mut operations = operations.clone();
        operations.sort_unstable();
        same.entry((class.clone(), operations)).or_default().push(row[1].parse().unwrap());
    }
    let (mut once, mut again) = (Vec::new(), Vec::new());
    for times in same.values().filter(|times| times.len() > 1) {
        for (place, &time) in times.iter().enumerate() {
            once.push(time);
            again.push(times[(place + 1) % times.len()]);
        }
    }
    latency::FitReport::of(&once, &again).unwrap().spearman.sqrt()
}
