//! Whole-network models on real tables, where `CARS_DATA` is set: additive devices are recovered exactly, measured ones
//! as far as their noise allows. `cargo test --release -p cars-latency devices -- --nocapture` prints the figures that
//! `docs/latency.md` holds.

mod data;

use latency::{EdgeSpace, FitReport, Milliseconds, Role, WholeNetworkModel};
use rand::RngExt;
use random::{Purpose, stream};

use data::Device;

/// A network as its operations, with its measured milliseconds.
type Row = (Vec<usize>, f64);

/// Fits to the first rows of a shuffled list, and compares all others.
fn judge(space: &EdgeSpace, rows: &[Row], training: usize) -> (FitReport, f64) {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut draws = stream(1, Purpose::Test, 0, 0);
    for last in (1..order.len()).rev() {
        order.swap(last, draws.random_range(0..=last as u64) as usize);
    }
    let (seen, unseen) = order.split_at(training);
    let networks: Vec<(Vec<usize>, Milliseconds)> =
        seen.iter().map(|&row| (rows[row].0.clone(), Milliseconds::new(rows[row].1).unwrap())).collect();
    let model = WholeNetworkModel::fit(space, &networks).unwrap();
    let predicted: Vec<f64> =
        unseen.iter().map(|&row| model.predict(&rows[row].0).unwrap().time.get()).collect();
    let measured: Vec<f64> = unseen.iter().map(|&row| rows[row].1).collect();
    let held_out = model.report().unwrap();
    let covered = predicted.iter().zip(&measured).filter(|(predicted, measured)| {
        let [low, high] = held_out.interval(Milliseconds::new(**predicted).unwrap());
        (low.get()..=high.get()).contains(*measured)
    });
    let covered = covered.count() as f64 / measured.len() as f64;
    (FitReport::of(&predicted, &measured).unwrap(), covered)
}

/// The largest relative error on all other networks.
fn worst(space: &EdgeSpace, rows: &[Row], training: usize) -> f64 {
    let networks: Vec<(Vec<usize>, Milliseconds)> = rows[..training]
        .iter()
        .map(|(operations, time)| (operations.clone(), Milliseconds::new(*time).unwrap()))
        .collect();
    let model = WholeNetworkModel::fit(space, &networks).unwrap();
    let error =
        |(operations, time): &Row| (model.predict(operations).unwrap().time.get() - time).abs() / time;
    rows[training..].iter().map(error).fold(0.0, f64::max)
}

#[test]
fn additive_devices_are_recovered() {
    let Some(data) = data::folder() else { return };
    let space = EdgeSpace::nas_bench_201();
    let mut rows = data::nas_bench_201(&data, data::EYERISS);
    // The table is sorted; every 53rd row from one to the next makes it mixed.
    rows.sort_by_cached_key(|(operations, _)| {
        operations.iter().rev().fold(0, |sum, o| (sum * 5 + o) * 53 % 15_619)
    });
    let error = worst(&space, &rows, 300);
    println!("NAS-Bench-201 eyeriss from 300 networks: largest relative error {error:.1e}");
    assert!(error < 1e-9, "{error}");
    for column in ["raspi4_ms", "eyeriss_ms"] {
        // Operation 8 leaves a layer out; it may still cost time where the stride is 2.
        let space = EdgeSpace::chain(22, &[Role::Work; 9]);
        let error = worst(&space, &data::fbnet(&data, column), 300);
        println!("FBNet {column} from 300 networks: largest relative error {error:.1e}");
        assert!(error < 1e-9, "{error}");
    }
}

/// One measured device at a time, so that the test runner may use all processors.
fn measured(device: Device, spearman: f64) {
    let Some(data) = data::folder() else { return };
    let rows = data::nas_bench_201(&data, device);
    let ceiling = data::noise_ceiling(&data, device);
    let (report, covered) = judge(&EdgeSpace::nas_bench_201(), &rows, 900);
    println!(
        "| {} | {} | {:.1} % | {:.1} % | {:.1} % | {:.4} | {ceiling:.4} | {:.3} | {:.1} % |",
        device.name,
        report.networks,
        100.0 * report.median_error,
        100.0 * report.within_5_percent,
        100.0 * report.within_10_percent,
        report.spearman,
        report.kendall,
        100.0 * covered
    );
    assert!(report.spearman >= spearman.min(ceiling - 0.01), "{report} below {spearman} and {ceiling}");
}

#[test]
fn raspberry_pi_4() {
    measured(data::RASPI4, 0.98);
}

#[test]
fn core_i7_7820x() {
    measured(data::I7, 0.98);
}

#[test]
fn snapdragon_855() {
    measured(data::SNAPDRAGON_855, 0.98);
}

#[test]
fn xeon_gold_6226() {
    measured(data::GOLD_6226, 0.98);
}

#[test]
fn titan_rtx_batch_1() {
    measured(data::TITAN_RTX_1, 0.98);
}

#[test]
fn titan_rtx_batch_32() {
    measured(data::TITAN_RTX_32, 0.98);
}

#[test]
fn titan_rtx_batch_256() {
    measured(data::TITAN_RTX_256, 0.98);
}
