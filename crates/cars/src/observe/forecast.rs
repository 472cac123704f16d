//! How far a run is and how long it will take: the work that is left, weighed by measured times of warm-up steps,
//! training steps and evaluations. Reads no clock; the time comes with each event.

use std::fmt;
use std::time::Duration;

use crate::event::{Event, Phase, Work};

/// Counts what is done and measures how long it takes.
#[derive(Debug, Clone, Default)]
pub struct Forecast {
    work: Option<Work>,
    steps: usize,
    evaluations: usize,
    warm_up: Pace,
    training: Pace,
    evaluation: Pace,
    last: Option<Duration>,
    share: f64,
}

/// Time left, as text for people: two units at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLeft(pub Duration);

/// The seconds a piece of work takes, as a running mean.
#[derive(Debug, Clone, Copy, Default)]
struct Pace {
    mean: f64,
    pieces: f64,
}

/// Pieces after which old ones are forgotten: paths differ in cost, so the mean must reach over many of them, but the
/// population drifts.
const MEMORY: f64 = 400.0;

/// Steps after which a forecast is worth showing.
const ENOUGH: f64 = 5.0;

/// The time of an image's way forward through a network, as a share of a training step on it. Stands in until
/// evaluations have been measured.
const FORWARD: f64 = 0.35;

/// How many measured evaluations outweigh that guess.
const DOUBT: f64 = 3.0;

impl Forecast {
    /// Takes note of an event that comes at this time since some fixed moment.
    pub fn event(&mut self, event: &Event, now: Duration) {
        let since = self.last.replace(now).map(|last| now.saturating_sub(last).as_secs_f64());
        match event {
            Event::Started(started) => self.work = Some(started.work),
            Event::TrainingStarted(started) => self.work = Some(started.work),
            Event::Resumed(resumed) => {
                self.work = Some(resumed.work);
                self.steps = resumed.epoch * resumed.work.steps_per_epoch + resumed.step;
                self.evaluations = resumed.generation * resumed.work.evaluations_per_generation;
            }
            Event::Step(step) => {
                if let Some(work) = self.work {
                    self.steps = (step.epoch - 1) * work.steps_per_epoch + step.step;
                }
                let pace = match step.phase {
                    Phase::WarmUp => &mut self.warm_up,
                    Phase::Evolution | Phase::Training => &mut self.training,
                };
                pace.measure(since, 1);
            }
            Event::Evaluating(evaluating) => {
                let per_generation = self.work.map_or(1, |work| work.evaluations_per_generation.max(1));
                let before = self.evaluations / per_generation * per_generation;
                let now_done = before + evaluating.done;
                self.evaluation.measure(since, now_done.saturating_sub(self.evaluations));
                // The last of a generation already counts as the whole of it.
                self.evaluations = now_done;
            }
            Event::Generation(generation) => {
                if let Some(work) = self.work {
                    self.evaluations = generation.generation * work.evaluations_per_generation;
                }
            }
            _ => {}
        }
        if let Some((done, left)) = self.seconds()
            && done + left > 0.0
        {
            // A bar that goes back tells less than one that waits.
            self.share = self.share.max(done / (done + left));
        }
    }

    /// The share of the work that is done, 0 to 1; it never falls.
    pub fn share(&self) -> f64 {
        self.share
    }

    /// The time left, once enough has been measured: the first steps also pay for memory and caches.
    pub fn left(&self) -> Option<TimeLeft> {
        if self.warm_up.pieces + self.training.pieces < ENOUGH {
            return None;
        }
        let (_, left) = self.seconds()?;
        Some(TimeLeft(Duration::try_from_secs_f64(left).ok()?))
    }

    /// The seconds that the work done and the work left take at the measured paces.
    fn seconds(&self) -> Option<(f64, f64)> {
        let work = self.work?;
        let step = self.training.or(self.warm_up)?;
        let warm_up = self.warm_up.or(self.training)?;
        let image = step / work.images_per_step.max(1) as f64;
        let guess = FORWARD * image * work.images_per_evaluation as f64;
        let evaluation = self.evaluation.with_guess(guess);

        let warm_up_steps = work.warm_up_epochs * work.steps_per_epoch;
        let training_steps = work.epochs * work.steps_per_epoch - warm_up_steps;
        let warmed_up = self.steps.min(warm_up_steps);
        let trained = (self.steps - warmed_up).min(training_steps);
        let evaluations = work.generations * work.evaluations_per_generation;
        let evaluated = self.evaluations.min(evaluations);
        let seconds = |warm_up_steps: usize, training_steps: usize, evaluations: usize| {
            warm_up * warm_up_steps as f64 + step * training_steps as f64 + evaluation * evaluations as f64
        };
        Some((
            seconds(warmed_up, trained, evaluated),
            seconds(warm_up_steps - warmed_up, training_steps - trained, evaluations - evaluated),
        ))
    }
}

impl Pace {
    fn measure(&mut self, seconds: Option<f64>, pieces: usize) {
        let Some(seconds) = seconds.filter(|_| pieces > 0) else { return };
        let pieces = pieces as f64;
        self.pieces = (self.pieces + pieces).min(MEMORY);
        self.mean += (seconds / pieces - self.mean) * (pieces / self.pieces).min(1.0);
    }

    fn get(self) -> Option<f64> {
        (self.pieces > 0.0).then_some(self.mean)
    }

    fn with_guess(self, guess: f64) -> f64 {
        (self.mean * self.pieces + guess * DOUBT) / (self.pieces + DOUBT)
    }

    fn or(self, other: Self) -> Option<f64> {
        self.get().or(other.get())
    }
}

impl fmt::Display for TimeLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs_f64().round() as u64;
        match seconds {
            0..60 => write!(f, "{seconds} s"),
            60..3_600 => write!(f, "{} min {:02} s", seconds / 60, seconds % 60),
            3_600..86_400 => write!(f, "{} h {:02} min", seconds / 3_600, seconds / 60 % 60),
            _ => write!(f, "{} d {} h", seconds / 86_400, seconds / 3_600 % 24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Evaluating, Resumed, Step};

    const WORK: Work = Work {
        epochs: 30,
        warm_up_epochs: 10,
        steps_per_epoch: 50,
        images_per_step: 64,
        generations: 10,
        evaluations_per_generation: 64,
        images_per_evaluation: 2500,
    };

    /// A run at these seconds a warm-up step, training step and evaluation; each of them varies by half, since paths
    /// differ. Returns what was forecast as left at each event, with the truth.
    fn run(seconds: [f64; 3]) -> Vec<(f64, Option<f64>, f64)> {
        let mut forecast = Forecast::default();
        let mut now = 0.0;
        let mut told = Vec::new();
        let mut tell = |forecast: &mut Forecast, event: Event, seconds: f64| {
            now += seconds * (0.5 + (told.len() * 7919 % 101) as f64 / 100.0);
            forecast.event(&event, Duration::from_secs_f64(now));
            told.push((now, forecast.left().map(|left| left.0.as_secs_f64()), forecast.share()));
        };
        let resumed = Resumed { from: None, epoch: 0, step: 0, generation: 0, work: WORK };
        tell(&mut forecast, Event::Resumed(resumed), 0.0);
        for epoch in 1..=30 {
            let phase = if epoch <= 10 { Phase::WarmUp } else { Phase::Evolution };
            let pace = if epoch <= 10 { seconds[0] } else { seconds[1] };
            for step in 1..=50 {
                tell(&mut forecast, Event::Step(Step { phase, epoch, step, steps: 50, loss: 1.0 }), pace);
            }
            if epoch > 10 && epoch % 2 == 0 {
                for done in 1..=64 {
                    tell(&mut forecast, Event::Evaluating(Evaluating { done, total: 64 }), seconds[2]);
                }
            }
        }
        let end = told.last().unwrap().0;
        told.into_iter().map(|(now, left, share)| (share, left, end - now)).collect()
    }

    #[test]
    fn after_a_tenth_the_forecast_is_within_a_fifth() {
        // An evaluation of 2500 images forward takes about as long as 14 steps of 64 forward and backward.
        for seconds in [[0.1, 0.1, 1.3], [0.1, 0.11, 1.5], [0.1, 0.09, 1.2]] {
            let told = run(seconds);
            let whole = told[0].2;
            for (share, left, truth) in &told {
                if !(0.02 * whole..=0.9 * whole).contains(truth) {
                    continue;
                }
                let left = left.unwrap();
                assert!(
                    (left - truth).abs() < 0.2 * truth,
                    "{seconds:?} at {share}: {left} s, in truth {truth} s"
                );
            }
        }
    }

    #[test]
    fn the_share_rises_to_one() {
        let told = run([0.1, 0.2, 0.9]);
        assert!(told.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        assert!((told.last().unwrap().0 - 1.0).abs() < 1e-9 && told.last().unwrap().1.unwrap() < 1e-6);
    }

    #[test]
    fn a_resumed_run_counts_what_was_done_before() {
        let mut forecast = Forecast::default();
        let resumed = Resumed { from: None, epoch: 20, step: 25, generation: 5, work: WORK };
        forecast.event(&Event::Resumed(resumed), Duration::ZERO);
        for step in 26..=30 {
            assert_eq!(forecast.left(), None);
            let event = Step { phase: Phase::Evolution, epoch: 21, step, steps: 50, loss: 1.0 };
            forecast.event(&Event::Step(event), Duration::from_millis(100 * (step as u64 - 25)));
        }
        let evaluation = FORWARD * 0.1 / 64.0 * 2500.0;
        let expected = 470.0 * 0.1 + 320.0 * evaluation;
        assert!((forecast.left().unwrap().0.as_secs_f64() - expected).abs() < 1e-6);
        assert!(forecast.share() > 0.5);
    }

    #[test]
    fn times_are_told_in_two_units() {
        let text = |seconds| TimeLeft(Duration::from_secs(seconds)).to_string();
        assert_eq!([0, 59, 61, 3_599].map(text), ["0 s", "59 s", "1 min 01 s", "59 min 59 s"]);
        assert_eq!([3_600, 86_399, 200_000].map(text), ["1 h 00 min", "23 h 59 min", "2 d 7 h"]);
    }
}
