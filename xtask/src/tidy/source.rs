//! A text file as the rules see it: each line with its code and its comment apart, and a mark on test code.
//! Classifies characters, does not parse: enough for Rust and CUDA as this repository writes them.

/// What a file is, which decides the rules that apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Rust or CUDA.
    Program,
    /// Markdown, manifests, scripts: no comments are told apart.
    Plain,
}

/// The kind of the file at `path`, or `None` for files without rules (data, images, licences).
pub(super) fn kind(path: &str) -> Option<Kind> {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("rs" | "cu" | "cuh") => Some(Kind::Program),
        Some("toml" | "md" | "yml" | "yaml" | "sh") => Some(Kind::Plain),
        _ if path.starts_with(".ci/") => Some(Kind::Plain),
        _ => None,
    }
}

/// A file and its lines.
#[derive(Debug)]
pub(super) struct Source {
    /// Relative to the repository, with forward slashes.
    pub(super) path: String,
    pub(super) kind: Kind,
    pub(super) lines: Vec<Line>,
    /// Whether the last line ends with a newline.
    pub(super) ends_with_newline: bool,
}

/// One line, three ways.
#[derive(Debug)]
pub(super) struct Line {
    /// Counted from 1.
    pub(super) number: usize,
    pub(super) raw: String,
    /// The line with comments and the contents of string literals blanked.
    pub(super) code: String,
    /// The line with all but comments blanked.
    pub(super) comment: String,
    /// Inside `#[cfg(test)]` or a test file.
    pub(super) is_test: bool,
    /// The line break belongs to a string literal.
    pub(super) ends_in_string: bool,
}

impl Source {
    pub(super) fn new(path: &str, text: &str, kind: Kind) -> Self {
        let text = text.replace("\r\n", "\n");
        let classes = match kind {
            Kind::Program => classify(&text),
            Kind::Plain => vec![Class::Code; text.chars().count()],
        };
        let code = keep(&text, &classes, Class::Code);
        let comments = keep(&text, &classes, Class::Comment);
        let tests = test_lines(path, &code);
        let breaks = text.chars().zip(&classes).filter(|(c, _)| *c == '\n').map(|(_, class)| *class);
        let breaks: Vec<Class> = breaks.collect();
        let lines = text
            .lines()
            .zip(code.lines())
            .zip(comments.lines())
            .enumerate()
            .map(|(index, ((raw, code), comment))| Line {
                number: index + 1,
                raw: raw.to_owned(),
                code: code.to_owned(),
                comment: comment.to_owned(),
                is_test: tests[index],
                ends_in_string: breaks.get(index) == Some(&Class::String),
            })
            .collect();
        Source {
            path: path.to_owned(),
            kind,
            lines,
            ends_with_newline: text.is_empty() || text.ends_with('\n'),
        }
    }
}

/// Whether `code` holds `token` with no identifier character touching its ends.
pub(super) fn has_token(code: &str, token: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(token).any(|(start, _)| {
        let before = code[..start].chars().next_back();
        let after = code[start + token.len()..].chars().next();
        let open_start = !token.starts_with(is_word) || !before.is_some_and(is_word);
        let open_end = !token.ends_with(is_word) || !after.is_some_and(is_word);
        open_start && open_end
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Code,
    Comment,
    String,
}

/// The class of each character; quotes count as code, what they enclose as string.
fn classify(text: &str) -> Vec<Class> {
    let chars: Vec<char> = text.chars().collect();
    let mut classes = vec![Class::Code; chars.len()];
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let after_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
        // (length before the classified part, its length, length after it)
        let (before, inside, after, class) = if rest.starts_with(&['/', '/']) {
            (0, rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()), 0, Class::Comment)
        } else if rest.starts_with(&['/', '*']) {
            (0, block_comment(rest), 0, Class::Comment)
        } else if let Some(hashes) = raw_string(rest).filter(|_| !after_word) {
            let open = hashes.open;
            let mut close = vec!['"'];
            close.extend(std::iter::repeat_n('#', hashes.count));
            let body = &rest[open..];
            let end = body.windows(close.len()).position(|w| w == close).unwrap_or(body.len());
            (open, end, close.len(), Class::String)
        } else if rest[0] == '"' {
            (1, escaped_until(&rest[1..], '"'), 1, Class::String)
        } else if rest[0] == '\'' && is_char_literal(rest) {
            (1, escaped_until(&rest[1..], '\''), 1, Class::String)
        } else {
            (1, 0, 0, Class::Code)
        };
        let start = at + before;
        let end = (start + inside).min(chars.len());
        classes[start.min(end)..end].fill(class);
        at = end + after;
    }
    classes
}

struct RawString {
    /// Characters up to and including the opening quote.
    open: usize,
    /// Number of `#` on each side.
    count: usize,
}

fn raw_string(rest: &[char]) -> Option<RawString> {
    let prefix = match rest {
        ['r', ..] => 1,
        ['b' | 'c', 'r', ..] => 2,
        _ => return None,
    };
    let count = rest[prefix..].iter().take_while(|c| **c == '#').count();
    (rest.get(prefix + count) == Some(&'"')).then_some(RawString { open: prefix + count + 1, count })
}

/// A quote opens a literal when it closes after one character or after an escape; else it names a lifetime.
fn is_char_literal(rest: &[char]) -> bool {
    rest.get(1) == Some(&'\\') || (rest.get(2) == Some(&'\'') && rest.get(1) != Some(&'\''))
}

fn escaped_until(body: &[char], quote: char) -> usize {
    let mut at = 0;
    while at < body.len() && body[at] != quote {
        at += if body[at] == '\\' { 2 } else { 1 };
    }
    at
}

/// Length of a block comment; they nest in Rust.
fn block_comment(rest: &[char]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with(&['/', '*']) {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(&['*', '/']) {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

fn keep(text: &str, classes: &[Class], kept: Class) -> String {
    let blank = |(c, class): (char, &Class)| if *class == kept || c == '\n' { c } else { ' ' };
    text.chars().zip(classes).map(blank).collect()
}

/// For each line of `code`, whether it is test code: all of a test file, else the items under `#[cfg(test)]`.
fn test_lines(path: &str, code: &str) -> Vec<bool> {
    let lines: Vec<&str> = code.lines().collect();
    let in_test_folder = path.starts_with("tests/") || path.contains("/tests/");
    let is_test_file = path.ends_with("/tests.rs") || path.ends_with("_tests.rs");
    if in_test_folder || is_test_file || code.contains("#![cfg(test)]") {
        return vec![true; lines.len()];
    }
    let mut marks = vec![false; lines.len()];
    let mut index = 0;
    while index < lines.len() {
        if lines[index].contains("#[cfg(test)]") || lines[index].contains("#[cfg(all(test") {
            let end = item_end(&lines, index);
            marks[index..=end].fill(true);
            index = end;
        }
        index += 1;
    }
    marks
}

/// The last line of the item whose attribute stands on line `start`.
fn item_end(lines: &[&str], start: usize) -> usize {
    let mut depth = 0_i32;
    for (index, line) in lines.iter().enumerate().skip(start) {
        for c in line.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 1 => return index,
                '}' => depth -= 1,
                ';' if depth == 0 => return index,
                _ => {}
            }
        }
    }
    lines.len() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(text: &str) -> Source {
        Source::new("crates/x/src/y.rs", text, Kind::Program)
    }

    fn code(text: &str) -> String {
        let lines = program(text).lines;
        let lines: Vec<&str> = lines.iter().map(|line| line.code.trim_end()).collect();
        lines.join("|")
    }

    #[test]
    fn comments_and_strings_leave_the_code() {
        for (text, expected) in [
            ("a(); // b()", "a();"),
            ("a(/*/* b */*/ e)", "a(            e)"),
            (r#"a("b // c", d)"#, r#"a("      ", d)"#),
            (r#"a("\"b", d)"#, r#"a("   ", d)"#),
            (r##"a(r#"b"c"#, d)"##, r##"a(r#"   "#, d)"##),
            (r#"a(br"\", d)"#, r#"a(br" ", d)"#),
            (r#"var"x""#, r#"var" ""#),
            ("a('\"', '\\'', '/', b)", "a(' ', '  ', ' ', b)"),
            ("fn f<'a>(x: &'a str) -> &'a str { x } // '", "fn f<'a>(x: &'a str) -> &'a str { x }"),
            ("a /* b\nc */ d\n", "a|     d"),
            ("\"a\nb\" c", "\"| \" c"),
            ("\"never closed", "\""),
            ("'\\", "'"),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
    }

    #[test]
    fn comments_are_kept_apart() {
        let source = program("a(\"x // y\"); // why\n");
        assert_eq!(source.lines[0].comment.trim(), "// why");
    }

    #[test]
    fn test_items_are_marked_to_their_closing_brace() {
        let source = program(
            "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() { '}'; }\n}\nfn c() {}\n#[cfg(test)]\nmod d;\nfn e() {}\n",
        );
        let marked: Vec<usize> =
            source.lines.iter().filter(|line| line.is_test).map(|line| line.number).collect();
        assert_eq!(marked, [2, 3, 4, 5, 7, 8]);
        let whole = Source::new("crates/x/tests/it/main.rs", "fn a() {}\n", Kind::Program);
        assert!(whole.lines[0].is_test);
    }

    #[test]
    fn tokens_end_at_word_boundaries() {
        assert!(has_token("print!(x)", "print!"));
        assert!(!has_token("eprint!(x)", "print!"));
        assert!(has_token("std::fs::read(x)", "std::fs"));
        assert!(!has_token("RunFile::open", "File::"));
        assert!(!has_token("unsafe_code", "unsafe"));
        assert!(has_token("a.exists()", ".exists()"));
    }

    #[test]
    fn a_line_break_inside_a_string_is_known() {
        let source = program("let a = \"b  \nc\";  \n");
        assert!(source.lines[0].ends_in_string);
        assert!(!source.lines[1].ends_in_string);
    }
}
