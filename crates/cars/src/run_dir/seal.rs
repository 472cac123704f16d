//! The last lines of a run's config: comments with the SHA-256 of what the run was begun with, so that a bit that flipped
//! since, in the config or in the latency table, is noticed before anything is computed from it. Touches no file.

use std::fmt::Write as _;

use super::envelope::digest;

/// A comment of this beginning names a file and its digest.
const MARK: &str = "# sha256 ";

/// The text of a config with, at its end, the digest of another file, if there is one, and its own.
pub(super) fn seal(config: &str, name: &str, other: Option<&[u8]>) -> String {
    let mut sealed = config.to_owned();
    if let Some(bytes) = other {
        push(&mut sealed, name, bytes);
    }
    let own = sealed.clone();
    push(&mut sealed, super::CONFIG, own.as_bytes());
    sealed
}

/// Whether a config is as it was sealed. One without a seal is from a person or an older program, and passes.
pub(super) fn holds(sealed: &str) -> bool {
    let Some((own, line)) = last_line(sealed) else { return true };
    let mut expected = String::new();
    push(&mut expected, super::CONFIG, own.as_bytes());
    !line.starts_with(MARK) || line == expected
}

/// Whether a file beside the config is the one it was sealed with; one that it does not name passes.
pub(super) fn holds_for(sealed: &str, name: &str, bytes: &[u8]) -> bool {
    let beginning = format!("{MARK}{name} ");
    let stored = sealed.lines().find_map(|line| line.strip_prefix(beginning.as_str()));
    stored.is_none_or(|stored| stored == hex(bytes))
}

fn push(text: &mut String, name: &str, bytes: &[u8]) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{MARK}{name} {}", hex(bytes));
}

fn hex(bytes: &[u8]) -> String {
    digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The text before the last line, and that line with its break.
fn last_line(text: &str) -> Option<(&str, &str)> {
    let end = text.strip_suffix('\n').unwrap_or(text);
    let start = end.rfind('\n')? + 1;
    Some((&text[..start], &text[start..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_bit_breaks_the_seal_or_changes_no_setting() {
        let plain = "seed = 1\nname = \"a\"\n";
        let sealed = seal(plain, "latency-table", Some(b"{}"));
        assert!(holds(&sealed) && holds_for(&sealed, "latency-table", b"{}"));
        assert!(!holds_for(&sealed, "latency-table", b"[]"));
        let settings: toml::Table = plain.parse().unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut bytes = sealed.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let Ok(text) = String::from_utf8(bytes) else { continue };
            if holds(&text)
                && let Ok(found) = text.parse::<toml::Table>()
            {
                assert_eq!(found, settings, "bit {bit}: {text}");
            }
        }
    }

    #[test]
    fn what_has_no_seal_passes() {
        assert!(holds("seed = 1\n") && holds("") && holds("seed = 1"));
        assert!(holds_for("seed = 1\n", "latency-table", b"{}"));
    }
}
