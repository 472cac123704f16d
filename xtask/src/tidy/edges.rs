//! Rule: which crate may depend on which. Arrows only point down, and tensors stay where they are needed.
//! Reads manifests only; dev-dependencies are free.

use anyhow::{Context, Result};
use toml::Table;

use super::Finding;

/// Each package folder and the in-tree crates it may use. A crate may only name crates above it in this list.
const ALLOWED: &[(&str, &[&str])] = &[
    ("random", &[]),
    ("pareto", &[]),
    ("space", &[]),
    ("kernels", &[]),
    ("cluster", &[]),
    ("evolution", &["pareto", "random", "space"]),
    ("supernet", &["kernels", "random", "space"]),
    ("datasets", &["random"]),
    ("latency", &["random", "space"]),
    ("onnx", &["space"]),
    ("tabular", &["evolution", "pareto", "random", "space"]),
    (
        "cars",
        &[
            "random",
            "pareto",
            "space",
            "kernels",
            "evolution",
            "supernet",
            "datasets",
            "latency",
            "onnx",
            "tabular",
            "cluster",
        ],
    ),
    ("cli", &["space", "cars", "cluster"]),
    // Tests as packages of their own.
    ("kernel-suite", &["kernels"]),
    ("cuda-host", &["kernels"]),
    ("gpu-check", &["random", "space", "kernels", "supernet", "cars", "kernel-suite"]),
    ("xtask", &[]),
    // They show and measure that pareto is usable alone.
    ("examples", &["pareto"]),
    ("candle-blocks", &["datasets", "kernels"]),
    ("peers", &["pareto", "random"]),
    ("fuzz", &["latency", "pareto", "space", "datasets", "supernet", "cars"]),
];

/// Packages that may use every crate: they are never linked into the product.
const FREE: &[&str] = &["tests", "benches"];

/// Crates that may use candle.
const TENSORS: &[&str] = &["kernels", "supernet", "candle-blocks"];

/// Crates whose outside dependencies are limited, and to what.
const LIMITED: &[(&str, &[&str])] = &[("pareto", &["rand_core", "rayon"])];

/// Checks one member's manifest; `root_manifest` resolves `workspace = true`.
pub(super) fn check(path: &str, manifest: &str, root_manifest: &str) -> Result<Vec<Finding>> {
    let parse = |name: &str, text: &str| text.parse::<Table>().with_context(|| format!("{name} is not TOML"));
    let root = parse("Cargo.toml", root_manifest)?;
    let table = parse(path, manifest)?;
    let folder = path.trim_end_matches("/Cargo.toml").rsplit('/').next().unwrap_or(path);
    if FREE.contains(&folder) {
        return Ok(Vec::new());
    }
    let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == folder) else {
        let remedy = "add its allowed dependencies to ALLOWED in xtask/src/tidy/edges.rs";
        return Ok(vec![Finding::error(path, 1, format!("crate `{folder}` is not in the list; {remedy}"))]);
    };

    let mut findings = Vec::new();
    for dependency in dependencies(&table, &root) {
        let line = line_of(manifest, &dependency.key);
        let mut error = |message| findings.push(Finding::error(path, line, message));
        if let Some(target) = &dependency.folder {
            if !allowed.contains(&target.as_str()) {
                let list =
                    if allowed.is_empty() { "nothing in this tree".to_owned() } else { allowed.join(", ") };
                error(format!(
                    "`{folder}` may not depend on `{target}` (allowed: {list}); move the code that needs it up, \
                     or pass the value in"
                ));
            }
            continue;
        }
        if dependency.package.starts_with("candle") && !TENSORS.contains(&folder) {
            error(format!(
                "`{folder}` may not depend on `{}`: tensors stay in {}",
                dependency.package,
                TENSORS.join(", ")
            ));
        }
        if let Some((_, limit)) = LIMITED.iter().find(|(name, _)| *name == folder)
            && !limit.contains(&dependency.package.as_str())
        {
            error(format!(
                "`{folder}` may depend on nothing but {}, found `{}`; write it by hand or do it in a caller",
                limit.join(", "),
                dependency.package
            ));
        }
    }
    Ok(findings)
}

struct Dependency {
    key: String,
    /// Package name outside the tree.
    package: String,
    /// Folder name, for a crate of this repository.
    folder: Option<String>,
}

/// All dependencies that are linked or run in a build: not those of tests.
fn dependencies(table: &Table, root: &Table) -> Vec<Dependency> {
    let targets = table.get("target").and_then(toml::Value::as_table);
    let tables = targets.into_iter().flat_map(Table::values).filter_map(toml::Value::as_table);
    let shared = root.get("workspace").and_then(|w| w.get("dependencies")).and_then(toml::Value::as_table);
    let mut found = Vec::new();
    for table in std::iter::once(table).chain(tables) {
        for section in ["dependencies", "build-dependencies"] {
            let Some(entries) = table.get(section).and_then(toml::Value::as_table) else { continue };
            for (key, value) in entries {
                let field = |name: &str| {
                    let shared = shared.and_then(|shared| shared.get(key));
                    let field = |value: &toml::Value| {
                        value.get(name).and_then(toml::Value::as_str).map(str::to_owned)
                    };
                    field(value).or_else(|| shared.and_then(field))
                };
                let folder = field("path").and_then(|path| path.rsplit('/').next().map(str::to_owned));
                let package = field("package").unwrap_or_else(|| key.clone());
                found.push(Dependency { key: key.clone(), package, folder });
            }
        }
    }
    found
}

/// The line that names the dependency, or the first when its spelling is unusual.
fn line_of(manifest: &str, key: &str) -> usize {
    let mut relevant = false;
    for (index, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            relevant = line.contains("dependencies") && !line.contains("dev-dependencies");
            if relevant && line.ends_with(&format!(".{key}]")) {
                return index + 1;
            }
        }
        let rest = line.strip_prefix(key).map(str::trim_start);
        if relevant && rest.is_some_and(|rest| rest.starts_with(['.', '='])) {
            return index + 1;
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "[workspace.dependencies]\n\
        space = { path = \"crates/space\", package = \"cars-space\" }\n\
        cars = { path = \"crates/cars\" }\n\
        candle-core = \"1\"\nserde = \"1\"\nrand_core = \"0.10\"\n";

    fn messages(folder: &str, manifest: &str) -> Vec<String> {
        let findings = check(&format!("crates/{folder}/Cargo.toml"), manifest, ROOT).unwrap();
        findings.iter().map(|finding| format!("{}: {}", finding.line, finding.message)).collect()
    }

    #[test]
    fn the_list_is_a_hierarchy() {
        for (index, (folder, allowed)) in ALLOWED.iter().enumerate() {
            for target in *allowed {
                let above = ALLOWED[..index].iter().any(|(name, _)| name == target);
                assert!(above, "{folder} names {target}, which does not stand above it");
            }
        }
    }

    #[test]
    fn allowed_edges_pass() {
        let manifest = "[dependencies]\nspace.workspace = true\nserde.workspace = true\n\
                        [dev-dependencies]\ncars.workspace = true\ncandle-core.workspace = true\n";
        assert_eq!(messages("evolution", manifest), [""; 0]);
        assert_eq!(messages("kernels", "[dependencies]\ncandle-core = \"1\"\n"), [""; 0]);
        assert_eq!(check("tests/Cargo.toml", "[dependencies]\ncars.workspace = true\n", ROOT).unwrap(), []);
    }

    #[test]
    fn an_upward_edge_is_found_under_any_spelling() {
        for manifest in [
            "[dependencies]\ncars.workspace = true\n",
            "[dependencies]\nother = { path = \"../cars\", package = \"cars\" }\n",
            "[target.'cfg(unix)'.dependencies]\ncars.workspace = true\n",
            "[build-dependencies]\ncars.workspace = true\n",
            "[package]\n[dependencies.cars]\nworkspace = true\n",
        ] {
            let messages = messages("space", manifest);
            assert_eq!(messages.len(), 1, "{manifest}");
            assert!(messages[0].starts_with("2: `space` may not depend on `cars`"), "{messages:?}");
        }
    }

    #[test]
    fn tensors_and_outside_crates_are_limited() {
        let tensors = messages("space", "[dependencies]\ncandle-core.workspace = true\n");
        assert!(tensors[0].contains("tensors stay in kernels"), "{tensors:?}");
        let pareto =
            messages("pareto", "[dependencies]\nrand_core.workspace = true\nserde.workspace = true\n");
        assert_eq!(pareto.len(), 1);
        assert!(
            pareto[0].starts_with("3: `pareto` may depend on nothing but rand_core, rayon, found `serde`")
        );
    }

    #[test]
    fn a_new_crate_must_enter_the_list() {
        assert!(messages("surprise", "[package]\n")[0].contains("not in the list"));
    }
}
