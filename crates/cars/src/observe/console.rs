//! Progress for a person: a bar on a terminal, and plain lines now and then anywhere else, both on standard error. Colours
//! follow the terminal and NO_COLOR. The front itself is a result and is not printed here.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use super::{Forecast, Observer, Spent, Supply, note};
use crate::clock::Clock;
use crate::event::{Event, Generation, Measured, Phase, Work};

/// Shows progress on standard error.
#[derive(Debug)]
pub struct Console {
    clock: Clock,
    forecast: Forecast,
    spent: Spent,
    /// None when standard error is no terminal.
    bar: Option<ProgressBar>,
    /// When the last plain line was written.
    line: Duration,
    /// What the run is at: the phase and the place in it.
    at: String,
    work: Option<Work>,
    loss: Option<f64>,
    front: Option<(f64, usize)>,
}

/// The least time between two plain lines that only say the run is alive.
const QUIET: Duration = Duration::from_secs(15);

/// Steps of the bar.
const LENGTH: u64 = 10_000;

impl Console {
    /// Shows a bar if standard error is a terminal, and lines otherwise.
    pub fn new() -> Self {
        let target = ProgressDrawTarget::stderr_with_hz(8);
        let bar = (!target.is_hidden()).then(|| {
            // However the run ends, what comes after it starts on a clean line.
            let bar =
                ProgressBar::with_draw_target(Some(LENGTH), target).with_finish(ProgressFinish::AndClear);
            bar.set_style(style());
            bar
        });
        Self {
            clock: Clock::start(),
            forecast: Forecast::default(),
            spent: Spent::default(),
            bar,
            line: Duration::ZERO,
            at: String::new(),
            work: None,
            loss: None,
            front: None,
        }
    }

    /// A line that stays: above the bar, if there is one.
    fn say(&mut self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| note(text)),
            None => note(text),
        }
        self.line = self.clock.elapsed();
    }

    /// The phase and the epoch in it, as the bar shows them.
    fn place(&self, phase: Phase, epoch: usize) -> String {
        let epochs = self.work.map_or((0, 0), |work| (work.warm_up_epochs, work.epochs));
        match phase {
            Phase::WarmUp => format!("warm-up {epoch}/{}", epochs.0),
            Phase::Evolution | Phase::Training => format!("epoch {epoch}/{}", epochs.1),
        }
    }

    /// A line with the share done, only when there is no bar to show it.
    fn say_plainly(&mut self, text: &str) {
        if self.bar.is_none() {
            let left = self.left().map_or_else(String::new, |left| format!(", {left}"));
            self.say(&format!("[{:3.0} %] {text}{left}", 100.0 * self.forecast.share()));
        }
    }

    /// The same, if nothing has been said for a while.
    fn say_alive(&mut self, text: impl FnOnce() -> String) {
        if self.bar.is_none() && self.clock.elapsed().saturating_sub(self.line) >= QUIET {
            self.say_plainly(&text());
        }
    }

    fn left(&self) -> Option<String> {
        self.forecast.left().map(|left| format!("{left} left"))
    }

    fn redraw(&self) {
        let Some(bar) = &self.bar else { return };
        // What matters most comes first: a narrow terminal cuts the rest.
        let mut parts = Vec::new();
        parts.extend(self.left());
        parts.extend(self.front.map(|(best, size)| format!("best {:.1} % · front {size}", 100.0 * best)));
        parts.extend(self.loss.map(|loss| format!("loss {loss:.3}")));
        bar.set_prefix(self.at.clone());
        bar.set_message(parts.join(" · "));
        bar.set_position((self.forecast.share() * LENGTH as f64) as u64);
    }
}

impl Default for Console {
    fn default() -> Self {
        Self::new()
    }
}

impl Observer for Console {
    fn supply(&mut self, supply: Supply) {
        self.spent.supply(supply, self.clock.elapsed());
    }

    fn event(&mut self, event: &Event) {
        let now = self.clock.elapsed();
        self.forecast.event(event, now);
        self.spent.event(event, now);
        match event {
            Event::Started(started) => {
                let work = &started.work;
                self.work = Some(*work);
                self.say(&format!(
                    "{}: {}; {} epochs ({} of warm-up), {} generations, seed {}",
                    started.name,
                    started.images(),
                    work.epochs,
                    work.warm_up_epochs,
                    work.generations,
                    started.seed
                ));
            }
            Event::TrainingStarted(started) => {
                self.work = Some(started.work);
                self.say(&format!(
                    "{}: a network of {} parameters; {} images of {}; {} epochs, seed {}",
                    started.name,
                    started.parameters,
                    started.train_images,
                    started.set(),
                    started.work.epochs,
                    started.seed
                ));
            }
            Event::Device { name } => self.say(&format!("device: {name}")),
            Event::Resumed(resumed) => {
                self.work = Some(resumed.work);
                let from = resumed.from.as_deref().unwrap_or("the beginning");
                let place = match resumed.work.generations {
                    0 => format!("epoch {}", resumed.epoch),
                    _ => format!("epoch {}, generation {}", resumed.epoch, resumed.generation),
                };
                self.say(&format!("resumed from {from} ({place} done)"));
            }
            Event::Step(step) => {
                self.at = self.place(step.phase, step.epoch);
                self.loss = Some(step.loss);
                self.say_alive(|| {
                    format!(
                        "epoch {}, step {} of {}: loss {:.3}",
                        step.epoch, step.step, step.steps, step.loss
                    )
                });
            }
            Event::Epoch(epoch) => {
                self.loss = Some(epoch.loss);
                self.say_alive(|| {
                    format!(
                        "epoch {}/{}: loss {:.3}, training accuracy {:.1} %",
                        epoch.epoch,
                        epoch.epochs,
                        epoch.loss,
                        100.0 * epoch.accuracy
                    )
                });
            }
            Event::Evaluating(evaluating) => {
                self.at = format!("evaluating {}/{}", evaluating.done, evaluating.total);
                self.say_alive(|| format!("evaluated {} of {}", evaluating.done, evaluating.total));
            }
            Event::Generation(generation) => {
                let best = best(generation);
                self.front = Some((best, generation.front.len()));
                let text = describe(generation, best);
                if self.bar.is_some() { self.say(&text) } else { self.say_plainly(&text) }
            }
            Event::Measured(measured) => self.say(&measured_text(measured)),
            Event::Warning { message } => self.say(&format!("warning: {message}")),
            Event::RolledBack(back) => self.say(&format!(
                "warning: {} (epoch {}); going on from the last snapshot with {} times the learning rate",
                back.reason, back.epoch, back.learning_rate_factor
            )),
            Event::Interrupted => {
                self.bar = None;
                self.say("interrupted: the state of the run is saved");
            }
            Event::Finished(_) | Event::Trained(_) => {
                self.bar = None;
                self.say(&format!("time went to {}", self.spent));
            }
            Event::Checkpoint { .. } => {}
        }
        self.redraw();
    }
}

fn best(generation: &Generation) -> f64 {
    let members = generation.front.iter().filter_map(|&index| generation.individuals.get(index));
    members.map(|member| member.accuracy).fold(0.0, f64::max)
}

fn describe(generation: &Generation, best: f64) -> String {
    format!(
        "generation {}/{}: best accuracy {:.1} %, front of {}, hypervolume {:.4}",
        generation.generation,
        generation.generations,
        100.0 * best,
        generation.front.len(),
        generation.hypervolume
    )
}

fn measured_text(measured: &Measured) -> String {
    let order = measured.kendall.map_or_else(
        || "too few to compare their order".to_owned(),
        |kendall| format!("predicted and measured order: Kendall {kendall:.2}"),
    );
    format!("timed the {} networks of the front: {order}", measured.networks.len())
}

fn style() -> ProgressStyle {
    let template = "{prefix:16} {bar:18.cyan/black.bright} {percent:>3} %  {wide_msg}";
    match ProgressStyle::with_template(template) {
        Ok(style) => style.progress_chars("━╸─"),
        Err(error) => unreachable!("the template of the bar: {error}"),
    }
}
