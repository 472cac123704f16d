//! Whether a run that was done again came to the same: its journal, event by event, and its front. Times that were measured,
//! and interruptions, are left out. Runs nothing and reads no files.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::event::Event;
use crate::front::Front;

/// The first place where two runs differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: the event by its kind and number, or the front, and the field in it.
    pub place: String,
    /// What the run has there.
    pub stored: String,
    /// What came of it now.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} in the run, {} now", self.place, self.stored, self.found)
    }
}

/// The first difference between the events of two runs; none if they tell the same.
pub fn compare_events(stored: &[Event], found: &[Event]) -> Option<Difference> {
    let [mut stored, mut found] = [stored, found].map(|events| events.iter().filter(|event| counts(event)));
    let mut number = 0;
    loop {
        number += 1;
        let (old, new) = (stored.next(), found.next());
        if old.is_none() && new.is_none() {
            return None;
        }
        let [old, new] = [old, new].map(|event| event.map_or(Value::Null, value));
        let kind = [&old, &new].into_iter().find_map(|value| value["event"].as_str());
        let place = format!("event {number} ({})", kind.unwrap_or_default());
        if let Some(difference) = difference(&place, &old, &new) {
            return Some(difference);
        }
    }
}

/// The first difference between two fronts, but for measured times.
pub fn compare_fronts(stored: &Front, found: &Front) -> Option<Difference> {
    let [stored, found] = [stored, found].map(|front| {
        let mut front = front.clone();
        front.latency_kendall = None;
        for latency in front.members.iter_mut().filter_map(|member| member.latency.as_mut()) {
            (latency.measured_ms, latency.spread_ms) = (None, None);
        }
        value(&front)
    });
    difference("the front", &stored, &found)
}

/// Whether an event tells of what was computed, rather than of how it was gone about.
fn counts(event: &Event) -> bool {
    !matches!(
        event,
        Event::Measured(_)
            | Event::Checkpoint { .. }
            | Event::Resumed(_)
            | Event::Warning { .. }
            | Event::Interrupted
            | Event::Device { .. }
    )
}

fn value(of: &impl Serialize) -> Value {
    match serde_json::to_value(of) {
        Ok(value) => value,
        Err(error) => unreachable!("it was written as JSON before: {error}"),
    }
}

fn difference(place: &str, stored: &Value, found: &Value) -> Option<Difference> {
    match (stored, found) {
        (Value::Object(old), Value::Object(new)) if old.keys().eq(new.keys()) => {
            let mut fields = old.iter().zip(new.values());
            fields.find_map(|((name, old), new)| difference(&format!("{place}, {name}"), old, new))
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            let mut items = old.iter().zip(new).enumerate();
            items.find_map(|(index, (old, new))| difference(&format!("{place}[{index}]"), old, new))
        }
        _ if stored == found => None,
        _ => Some(Difference { place: place.to_owned(), stored: shown(stored), found: shown(found) }),
    }
}

/// A value in a few words.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => return "nothing".to_owned(),
        Value::Array(items) => return format!("{} items", items.len()),
        other => other.to_string(),
    };
    if text.chars().count() <= 80 { text } else { text.chars().take(77).collect::<String>() + "..." }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Epoch, Phase};

    fn epoch(epoch: usize, loss: f64) -> Event {
        Event::Epoch(Epoch {
            phase: Phase::WarmUp,
            epoch,
            epochs: 3,
            learning_rate: 0.1,
            loss,
            accuracy: 0.5,
        })
    }

    #[test]
    fn the_first_difference_is_named() {
        let stored = [epoch(1, 1.5), Event::Interrupted, epoch(2, 1.25)];
        assert_eq!(compare_events(&stored, &[epoch(1, 1.5), epoch(2, 1.25)]), None);
        let said = |found: &[Event]| compare_events(&stored, found).unwrap().to_string();
        assert_eq!(said(&[epoch(1, 1.5), epoch(2, 1.0)]), "event 2 (epoch), loss: 1.25 in the run, 1.0 now");
        assert!(said(&[epoch(1, 1.5)]).ends_with(" in the run, nothing now"), "{}", said(&[epoch(1, 1.5)]));
    }
}
