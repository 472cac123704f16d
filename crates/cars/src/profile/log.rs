//! The log of measurements under way, a JSON object and its checksum on each line: under which conditions, then every visit.
//! It is what is left of a profile that was stopped, and all that is needed to go on. Text only; the file is the caller's.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::Target;

/// The conditions of a log, which must not change while it grows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// The version of the lines.
    pub version: u32,
    /// The device.
    pub device: String,
    /// What computes.
    pub software: String,
    /// Threads.
    pub threads: u32,
    /// Images a batch.
    pub batch: u32,
    /// The frame of the networks.
    pub frame: space::MacroPlan,
}

/// One visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The round, counted from 0.
    pub round: usize,
    /// The name of the target.
    pub target: String,
    /// The time.
    pub ms: f64,
}

/// A log that does not belong to these measurements.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LogError {
    /// Another device, frame or program.
    #[error("it was begun under other conditions ({found}); delete it to begin anew")]
    Foreign {
        /// Its first line.
        found: String,
    },
    /// A line says nothing of this.
    #[error(
        "line {line}: expected a measurement of one of the targets, with its checksum, found `{found}`; delete the file to \
         begin anew"
    )]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// What stands there.
        found: String,
    },
}

impl Log {
    /// The version that is written and read.
    pub const VERSION: u32 = 2;

    /// The first line, with its line break.
    pub fn line(&self) -> String {
        line(self)
    }

    /// The visits that a log of these conditions holds, and the length of the text up to the end of the last whole line: a
    /// kill may have torn the line after it.
    pub fn read(&self, text: &str, targets: &[Target]) -> Result<(Vec<Entry>, usize), LogError> {
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let mut lines = text[..whole].lines();
        let Some(first) = lines.next() else { return Ok((Vec::new(), 0)) };
        if value::<Self>(first).as_ref() != Some(self) {
            return Err(LogError::Foreign { found: first.to_owned() });
        }
        let names: Vec<String> = targets.iter().map(Target::name).collect();
        let mut entries = Vec::new();
        for (index, text) in lines.enumerate() {
            let entry = value::<Entry>(text);
            let known = |entry: &Entry| names.contains(&entry.target) && entry.ms >= 0.0;
            let Some(entry) = entry.filter(known) else {
                return Err(LogError::Line { line: index + 2, found: text.to_owned() });
            };
            entries.push(entry);
        }
        Ok((entries, whole))
    }
}

impl Entry {
    /// The line, with its line break.
    pub fn line(&self) -> String {
        line(self)
    }

    /// The times of each target.
    pub fn times(entries: &[Self]) -> BTreeMap<String, Vec<f64>> {
        let mut times: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for entry in entries {
            times.entry(entry.target.clone()).or_default().push(entry.ms);
        }
        times
    }
}

/// A line: JSON, a space, and sixteen digits of the SHA-256 of the JSON.
fn line(value: &impl Serialize) -> String {
    match serde_json::to_string(value) {
        Ok(text) => format!("{text} {}\n", sum(&text)),
        Err(error) => unreachable!("text and finite numbers are no JSON: {error}"),
    }
}

/// What a line holds, if it is as it was written.
fn value<T: DeserializeOwned>(line: &str) -> Option<T> {
    let (text, stored) = line.rsplit_once(' ')?;
    if stored == sum(text) { serde_json::from_str(text).ok() } else { None }
}

fn sum(text: &str) -> String {
    let digest = <[u8; 32]>::from(Sha256::digest(text));
    let first = digest.first_chunk().copied().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(first))
}

#[cfg(test)]
mod tests {
    use super::super::Scope;
    use super::*;
    use space::{MacroPlan, Primitive};

    fn log() -> Log {
        Log {
            version: Log::VERSION,
            device: "a \"quoted\"\ndevice".to_owned(),
            software: "cars".to_owned(),
            threads: 1,
            batch: 1,
            frame: MacroPlan::custom(4, 3),
        }
    }

    #[test]
    fn a_torn_line_is_left_out_and_the_rest_read() {
        let scope = Scope { frame: MacroPlan::custom(4, 3), primitives: Primitive::DARTS.to_vec() };
        let targets = scope.targets().unwrap();
        let entries: Vec<Entry> =
            targets[..3].iter().map(|target| Entry { round: 0, target: target.name(), ms: 0.125 }).collect();
        let text: String = std::iter::once(log().line()).chain(entries.iter().map(Entry::line)).collect();
        for end in (0..=text.len()).filter(|&end| text.is_char_boundary(end)) {
            let (read, whole) = log().read(&text[..end], &targets).unwrap();
            assert_eq!(read, entries[..read.len()]);
            assert!(whole <= end && (whole == 0 || text[..whole].ends_with('\n')));
        }
        assert_eq!(Entry::times(&entries)[&targets[0].name()], [0.125]);
        let other = Log { batch: 2, ..log() };
        assert!(matches!(other.read(&text, &targets), Err(LogError::Foreign { .. })));
        let negative = Entry { ms: -1.0, ..entries[0].clone() };
        let wrong = log().line() + &negative.line();
        assert!(matches!(log().read(&wrong, &targets), Err(LogError::Line { line: 2, .. })));
        let changed = text.replacen("0.125", "0.126", 1);
        assert!(matches!(log().read(&changed, &targets), Err(LogError::Line { line: 2, .. })));
    }
}
