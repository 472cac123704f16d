//! Settings of any kind of run in layers: defaults, overlaid by a TOML file, overlaid by `key=value` pairs of the command line. Each setting is put in place
//! one by one, so that a fault names its key and line. Ranges are checked elsewhere; files are read elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::{Config, ConfigError, Origin};

/// The text of a file and the name to give it in messages.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    /// The name.
    pub name: &'a str,
    /// The contents.
    pub text: &'a str,
}

/// Where each setting that is not a default was written, by its full key.
pub type Origins = BTreeMap<String, Origin>;

/// The settings of one kind of run, as written by a person: sections of keys, each with a default.
pub trait Settings: Clone + Default + Serialize + DeserializeOwned {
    /// The same, checked.
    type Checked: Checked<Raw = Self>;

    /// Keys that have no default, with an example of their type.
    const OPTIONAL: &'static [(&'static str, &'static str)];

    /// Checks every setting and names the first that cannot be.
    fn check(self) -> Result<Self::Checked, ConfigError>;

    /// The folder of the images.
    fn data_dir(&mut self) -> &mut Option<PathBuf>;
}

/// Settings that hold: what a run directory stores.
pub trait Checked: Clone {
    /// The settings as written.
    type Raw: Settings<Checked = Self>;

    /// The settings as written.
    fn raw(&self) -> &Self::Raw;

    /// A latency table, of which the run directory keeps a copy.
    fn latency_table(&self) -> Option<&Path> {
        None
    }

    /// All of them as TOML; reading it back gives the same.
    fn to_toml(&self) -> String {
        match toml::to_string(self.raw()) {
            Ok(text) => text,
            Err(error) => unreachable!("checked settings are no TOML: {error}"),
        }
    }
}

/// The settings of a search put together from their layers.
pub type Layered = Layers<Config>;

/// Settings put together from their layers.
#[derive(Debug, Clone, PartialEq)]
pub struct Layers<S> {
    /// The settings, not yet checked.
    pub config: S,
    /// Where they were written.
    pub origins: Origins,
}

impl<S: Settings> Layers<S> {
    /// Overlays the defaults with the file, then with the overrides in their order. An override's value is TOML; text
    /// needs no quotes, and a list may be written `a,b`.
    pub fn new(file: Option<Text<'_>>, overrides: &[(String, String)]) -> Result<Self, ConfigError> {
        let mut overlay = Overlay::<S>::new();
        if let Some(file) = file {
            overlay.file(file)?;
        }
        for (key, value) in overrides {
            overlay.set(key.trim(), value.trim())?;
        }
        Ok(Self { config: overlay.config, origins: overlay.origins })
    }

    /// Checks every setting; an error names the place where its key was written.
    pub fn check(self) -> Result<S::Checked, ConfigError> {
        self.config.check().map_err(|error| error.located(&self.origins))
    }
}

/// Settings as TOML, with the origin of each that is not a default as a comment.
pub fn annotated(settings: &impl Checked, origins: &Origins) -> String {
    let mut section = String::new();
    let mut annotated = String::new();
    for line in settings.to_toml().lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = format!("{name}.");
        }
        let origin = line.split_once(" = ").and_then(|(key, _)| origins.get(&format!("{section}{key}")));
        // Writing to a string cannot fail.
        let _ = match origin {
            Some(origin) => writeln!(annotated, "{line}  # {origin}"),
            None => writeln!(annotated, "{line}"),
        };
    }
    annotated
}

struct Overlay<S> {
    /// The default of each key: its type is the type of the key.
    defaults: BTreeMap<String, Value>,
    table: Table,
    config: S,
    origins: Origins,
}

impl<S: Settings> Overlay<S> {
    fn new() -> Self {
        let config = S::default();
        let table = match Table::try_from(&config) {
            Ok(table) => table,
            Err(error) => unreachable!("the default settings are no TOML: {error}"),
        };
        let mut defaults = BTreeMap::new();
        collect("", &table, &mut defaults);
        defaults.extend(S::OPTIONAL.iter().map(|&(key, example)| (key.to_owned(), Value::from(example))));
        Self { defaults, table, config, origins: Origins::new() }
    }

    fn file(&mut self, file: Text<'_>) -> Result<(), ConfigError> {
        let syntax = |error: toml::de::Error| {
            let (line, column) = position(file.text, error.span().map_or(0, |span| span.start));
            ConfigError::Syntax { file: file.name.to_owned(), line, column, message: error.message().into() }
        };
        let places = DeTable::parse(file.text).map_err(syntax)?;
        let values: Table = toml::from_str(file.text).map_err(syntax)?;
        self.section(file, "", places.get_ref(), &values)
    }

    fn section(
        &mut self,
        file: Text<'_>,
        prefix: &str,
        places: &DeTable<'_>,
        values: &Table,
    ) -> Result<(), ConfigError> {
        // In the order of the file, so that the first fault is the first one a reader meets.
        let mut entries: Vec<_> = places.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (name, place) in entries {
            let key = format!("{prefix}{}", name.get_ref());
            let line = position(file.text, name.span().start).0;
            let origin = Origin::File { name: file.name.to_owned(), line };
            let value = &values[name.get_ref().as_ref()];
            match (place.get_ref(), value) {
                (DeValue::Table(places), Value::Table(values)) if self.is_section(&key) => {
                    self.section(file, &format!("{key}."), places, values)?;
                }
                _ => self.assign(&key, value.clone(), origin)?,
            }
        }
        Ok(())
    }

    fn set(&mut self, key: &str, text: &str) -> Result<(), ConfigError> {
        let parsed = || format!("value = {text}").parse::<Table>().ok()?.remove("value");
        let plain = || Value::from(text);
        let value = match self.defaults.get(key) {
            Some(Value::String(_)) => parsed().filter(Value::is_str).unwrap_or_else(plain),
            Some(Value::Array(_)) => parsed().filter(Value::is_array).unwrap_or_else(|| {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                items.map(Value::from).collect::<Vec<_>>().into()
            }),
            _ => parsed().unwrap_or_else(plain),
        };
        self.assign(key, value, Origin::CommandLine)
    }

    fn assign(&mut self, key: &str, value: Value, origin: Origin) -> Result<(), ConfigError> {
        let invalid = |reason: String| ConfigError::Invalid {
            key: key.to_owned(),
            got: shown(&value),
            reason,
            origin: Some(origin.clone()),
        };
        let Some(default) = self.defaults.get(key) else {
            if self.is_section(key) {
                return Err(invalid(format!("expected a section, written [{key}] on a line of its own")));
            }
            return Err(ConfigError::UnknownKey {
                key: key.to_owned(),
                origin,
                suggestion: self.closest(key),
            });
        };
        let value = match (default, &value) {
            (Value::Float(_), Value::Integer(whole)) => Value::Float(*whole as f64),
            (Value::Integer(_), Value::Integer(whole)) if *whole < 0 => {
                return Err(invalid("expected 0 or more".to_owned()));
            }
            _ if default.same_type(&value) => value,
            _ => return Err(invalid(format!("expected {}", kind(default)))),
        };

        let shown = shown(&value);
        place(&mut self.table, key, value);
        self.config = self.table.clone().try_into().map_err(|error: toml::de::Error| {
            // What serde says begins with what it found, which the message already shows.
            let message = error.message();
            let reason = message.find("expected ").map_or(message, |at| &message[at..]);
            ConfigError::Invalid {
                key: key.to_owned(),
                got: shown,
                reason: reason.to_owned(),
                origin: Some(origin.clone()),
            }
        })?;
        self.origins.insert(key.to_owned(), origin);
        Ok(())
    }

    fn is_section(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(Value::is_table)
    }

    /// The key that resembles this one, by its full path or by its last part; or the section, for a section.
    fn closest(&self, key: &str) -> Option<String> {
        let likeness = strsim::normalized_damerau_levenshtein;
        let (section, last) = key.rsplit_once('.').unwrap_or(("", key));
        let sections = self.table.iter().filter(|(_, value)| section.is_empty() && value.is_table());
        self.defaults
            .keys()
            .chain(sections.map(|(name, _)| name))
            .map(|known| {
                let (home, name) = known.rsplit_once('.').unwrap_or(("", known));
                // A key of the same section is meant more often than its namesake elsewhere.
                let part = if home == section { 1.0 } else { 0.95 } * likeness(last, name);
                (if home == section { part } else { part.max(likeness(key, known)) }, known)
            })
            .filter(|(likeness, _)| *likeness > 0.6)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, known)| known.clone())
    }
}

fn collect(prefix: &str, table: &Table, into: &mut BTreeMap<String, Value>) {
    for (name, value) in table {
        match value {
            Value::Table(section) => collect(&format!("{prefix}{name}."), section, into),
            value => {
                into.insert(format!("{prefix}{name}"), value.clone());
            }
        }
    }
}

/// Puts a value at a known key of one or two parts.
fn place(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        Some((section, name)) => {
            if let Some(Value::Table(section)) = table.get_mut(section) {
                section.insert(name.to_owned(), value);
            }
        }
        None => {
            table.insert(key.to_owned(), value);
        }
    }
}

fn kind(example: &Value) -> &'static str {
    match example {
        Value::String(_) => "text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section",
        Value::Datetime(_) => "a date",
    }
}

/// A value as TOML writes it, on one line.
fn shown(value: &Value) -> String {
    match value {
        Value::Table(_) => "a section".to_owned(),
        other => other.to_string(),
    }
}

/// Line and column, from 1, of a byte offset.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}
