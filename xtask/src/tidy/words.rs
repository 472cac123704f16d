//! Rule: nothing left open, nothing switched off, and no path of somebody's machine.
//! Spelling and style are for readers to judge.

use super::Finding;
use super::source::{Kind, Source, has_token};

/// Notes to self, searched in comments and plain files.
const NOTES: &[&str] = &["TODO", "FIXME"];

/// Code that is not there yet, or not run.
const OPEN_ENDS: &[(&str, &str)] = &[
    ("todo!", "write it, or leave the item out"),
    ("unimplemented!", "write it, or leave the item out"),
    ("#[ignore", "a test runs or goes"),
    ("ignore)]", "a test runs or goes"),
];

/// Folders of one machine. Each is spelled in two halves, so that this file keeps its own rule.
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/tmp/", "target")];

pub(super) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for line in &source.lines {
        let mut error = |message| findings.push(Finding::error(&source.path, line.number, message));
        let prose = match source.kind {
            Kind::Program => &line.comment,
            Kind::Plain => &line.raw,
        };
        if let Some(word) = NOTES.iter().find(|word| has_token(prose, word)) {
            error(format!("`{word}`; do it now, or open an issue"));
        }
        if source.kind == Kind::Program {
            if let Some((word, remedy)) = OPEN_ENDS.iter().find(|(word, _)| has_token(&line.code, word)) {
                error(format!("`{word}`; {remedy}"));
            }
            if line.comment.contains("```ignore") {
                error("an example that is never compiled; make it compile, or use ```text".to_owned());
            }
        }
        if let Some(folder) = MACHINE_PATHS.iter().find(|folder| line.raw.contains(**folder)) {
            error(format!("`{folder}` exists on one machine only; name a path relative to the repository"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, kind: Kind) -> Vec<usize> {
        let source = Source::new("a/b", text, kind);
        check(&source).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn open_ends_are_found_in_code_and_comments() {
        for word in
            ["todo!()", "unimplemented!()", "#[ignore]", "#[ignore = \"slow\"]", "#[cfg_attr(x, ignore)]"]
        {
            assert_eq!(lines(&format!("a\n{word}\n"), Kind::Program), [2], "{word}");
        }
        for word in NOTES {
            assert_eq!(lines(&format!("a // {word}: later\n"), Kind::Program), [1], "{word}");
            assert_eq!(lines(&format!("{word}\n"), Kind::Plain), [1], "{word}");
        }
        assert_eq!(lines("/// ```ignore\n", Kind::Program), [1]);
    }

    #[test]
    fn words_inside_strings_and_names_are_free() {
        assert_eq!(lines("let a = \"todo!()\"; let mastodo = ignored;\n", Kind::Program), [0; 0]);
    }

    #[test]
    fn machine_paths_are_found_everywhere() {
        for folder in MACHINE_PATHS {
            assert_eq!(lines(&format!("let a = \"{folder}x\";\n"), Kind::Program), [1]);
            assert_eq!(lines(&format!("see {folder}x\n"), Kind::Plain), [1]);
        }
        assert_eq!(lines("see ../work and homework/root\n", Kind::Plain), [0; 0]);
    }
}
