//! Where the time of a run goes: training, waiting for its images, evaluation, selection, and saving. Reads no clock; the time
//! comes with each event.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Supply;
use super::forecast::TimeLeft;
use crate::event::Event;

/// Time by kind of work, since the run began or went on. As text a JSON object of seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "BTreeMap<String, f64>", from = "BTreeMap<String, f64>")]
pub struct Spent {
    training: Duration,
    data: Duration,
    evaluation: Duration,
    selection: Duration,
    saving: Duration,
    last: Option<Duration>,
}

impl Spent {
    /// Takes note of an event that comes at this time since some fixed moment: what it tells of took the time since the
    /// event before.
    pub fn event(&mut self, event: &Event, now: Duration) {
        let since = self.since_last(now);
        match event {
            Event::Step(_) => self.training += since,
            Event::Evaluating(_) => self.evaluation += since,
            Event::Generation(_) => self.selection += since,
            Event::Checkpoint { .. } => self.saving += since,
            _ => {}
        }
    }

    /// Takes note that training begins or ceases to wait for images.
    pub fn supply(&mut self, supply: Supply, now: Duration) {
        let since = self.since_last(now);
        match supply {
            Supply::Awaited => self.training += since,
            Supply::Arrived => self.data += since,
        }
    }

    fn since_last(&mut self, now: Duration) -> Duration {
        self.last.replace(now).map_or(Duration::ZERO, |last| now.saturating_sub(last))
    }

    /// Training, with the waiting for its images.
    pub fn training(&self) -> Duration {
        self.training + self.data
    }

    /// Scoring of architectures.
    pub fn evaluation(&self) -> Duration {
        self.evaluation
    }

    /// Each kind of work with its time and its share of all.
    pub fn parts(&self) -> [(&'static str, Duration, f64); 5] {
        let parts = [
            ("training", self.training),
            ("data", self.data),
            ("evaluation", self.evaluation),
            ("selection", self.selection),
            ("saving", self.saving),
        ];
        let all: Duration = parts.iter().map(|(_, time)| *time).sum();
        parts.map(|(name, time)| (name, time, time.as_secs_f64() / all.as_secs_f64().max(f64::MIN_POSITIVE)))
    }
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (name, time, share)) in self.parts().into_iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{name} {} ({:.0} %)", TimeLeft(time), 100.0 * share)?;
        }
        Ok(())
    }
}

impl From<Spent> for BTreeMap<String, f64> {
    fn from(spent: Spent) -> Self {
        spent.parts().into_iter().map(|(name, time, _)| (name.to_owned(), time.as_secs_f64())).collect()
    }
}

/// What is no time is taken for none.
impl From<BTreeMap<String, f64>> for Spent {
    fn from(seconds: BTreeMap<String, f64>) -> Self {
        let time = |name| {
            let seconds = seconds.get(name).copied().unwrap_or_default();
            Duration::try_from_secs_f64(seconds).unwrap_or_default()
        };
        Self {
            training: time("training"),
            data: time("data"),
            evaluation: time("evaluation"),
            selection: time("selection"),
            saving: time("saving"),
            last: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Phase, Step};

    #[test]
    fn an_event_tells_what_the_time_before_it_went_to() {
        let mut spent = Spent::default();
        let saved = Event::Checkpoint { file: "checkpoint".to_owned() };
        spent.event(&saved, Duration::from_secs(100));
        spent.event(&saved, Duration::from_secs(103));
        spent.event(&Event::Interrupted, Duration::from_secs(110));
        assert_eq!(
            spent.saving,
            Duration::from_secs(3),
            "nothing is known of the time before the first event"
        );
        assert!(spent.to_string().ends_with("saving 3 s (100 %)"), "{spent}");
    }

    #[test]
    fn waiting_for_images_is_told_apart_from_training() {
        let mut spent = Spent::default();
        let at = Duration::from_secs;
        // A step of two paths, each with a batch of its own.
        for (supply, now) in
            [(Supply::Awaited, 0), (Supply::Arrived, 2), (Supply::Awaited, 7), (Supply::Arrived, 8)]
        {
            spent.supply(supply, at(now));
        }
        let step = Step { phase: Phase::Training, epoch: 1, step: 1, steps: 2, loss: 1.0 };
        spent.event(&Event::Step(step), at(14));
        assert_eq!((spent.training, spent.data), (at(11), at(3)));
        assert!(spent.to_string().starts_with("training 11 s (79 %), data 3 s (21 %)"), "{spent}");
    }

    #[test]
    fn times_come_back_from_their_text() {
        let mut spent = Spent::default();
        let saved = Event::Checkpoint { file: "checkpoint".to_owned() };
        spent.event(&saved, Duration::ZERO);
        spent.event(&saved, Duration::from_millis(2500));
        let text = serde_json::to_string(&spent).unwrap();
        assert_eq!(text, r#"{"data":0.0,"evaluation":0.0,"saving":2.5,"selection":0.0,"training":0.0}"#);
        let back: Spent = serde_json::from_str(&text).unwrap();
        assert_eq!(back, Spent { last: None, ..spent });
        let odd: Spent = serde_json::from_str(r#"{"training":-1.0,"tea":3.0}"#).unwrap();
        assert_eq!(odd, Spent::default());
    }
}
