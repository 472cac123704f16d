//! The only clock of the library: how long something took, for progress and forecasts. No result depends on it.

use std::time::{Duration, Instant};

/// A clock that was started at some moment.
#[derive(Debug, Clone, Copy)]
pub struct Clock(Instant);

impl Clock {
    /// Starts a clock.
    #[allow(clippy::disallowed_methods, reason = "the room of the clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since it was started.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
