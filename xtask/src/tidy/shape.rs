//! Rule: the look of a file. A header that says what it is, a length a reader can hold, no stray blanks.
//! Line width and layout are left to rustfmt.

use super::Finding;
use super::source::{Kind, Source};

/// A header is a summary; only the front page of a crate (`lib.rs`) may be longer.
const HEADER_LINES: usize = 8;
/// Lines without tests from which a file is too long, and from which it should be watched.
const TOO_LONG: usize = 500;
const LONG: usize = 350;

pub(super) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if source.kind == Kind::Program {
        header(source, &mut findings);
        length(source, &mut findings);
    }
    blanks(source, &mut findings);
    findings
}

fn header(source: &Source, findings: &mut Vec<Finding>) {
    let lines = source.lines.iter().map_while(|line| line.raw.strip_prefix("//!"));
    let written = lines.filter(|text| !text.trim().is_empty()).count();
    let first = source.lines.first().and_then(|line| line.raw.strip_prefix("//!"));
    if first.is_none_or(|text| text.trim().is_empty()) {
        let remedy = "start with `//! ` lines: what it is, its source, and what it does not do";
        findings.push(Finding::error(&source.path, 1, format!("no header; {remedy}")));
    } else if written > HEADER_LINES && !source.path.ends_with("/lib.rs") {
        let message = format!(
            "header of {written} lines, at most {HEADER_LINES}; move the detail to the item it belongs to"
        );
        findings.push(Finding::error(&source.path, 1, message));
    }
}

fn length(source: &Source, findings: &mut Vec<Finding>) {
    let length = source.lines.iter().filter(|line| !line.is_test).count();
    let remedy = "split it by topic";
    if length > TOO_LONG {
        let message = format!("{length} lines without tests, at most {TOO_LONG}; {remedy}");
        findings.push(Finding::error(&source.path, 1, message));
    } else if length > LONG {
        let message = format!("{length} lines without tests, better under {LONG}; {remedy}");
        findings.push(Finding::warning(&source.path, 1, message));
    }
}

fn blanks(source: &Source, findings: &mut Vec<Finding>) {
    for line in &source.lines {
        // Stored texts of tests may end in blanks: inside a string they are data.
        if line.raw.ends_with([' ', '\t']) && !line.ends_in_string {
            findings.push(Finding::error(&source.path, line.number, "trailing whitespace; delete it"));
        }
        if line.code.contains('\t') || line.comment.contains('\t') {
            findings.push(Finding::error(&source.path, line.number, "tab; use spaces"));
        }
    }
    if !source.ends_with_newline {
        let message = "no newline at the end of the file; add one";
        findings.push(Finding::error(&source.path, source.lines.len(), message));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;

    fn program(path: &str, text: &str) -> Vec<Finding> {
        check(&Source::new(path, text, Kind::Program))
    }

    #[test]
    fn a_header_opens_the_file() {
        assert_eq!(program("a/src/b.rs", "//! What it is.\n\nfn f() {}\n"), []);
        for text in ["fn f() {}\n", "//!\n//! Late.\n", "// Not a header.\n", "\n//! Late.\n", ""] {
            let findings = program("a/src/b.rs", text);
            assert!(findings[0].message.starts_with("no header"), "{text:?}: {findings:?}");
        }
    }

    #[test]
    fn a_header_is_short_except_on_a_front_page() {
        let text = "//! A line.\n".repeat(HEADER_LINES + 1);
        assert_eq!(program("a/src/b.rs", &text).len(), 1);
        assert_eq!(program("a/src/lib.rs", &text), []);
    }

    #[test]
    fn length_counts_no_tests() {
        let body = |lines: usize| format!("//! Header.\n{}", "fn f() {}\n".repeat(lines - 1));
        let level = |text: &str| program("a/src/b.rs", text).first().map(|finding| finding.level);
        assert_eq!(level(&body(LONG)), None);
        assert_eq!(level(&body(LONG + 1)), Some(Level::Warning));
        assert_eq!(level(&body(TOO_LONG)), Some(Level::Warning));
        assert_eq!(level(&body(TOO_LONG + 1)), Some(Level::Error));
        let tested = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", body(LONG), "fn f() {}\n".repeat(400));
        assert_eq!(level(&tested), None);
    }

    #[test]
    fn stray_blanks_are_found_outside_strings() {
        let lines = |text: &str| -> Vec<usize> {
            program("a/src/b.rs", text).iter().map(|finding| finding.line).collect()
        };
        assert_eq!(lines("//! Header.\nfn f() {} \n"), [2]);
        assert_eq!(lines("//! Header.\n\tfn f() {}\n"), [2]);
        assert_eq!(lines("//! Header.\nfn f() {}"), [2]);
        assert_eq!(lines("//! Header.\nconst A: &str = \"a \n\tb\";\n"), [0; 0]);
        let plain = Source::new("README.md", "a \n\tb", Kind::Plain);
        assert_eq!(check(&plain).len(), 3);
    }
}
