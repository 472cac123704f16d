//! Rule: `unsafe` stays in its room, and each use says why it is sound.
//! Whether the reason holds is for the reviewer.

use super::Finding;
use super::source::{Kind, Line, Source, has_token};

/// Where a benchmark has shown the need.
const ROOMS: &[&str] = &[
    "crates/kernels/",
    "crates/pareto/src/simd/x86.rs",
    "crates/cluster/src/nccl.rs",
    "tests/cuda-host/src/",
];

pub(super) fn check(source: &Source) -> Vec<Finding> {
    if source.kind != Kind::Program {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (index, line) in source.lines.iter().enumerate() {
        if !has_token(&line.code, "unsafe") {
            continue;
        }
        if !ROOMS.iter().any(|room| source.path.starts_with(room)) {
            let message = format!("`unsafe` outside {}; find a safe way", ROOMS.join(", "));
            findings.push(Finding::error(&source.path, line.number, message));
        }
        if !has_reason(&source.lines[..=index]) {
            let message = "`unsafe` without a reason; write a `// SAFETY:` comment above it";
            findings.push(Finding::error(&source.path, line.number, message));
        }
    }
    findings
}

/// Looks for the reason on the last of `lines`, then upwards over comments, attributes and the lines of the same
/// statement. For a function its `# Safety` section counts as well: there the caller must know.
fn has_reason(lines: &[Line]) -> bool {
    let states_reason =
        |line: &Line| line.comment.contains("SAFETY:") || line.comment.trim_end().ends_with("# Safety");
    let Some((last, above)) = lines.split_last() else { return false };
    let passed_over = |line: &&Line| {
        let code = line.code.trim();
        let is_comment = code.is_empty() && !line.comment.trim().is_empty();
        let ends_statement = code.is_empty() || code.ends_with([';', '{', '}', ',']);
        is_comment || code.starts_with("#[") || !ends_statement
    };
    states_reason(last) || above.iter().rev().take_while(passed_over).any(states_reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(path: &str, text: &str) -> Vec<String> {
        let source = Source::new(path, text, Kind::Program);
        check(&source).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn a_reason_above_is_enough() {
        for text in [
            "// SAFETY: in bounds.\nunsafe { f() }\n",
            "// SAFETY: in bounds,\n// and aligned.\nlet a =\n    unsafe { f() };\n",
            "let a = unsafe { f() }; // SAFETY: in bounds.\n",
            "/// Adds.\n///\n/// # Safety\n/// The caller checks.\n#[inline]\nunsafe fn f() {}\n",
            "#![allow(unsafe_code)] // \"unsafe\" in a comment: unsafe\n",
        ] {
            assert_eq!(messages("crates/kernels/src/a.rs", text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_missing_or_distant_reason_is_found() {
        for text in [
            "unsafe { f() }\n",
            "// SAFETY: in bounds.\ng();\nunsafe { f() }\n",
            "// SAFETY: in bounds.\n\nunsafe { f() }\n",
            "// Fast.\nunsafe fn f() {}\n",
            "let a = \"SAFETY:\"; unsafe { f() }\n",
        ] {
            assert_eq!(messages("crates/kernels/src/a.rs", text).len(), 1, "{text}");
        }
    }

    #[test]
    fn other_rooms_may_not() {
        let text = "// SAFETY: in bounds.\nunsafe { f() }\n";
        assert!(messages("crates/space/src/a.rs", text)[0].starts_with("`unsafe` outside"));
    }
}
