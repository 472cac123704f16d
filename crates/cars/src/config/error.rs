//! What can be wrong with a config, each with the key, what was found and what was expected, and the place it was
//! written at when that is known. Finds nothing wrong itself.

use std::fmt;

use thiserror::Error;

use super::layers::Origins;

/// Where a setting was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In a file.
    File {
        /// The name of the file, as given.
        name: String,
        /// The line, counted from 1.
        line: usize,
    },
    /// On the command line.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { name, line } => write!(f, "{name}:{line}"),
            Self::CommandLine => f.write_str("command line"),
        }
    }
}

/// A config that cannot run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// The file is not TOML.
    #[error("{file}:{line}:{column}: {message}")]
    Syntax {
        /// The name of the file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The column, in characters counted from 1.
        column: usize,
        /// What the reader found.
        message: String,
    },
    /// No setting has this name.
    #[error("{origin}: unknown key `{key}`{}", suggest(suggestion.as_deref()))]
    UnknownKey {
        /// The full path of the key.
        key: String,
        /// Where it was written.
        origin: Origin,
        /// The key it resembles.
        suggestion: Option<String>,
    },
    /// A setting has the wrong type or lies outside its range.
    #[error("{}`{key}` is {got}: {reason}", place(origin.as_ref()))]
    Invalid {
        /// The full path of the key.
        key: String,
        /// What was found.
        got: String,
        /// What is expected instead.
        reason: String,
        /// Where it was written, if anywhere: a default has no place.
        origin: Option<Origin>,
    },
}

impl ConfigError {
    /// An error of range, before its place is known.
    pub(super) fn invalid(key: &str, got: impl fmt::Display, reason: impl Into<String>) -> Self {
        Self::Invalid { key: key.to_owned(), got: got.to_string(), reason: reason.into(), origin: None }
    }

    /// The same error with the place where its key was written.
    #[must_use]
    pub fn located(self, origins: &Origins) -> Self {
        match self {
            Self::Invalid { key, got, reason, origin: None } => {
                let origin = origins.get(&key).cloned();
                Self::Invalid { key, got, reason, origin }
            }
            other => other,
        }
    }
}

fn suggest(suggestion: Option<&str>) -> String {
    match suggestion {
        Some(key) => format!("; did you mean `{key}`?"),
        None => "; `cars config show` lists all keys".to_owned(),
    }
}

fn place(origin: Option<&Origin>) -> String {
    origin.map_or_else(String::new, |origin| format!("{origin}: "))
}
