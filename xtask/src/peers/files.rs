//! The timing files of a folder, by kind and number of objectives. Names say all: `KIND_nN_mM.bin`, or `KIND_nN_mM_xK.bin` for
//! K matrices in rotation, which is preferred where both are there. Does not open them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// All sizes of one kind and number of objectives, ascending.
#[derive(Debug)]
pub(super) struct Group {
    kind: String,
    m: usize,
    /// The files to report on.
    pub(super) selected: Vec<PathBuf>,
    /// These and smaller ones, from which a script may foresee how long the larger ones take.
    pub(super) all: Vec<PathBuf>,
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} objectives, cases: {}", self.kind, self.m, self.selected.len())
    }
}

/// What a case's name says: kind, rows, objectives.
pub(super) fn shape(case: &str) -> Option<(&str, usize, usize)> {
    let mut parts = case.split('_');
    let kind = parts.next()?;
    let n = parts.next()?.strip_prefix('n')?.parse().ok()?;
    let m = parts.next()?.strip_prefix('m')?.parse().ok()?;
    Some((kind, n, m))
}

/// The groups that have a file with `filter` in its name.
pub(super) fn groups(folder: &Path, filter: &str) -> Result<Vec<Group>> {
    let mut names = Vec::new();
    for entry in folder.read_dir().with_context(|| format!("cannot list {}", folder.display()))? {
        if let Ok(name) = entry?.file_name().into_string() {
            names.push(name);
        }
    }
    Ok(choose(&names)
        .into_iter()
        .map(|((m, kind), sizes)| {
            let is_selected = |name: &String| name.contains(filter);
            let last = sizes.iter().rposition(is_selected).map_or(0, |last| last + 1);
            let paths = |names: Vec<&String>| names.into_iter().map(|name| folder.join(name)).collect();
            Group {
                kind,
                m,
                selected: paths(sizes.iter().filter(|name| is_selected(name)).collect()),
                all: paths(sizes[..last].iter().collect()),
            }
        })
        .filter(|group| !group.selected.is_empty())
        .collect())
}

/// One file name a case, by size, for every number of objectives and kind.
fn choose(names: &[String]) -> BTreeMap<(usize, String), Vec<String>> {
    let mut cases: BTreeMap<(usize, String), BTreeMap<usize, String>> = BTreeMap::new();
    for name in names {
        let Some((kind, n, m)) = name.strip_suffix(".bin").and_then(shape) else { continue };
        let kept = cases.entry((m, kind.to_owned())).or_default().entry(n).or_insert_with(|| name.clone());
        if name.contains("_x") {
            kept.clone_from(name);
        }
    }
    cases.into_iter().map(|(key, sizes)| (key, sizes.into_values().collect())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_the_shape() {
        assert_eq!(shape("unif_n1000_m3_x64"), Some(("unif", 1000, 3)));
        assert_eq!(shape("acc_n100000_m10"), Some(("acc", 100_000, 10)));
        for name in ["README", "unif_n10", "unif_m3_n10", "unif_nx_m3"] {
            assert_eq!(shape(name), None, "{name}");
        }
    }

    #[test]
    fn rotated_files_win_and_sizes_ascend() {
        let names =
            ["a_n1000_m2.bin", "a_n1000_m2_x64.bin", "a_n100_m2_x512.bin", "a_n100_m2.bin", "a_n9_m2.ranks"];
        let chosen = choose(&names.map(str::to_owned));
        let sizes: Vec<&[String]> = chosen.values().map(Vec::as_slice).collect();
        assert_eq!(sizes, [["a_n100_m2_x512.bin", "a_n1000_m2_x64.bin"]]);
    }
}
