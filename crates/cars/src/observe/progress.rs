//! How far a plain list of things has come: a bar with the time left on a terminal, a line now and then anywhere else, both
//! on standard error.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use super::note;
use crate::clock::Clock;

/// Shows progress until it is dropped.
#[derive(Debug)]
pub struct Progress {
    what: &'static str,
    total: u64,
    done: u64,
    /// Done before this process began.
    before: u64,
    clock: Clock,
    line: Duration,
    /// None when standard error is no terminal.
    bar: Option<ProgressBar>,
}

/// The least time between two plain lines.
const QUIET: Duration = Duration::from_secs(15);

impl Progress {
    /// Of `total` things called `what`, `done` are done already.
    pub fn new(what: &'static str, total: usize, done: usize) -> Self {
        let (total, done) = (total as u64, done as u64);
        let target = ProgressDrawTarget::stderr_with_hz(8);
        let bar = (!target.is_hidden()).then(|| {
            let bar =
                ProgressBar::with_draw_target(Some(total), target).with_finish(ProgressFinish::AndClear);
            bar.set_style(style());
            bar.set_prefix(what);
            bar
        });
        Self { what, total, done, before: done, clock: Clock::start(), line: Duration::ZERO, bar }
    }

    /// One more is done.
    pub fn step(&mut self) {
        self.done += 1;
        let elapsed = self.clock.elapsed();
        let each = elapsed.as_secs_f64() / (self.done - self.before) as f64;
        let left = (each * (self.total - self.done) as f64).ceil();
        match &self.bar {
            Some(bar) => {
                bar.set_position(self.done);
                bar.set_message(format!("{left} s left"));
            }
            None if elapsed.saturating_sub(self.line) >= QUIET => {
                self.line = elapsed;
                note(&format!("{} {} of {}, about {left} s left", self.what, self.done, self.total));
            }
            None => {}
        }
    }
}

fn style() -> ProgressStyle {
    match ProgressStyle::with_template("{prefix:16} {bar:18.cyan/black.bright} {percent:>3} %  {wide_msg}") {
        Ok(style) => style.progress_chars("━╸─"),
        Err(error) => unreachable!("the template of the bar: {error}"),
    }
}
