//! Where the time of a run goes: training (with the reading and augmenting of images), evaluation, selection, and saving.
//! Reads no clock; the time comes with each event.

use std::fmt;
use std::time::Duration;

use super::forecast::TimeLeft;
use crate::event::Event;

/// Time by kind of work, since the run began or went on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    training: Duration,
    evaluation: Duration,
    selection: Duration,
    saving: Duration,
    last: Option<Duration>,
}

impl Spent {
    /// Takes note of an event that comes at this time since some fixed moment: what it tells of took the time since the
    /// event before.
    pub fn event(&mut self, event: &Event, now: Duration) {
        let since = self.last.replace(now).map_or(Duration::ZERO, |last| now.saturating_sub(last));
        match event {
            Event::Step(_) => self.training += since,
            Event::Evaluating(_) => self.evaluation += since,
            Event::Generation(_) => self.selection += since,
            Event::Checkpoint { .. } => self.saving += since,
            _ => {}
        }
    }

    /// Training, with the reading and varying of images.
    pub fn training(&self) -> Duration {
        self.training
    }

    /// Scoring of architectures.
    pub fn evaluation(&self) -> Duration {
        self.evaluation
    }
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("training", self.training),
            ("evaluation", self.evaluation),
            ("selection", self.selection),
            ("saving", self.saving),
        ];
        let all: Duration = parts.iter().map(|(_, time)| *time).sum();
        for (position, (name, time)) in parts.into_iter().enumerate() {
            let share = 100.0 * time.as_secs_f64() / all.as_secs_f64().max(f64::MIN_POSITIVE);
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{name} {} ({share:.0} %)", TimeLeft(time))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
