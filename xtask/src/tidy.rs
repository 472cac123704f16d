//! `cargo xtask tidy`: checks the house rules that compiler and clippy cannot see, line by line.
//! Each rule is a function from a file to findings; this file only reads, calls and prints.

mod edges;
mod rooms;
mod shape;
mod source;
mod unsafe_code;
mod words;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::workspace;
use source::Source;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
}

/// One broken rule, with the remedy in its message.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    level: Level,
    path: String,
    /// Counted from 1.
    line: usize,
    message: String,
}

impl Finding {
    fn error(path: &str, line: usize, message: impl Into<String>) -> Self {
        Finding { level: Level::Error, path: path.to_owned(), line, message: message.into() }
    }

    fn warning(path: &str, line: usize, message: impl Into<String>) -> Self {
        Finding { level: Level::Warning, path: path.to_owned(), line, message: message.into() }
    }
}

/// Checks the whole repository, prints the findings, and fails when one of them is an error.
pub(crate) fn run() -> Result<ExitCode> {
    let root = workspace::root();
    let paths = workspace::files(&root)?;
    let findings = check(&root, &paths)?;

    for finding in &findings {
        let level = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        println!("{level}: {}:{}: {}", finding.path, finding.line, finding.message);
    }
    let errors = findings.iter().filter(|finding| finding.level == Level::Error).count();
    println!("tidy: {errors} errors, {} warnings", findings.len() - errors);
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn check(root: &Path, paths: &[String]) -> Result<Vec<Finding>> {
    let read = |path: &str| {
        std::fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path} as text"))
    };
    let root_manifest = read("Cargo.toml")?;
    let mut findings = Vec::new();
    for path in paths {
        if path.ends_with("/Cargo.toml") {
            findings.extend(edges::check(path, &read(path)?, &root_manifest)?);
        }
        if let Some(kind) = source::kind(path) {
            let source = Source::new(path, &read(path)?, kind);
            findings.extend(shape::check(&source));
            findings.extend(words::check(&source));
            findings.extend(rooms::check(&source));
            findings.extend(unsafe_code::check(&source));
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_with_a_rule_is_found_and_readable() {
        let root = workspace::root();
        let paths = workspace::files(&root).unwrap();
        assert!(paths.iter().any(|path| path == "xtask/src/tidy.rs"), "{paths:?}");
        assert!(paths.iter().all(|path| !path.starts_with("target/")));
        check(&root, &paths).unwrap();
    }

    #[test]
    fn xtask_keeps_its_own_rules() {
        let root = workspace::root();
        let mut paths = workspace::files(&root).unwrap();
        paths.retain(|path| path.starts_with("xtask/"));
        assert_eq!(check(&root, &paths).unwrap(), []);
    }
}
