//! Published point sets, where `CARS_DATA` is set: hypervolumes and generational distances with expected values, and the reference
//! fronts of jMetal, whose rounding left a documented number of dominated points.

use pareto::{Objectives, additive_epsilon, fronts, hypervolume, igd, igd_plus};
use std::io::Read;
use std::path::{Path, PathBuf};

const FOLDER: &str = "reference-fronts";

/// Fronts with dominated points: how many.
const DOMINATED: [(&str, usize); 11] = [
    ("WFG1.2D", 228),
    ("WFG2.2D", 8),
    ("WFG3.2D", 126),
    ("WFG4.2D", 2),
    ("WFG5.2D", 55),
    ("WFG6.2D", 82),
    ("WFG7.2D", 6),
    ("WFG8.2D", 198),
    ("WFG7.3D", 487),
    ("WFG8.3D", 9),
    ("WFG9.3D", 1),
];

/// The folder, or `None` (and a notice) where there is none.
fn folder() -> Option<PathBuf> {
    let data = std::env::var_os("CARS_DATA");
    if data.is_none() {
        eprintln!("skipped: CARS_DATA is not set (the folder with {FOLDER}/oracles and {FOLDER}/fronts)");
    }
    data.map(|data| PathBuf::from(data).join(FOLDER))
}

fn read(path: &Path) -> String {
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    } else {
        (&file).read_to_string(&mut text).unwrap();
    }
    text
}

/// The rows of a table below its header.
fn table(path: &Path) -> Vec<Vec<f64>> {
    let text = read(path);
    text.lines().skip(1).map(|line| line.split(',').map(|value| value.parse().unwrap()).collect()).collect()
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// Agreement to as many digits as were published.
fn check_close(got: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((got - expected).abs() <= tolerance * expected.abs(), "{what}: got {got}, expected {expected}");
}

#[test]
fn hypervolumes_are_the_published_ones() {
    let Some(folder) = folder() else { return };
    let oracles = folder.join("oracles");
    let expected: serde_json::Value =
        serde_json::from_str(&read(&oracles.join("hypervolume_expected.json"))).unwrap();

    let plane = &expected["hv2d_input1"];
    let rows = table(&oracles.join("hv2d_input1.csv.gz"));
    for set in [1.0, 2.0] {
        let values: Vec<f64> =
            rows.iter().filter(|row| row[2] == set).flat_map(|row| &row[..2]).copied().collect();
        let volume = hypervolume(&Objectives::new(&values, 2).unwrap(), &numbers(&plane["ref"]));
        let expected = plane["expected"][format!("set{set}")].as_f64().unwrap();
        check_close(volume, expected, 1e-10, &format!("hv2d_input1, set {set}"));
    }

    let six = &expected["hv6d_duplicated3"];
    let values = table(&oracles.join("hv6d_duplicated3.csv.gz")).concat();
    let volume = hypervolume(&Objectives::new(&values, 6).unwrap(), &numbers(&six["ref"]));
    check_close(volume, six["expected"].as_f64().unwrap(), 1e-14, "hv6d_duplicated3");
}

#[test]
fn distances_are_the_published_ones() {
    let Some(folder) = folder() else { return };
    let expected: serde_json::Value =
        serde_json::from_str(&read(&folder.join("oracles/gd_igd.json.gz"))).unwrap();
    let rows =
        |value: &serde_json::Value| value.as_array().unwrap().iter().flat_map(numbers).collect::<Vec<f64>>();
    let front = rows(&expected["pareto_front"]);
    let front = Objectives::new(&front, 2).unwrap();
    let cases = expected["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 4);
    for (at, case) in cases.iter().enumerate() {
        let set = rows(&case["points"]);
        let set = Objectives::new(&set, 2).unwrap();
        check_close(igd(&set, &front), case["igd"].as_f64().unwrap(), 1e-12, &format!("igd of case {at}"));
        // The generational distance is the same sum with the sets swapped.
        check_close(igd(&front, &set), case["gd"].as_f64().unwrap(), 1e-12, &format!("gd of case {at}"));
        // No published values, but what must hold beside them.
        assert!(igd_plus(&set, &front) <= igd(&set, &front));
        let epsilon = additive_epsilon(&set, &front);
        let shifted: Vec<f64> = set.values().iter().map(|x| x - epsilon).collect();
        let worst = shifted.chunks_exact(2).map(<[f64]>::to_vec).collect::<Vec<_>>();
        let covers = |z: &[f64]| worst.iter().any(|a| a.iter().zip(z).all(|(a, z)| *a <= z + 1e-12));
        assert!(front.rows().all(covers), "case {at}: {epsilon} is too little");
        assert!(front.rows().any(|z| !worst.iter().any(|a| a.iter().zip(z).all(|(a, z)| *a <= z - 1e-12))));
    }
}

#[test]
fn reference_fronts_rank_as_documented() {
    let Some(folder) = folder() else { return };
    let files = std::fs::read_dir(folder.join("fronts")).unwrap();
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    assert_eq!(paths.len(), 45);
    let mut seen = 0;
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().replace(".csv.gz", "");
        let rows = table(&path);
        let (n, m) = (rows.len(), rows[0].len());
        let values = rows.concat();
        let by_rank = fronts(&Objectives::new(&values, m).unwrap());
        let documented =
            DOMINATED.iter().find(|(dominated, _)| *dominated == name).map_or(0, |(_, count)| *count);
        assert_eq!(n - by_rank[0].len(), documented, "{name}");
        seen += documented;
    }
    assert_eq!(
        seen,
        DOMINATED.iter().map(|(_, count)| count).sum::<usize>(),
        "a documented front is missing"
    );
}
