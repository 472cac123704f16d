//! Sorting cases with expected ranks: a few copied beside this file, all 407 where `CARS_DATA` is set.
//! Layout: `NDSCASE1`, n, m, n*m doubles; and `NDSRANK1`, n, number of fronts, n ranks; little-endian.

use pareto::{Objectives, UNRANKED, fronts, non_dominated, ranks, ranks_until};
use std::path::{Path, PathBuf};

#[test]
fn small_cases_are_exact() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sorting");
    assert_eq!(check_folder(&folder), 10);
}

#[test]
fn all_cases_are_exact() {
    let Some(data) = std::env::var_os("CARS_DATA") else {
        eprintln!("skipped: CARS_DATA is not set (the folder beside oracles/sorting with 407 cases)");
        return;
    };
    assert_eq!(check_folder(&PathBuf::from(data).join("../oracles/sorting")), 407);
}

fn check_folder(folder: &Path) -> usize {
    let files = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "bin"));
    paths.sort();
    for path in &paths {
        check_case(path);
    }
    paths.len()
}

fn check_case(path: &Path) {
    let name = path.display();
    let (m, rows) = read_matrix(path);
    let expected = read_ranks(&path.with_extension("ranks"));
    let objectives = Objectives::new(&rows, m).unwrap();
    assert_eq!(ranks(&objectives), expected, "{name}");

    let by_front = fronts(&objectives);
    assert_eq!(by_front.iter().map(Vec::len).sum::<usize>(), expected.len(), "{name}");
    for (rank, front) in by_front.iter().enumerate() {
        assert!(
            front.is_sorted() && front.iter().all(|&i| expected[i] as usize == rank),
            "{name}: front {rank}"
        );
    }
    assert_eq!(non_dominated(&objectives), by_front[0], "{name}");
    for keep in [0, 1, expected.len() / 2, expected.len()] {
        let limit = needed(&by_front, keep);
        let until: Vec<u32> =
            expected.iter().map(|&rank| if rank < limit { rank } else { UNRANKED }).collect();
        assert_eq!(ranks_until(&objectives, keep), until, "{name}: keep {keep}");
    }
}

/// How many fronts it takes to hold `keep` rows.
fn needed(fronts: &[Vec<usize>], keep: usize) -> u32 {
    let mut held = 0;
    let mut count = 0;
    while held < keep {
        held += fronts[count as usize].len();
        count += 1;
    }
    count
}

fn read_matrix(path: &Path) -> (usize, Vec<f64>) {
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(&bytes[..8], b"NDSCASE1");
    let m = u64::from_le_bytes(bytes[16..24].try_into().unwrap()) as usize;
    (m, bytes[24..].chunks_exact(8).map(|value| f64::from_le_bytes(value.try_into().unwrap())).collect())
}

fn read_ranks(path: &Path) -> Vec<u32> {
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(&bytes[..8], b"NDSRANK1");
    bytes[24..].chunks_exact(4).map(|rank| u32::from_le_bytes(rank.try_into().unwrap())).collect()
}
